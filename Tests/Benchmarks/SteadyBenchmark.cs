using System;
using System.IO;
using System.Linq;
using System.Threading;
using static System.FormattableString;

namespace Wmgwd2.Benchmarks;

/// <summary>What gateways cost that have nothing to do but to serve.</summary>
internal static class SteadyBenchmark
{
    /// <summary>What repeats of announcements cost belongs to the take-over.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);

    /// <summary>A whole round of comparing everything, which is spread over that time.</summary>
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Counted = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Prints the rows of one interval.</summary>
    /// <param name="lab">All its gateways take part.</param>
    /// <param name="interval">The advertisement interval.</param>
    /// <param name="reachPercent">How much of a core a gateway may take.</param>
    /// <param name="output">Where the rows go.</param>
    public static void Run(Lab lab, TimeSpan interval, double reachPercent, TextWriter output)
    {
        Wmgwd2Gateway[] gateways = [.. Enumerable.Range(1, lab.Gateways).Select(gateway => new Wmgwd2Gateway(lab, gateway, interval))];
        try
        {
            Array.ForEach(gateways, gateway => gateway.WaitUntilServing(lab.Gateways - 1, Limit));
            Thread.Sleep(Settling);
            ProcessCost[] before = [.. gateways.Select(gateway => gateway.Process.Cost)];
            Thread.Sleep(Measured);
            double percent = Reach.Median([.. gateways.Select((gateway, at) => 100 * gateway.Process.Cost.CoresSince(before[at]))]);
            double rate = MeasureDatagrams(lab);
            double expected = lab.Gateways / interval.TotalSeconds;
            string steady = $"steady state, {lab.Vnis} VNIs, {lab.Gateways} gateways, interval {interval.TotalMilliseconds} ms";
            output.WriteLine(Reach.Row(
                $"{steady}: CPU of a gateway", Invariant($"{reachPercent} % of a core"), Invariant($"{percent:0.00} %"), percent <= reachPercent));
            output.WriteLine(Reach.Row(
                $"{steady}: datagrams a second on the wire", Invariant($"{expected:0.#}"), Invariant($"{rate:0.0}"), rate <= expected * 1.02));
        }
        finally
        {
            Array.ForEach(gateways, gateway => gateway.Dispose());
        }
    }

    // Not while the processor time is measured: a capture costs whoever sends.
    private static double MeasureDatagrams(Lab lab)
    {
        using var wire = new DatagramCapture(lab.NamespaceOf("fab"), "fabric", ControlTraffic.IsCluster);
        long before = wire.Count;
        Thread.Sleep(Counted);
        return (wire.Count - before) / Counted.TotalSeconds;
    }

    /// <summary>Prints the rows of a gateway that serves all VNIs of a lab alone: memory, and how long a status takes.</summary>
    public static void RunAlone(Lab lab, double reachMb, TextWriter output)
    {
        using var gateway = new Wmgwd2Gateway(lab, 1, TimeSpan.FromSeconds(1));
        gateway.WaitUntilServing(0, Limit);
        Thread.Sleep(Settling);
        double[] statusMs = [.. Enumerable.Range(0, 20).Select(_ => gateway.TimeStatus().TotalMilliseconds)];
        double megabytes = gateway.Process.Cost.ResidentBytes / 1e6;
        output.WriteLine(Reach.Row(
            $"resident memory with {lab.Vnis} VNIs", Invariant($"{reachMb} MB"), Invariant($"{megabytes:0.0} MB"), megabytes <= reachMb));
        output.WriteLine(Reach.Row(
            $"`wmgwd2 status --json` with {lab.Vnis} VNIs", "30 ms", Invariant($"{Reach.Median(statusMs):0.0} ms"), Reach.Median(statusMs) <= 30));
    }
}
