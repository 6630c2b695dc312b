using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Wmgwd2.Tests.Namespaces;

namespace Wmgwd2.Benchmarks;

/// <summary>
/// All bridges of a gateway restart: the lower device of every interface goes down and comes up, and brings the macvlans that
/// are not owned up with it. How long it takes until all is as it should be again.
/// </summary>
internal static class BurstBenchmark
{
    private const int Rounds = 5;
    private const double ReachMs = 200;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Prints the rows.</summary>
    /// <param name="lab">Its first two gateways take part.</param>
    /// <param name="output">Where the rows go.</param>
    public static void Run(Lab lab, TextWriter output)
    {
        using var gateway = new Wmgwd2Gateway(lab, 1, TimeSpan.FromSeconds(1));
        using var other = new Wmgwd2Gateway(lab, 2, TimeSpan.FromSeconds(1));
        gateway.WaitUntilServing(1, Limit);
        other.WaitUntilServing(1, Limit);
        double[] settled = new double[Rounds];
        long mostDumps = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long dumps = gateway.Count("dumps");
            settled[round] = RunRound(lab, gateway);
            mostDumps = Math.Max(mostDumps, gateway.Count("dumps") - dumps);
        }

        double median = Reach.Median(settled);
        string what = $"{lab.Vnis} lower devices down and up, at least {4 * lab.Vnis} link notifications";
        output.WriteLine(Reach.Row(
            $"{what}: settled after the last",
            $"{ReachMs} ms",
            string.Create(CultureInfo.InvariantCulture, $"{median:0} ms"),
            median <= ReachMs));
        output.WriteLine(Reach.Row($"{what}: dumps", "1", $"{mostDumps}", mostDumps <= 1));
    }

    private static double RunRound(Lab lab, Wmgwd2Gateway gateway)
    {
        var batch = new StringBuilder();
        foreach (string state in (string[])["down", "up"])
        {
            foreach (int vni in Enumerable.Range(1, lab.Vnis))
            {
                batch.Append(CultureInfo.InvariantCulture, $"link set veth{vni} {state}\n");
            }
        }

        CommandResult result = lab.Run(1, ["ip", "-batch", "-"], batch.ToString());
        long start = Stopwatch.GetTimestamp();
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip: {result}");
        }

        gateway.WaitUntilServing(1, Limit);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
