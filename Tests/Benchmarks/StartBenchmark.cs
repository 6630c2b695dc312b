using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using Wmgwd2.Tests.Namespaces;

namespace Wmgwd2.Benchmarks;

/// <summary>How long a start takes when every interface is up, as a process that was killed leaves them.</summary>
internal static class StartBenchmark
{
    private const int Rounds = 5;
    private const double ReachMs = 500;

    /// <summary>Prints the row.</summary>
    public static void Run(Lab lab, TextWriter output)
    {
        double[] times = [.. Enumerable.Range(0, Rounds).Select(_ => RunRound(lab))];
        double median = Reach.Median(times);
        output.WriteLine(Reach.Row(
            $"start with {lab.Vnis} VNIs, all of them up: all fenced, listening",
            $"{ReachMs} ms",
            string.Create(CultureInfo.InvariantCulture, $"{median:0} ms"),
            median <= ReachMs));
    }

    private static double RunRound(Lab lab)
    {
        uint[] vnis = [.. Enumerable.Range(1, lab.Vnis).Select(vni => (uint)vni)];
        NetworkNamespace.Run(lab.NamespaceOf(1), () => BareLoop.Run(vnis));
        long start = Stopwatch.GetTimestamp();
        using var gateway = new Wmgwd2Gateway(lab, 1, TimeSpan.FromSeconds(1));
        DaemonStatus? status = null;
        if (!Patience.WaitFor(() => (status = gateway.TryStatus()) != null, TimeSpan.FromSeconds(30)))
        {
            throw new TimeoutException($"the daemon doesn't answer:\n{gateway.Process.LogTail}");
        }

        double took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return status!.State == "listening" && status.Vnis.All(vni => vni.Protodown && !vni.Operational)
            ? took
            : throw new InvalidOperationException($"not fenced, or not listening: {status}");
    }
}
