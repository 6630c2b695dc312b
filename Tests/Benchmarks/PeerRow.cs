using System;
using System.Collections.Generic;
using System.Linq;
using static System.FormattableString;

namespace Wmgwd2.Benchmarks;

/// <summary>A row of the comparison: one program, with so many VNIs, at that interval.</summary>
internal sealed record PeerRow(
    int Vnis, TimeSpan Interval, string Program, TimeSpan? Settled, SteadyState Steady, IReadOnlyList<CrashResult> Crashes)
{
    /// <summary>The table's head.</summary>
    public const string Head =
        "| VNIs | interval | program | VNIs with one owner | two | none | settled after | packets/s | CPU of a gateway | "
        + "memory of a gateway | crash: last VNI after | never taken over | crashes |\n"
        + "|---|---|---|---|---|---|---|---|---|---|---|---|---|";

    /// <summary>What the columns are.</summary>
    public const string Legend =
        "Two gateways that share the machine's processors; wmgwd2 as it is by default, keepalived tuned in its favour and with "
        + "real-time priority. Owners: by what the kernels show, at 10 moments in steady state. Settled: from the start of both "
        + "until each VNI has one owner, and keeps it for 2 s. Packets: what both send. CPU: of one processor, over 10 s. Memory: "
        + "resident, all processes. Crash: one gateway is killed and cut off, at any moment between two advertisements; from then "
        + "until the other has announced the last VNI that it took over; the median of the crashes. Never: of the crashed "
        + "gateway's VNIs, those not served and announced after 60 s, the most in one crash.";

    /// <summary>The row.</summary>
    public override string ToString()
    {
        string[] cells =
        [
            Invariant($"{Vnis}"), Invariant($"{Interval.TotalMilliseconds} ms"), Program,
            Range(look => look.One), Range(look => look.Two), Range(look => look.None),
            Settled is { } time ? Invariant($"{time.TotalSeconds:0.0} s") : "not within 60 s",
            Invariant($"{(Steady.FramesLost > 0 ? "more than " : "")}{Steady.PacketsPerSecond:0}"),
            Invariant($"{Steady.Cores * 100:0.0} %"), Invariant($"{Steady.ResidentBytes / 1e6:0.0} MB"),
            LastTaken(),
            Invariant($"{Crashes.Max(crash => crash.NeverTaken)} of {Crashes.MaxBy(crash => crash.NeverTaken).Served}"),
            Invariant($"{Crashes.Count}"),
        ];
        return $"| {string.Join(" | ", cells)} |";
    }

    private string Range(Func<Owners, int> of)
    {
        int least = Steady.Looks.Min(of);
        int most = Steady.Looks.Max(of);
        return least == most ? Invariant($"{least}") : Invariant($"{least} to {most}");
    }

    private string LastTaken()
    {
        double[] times = [.. Crashes.Select(crash => crash.LastMs).OfType<double>()];
        string lost = Crashes.Any(crash => crash.FramesLost > 0) ? " at most" : "";
        return times.Length == 0 ? "none taken over" : Invariant($"{Reach.Median(times):0} ms{lost}");
    }
}
