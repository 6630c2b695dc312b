using System;
using System.Diagnostics;
using System.IO;
using System.Threading;

namespace Wmgwd2.Benchmarks;

/// <summary>
/// Three gateways at a short interval; the third joins, leaves, joins and crashes for a minute. Whoever is declared dead but the one that
/// crashed is a false expiry.
/// </summary>
internal static class ChurnBenchmark
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Prints the row.</summary>
    /// <param name="lab">Three gateways.</param>
    /// <param name="output">Where the row goes.</param>
    public static void Run(Lab lab, TextWriter output)
    {
        using var first = new Wmgwd2Gateway(lab, 1, Interval);
        using var second = new Wmgwd2Gateway(lab, 2, Interval);
        first.WaitUntilServing(1, Limit);
        second.WaitUntilServing(1, Limit);
        long before = Expired(first) + Expired(second);
        long expiredAtThird = 0;
        int crashes = 0;
        int leaves = 0;
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Duration;)
        {
            using var third = new Wmgwd2Gateway(lab, 3, Interval);
            third.WaitUntilServing(2, Limit);
            Thread.Sleep(Pause);
            expiredAtThird += Expired(third);
            if (crashes < leaves)
            {
                third.Process.Kill();
                third.Fence();
                crashes++;
            }
            else
            {
                third.Process.Stop(Limit);
                leaves++;
            }

            first.WaitUntilServing(1, Limit);
            second.WaitUntilServing(1, Limit);
            Thread.Sleep(Pause);
        }

        long falseExpiries = Expired(first) + Expired(second) - before + expiredAtThird - (2 * crashes);
        output.WriteLine(Reach.Row(
            $"{lab.Vnis} VNIs, 3 gateways, interval {Interval.TotalMilliseconds} ms, {Duration.TotalSeconds:0} s with "
            + $"{crashes + leaves} joins, {leaves} leaves, {crashes} crashes: false expiries",
            "0",
            $"{falseExpiries}",
            falseExpiries == 0));
    }

    private static long Expired(Wmgwd2Gateway gateway) => gateway.Count("peers_expired");
}
