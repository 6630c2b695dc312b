using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;

namespace Wmgwd2.Benchmarks;

/// <summary>What two gateways do and cost while nothing happens.</summary>
/// <param name="Looks">By how many gateways VNIs were served, at several moments.</param>
/// <param name="PacketsPerSecond">How many control packets both send.</param>
/// <param name="Cores">How much of a processor a gateway takes, on average: 1 is all of one.</param>
/// <param name="ResidentBytes">How much memory of a gateway is resident, on average.</param>
/// <param name="FramesLost">How many frames the capture lost: the packets are too few when it isn't 0.</param>
internal readonly record struct SteadyState(
    IReadOnlyList<Owners> Looks, double PacketsPerSecond, double Cores, double ResidentBytes, long FramesLost)
{
    private const int LookCount = 10;

    private static readonly TimeSpan SettlingLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SettledFor = TimeSpan.FromSeconds(2);

    /// <summary>What repeats of announcements cost belongs to the take-over.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CostPeriod = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PacketPeriod = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{PacketsPerSecond:0} packets/s, {Cores:0.000} cores, {ResidentBytes:0} bytes, {FramesLost} frames lost, {string.Join(' ', Looks)}");

    /// <summary>Waits until each VNI has one owner, and has had it for two seconds.</summary>
    /// <returns>How long that took, without the two seconds; null when it doesn't come to that in a minute.</returns>
    public static TimeSpan? WaitForIt(Contender contender)
    {
        var watch = Stopwatch.StartNew();
        TimeSpan? since = null;
        while (watch.Elapsed < SettlingLimit)
        {
            TimeSpan looked = watch.Elapsed;
            since = Owners.AreSettled(contender) ? since ?? looked : null;
            if (since is { } start && watch.Elapsed - start >= SettledFor)
            {
                return start;
            }

            Thread.Sleep(100);
        }

        return null;
    }

    /// <summary>Measures: cost first, while nothing else is done; then packets; then owners.</summary>
    public static SteadyState Measure(Contender contender, IReadOnlyList<GatewayProcess> processes)
    {
        Thread.Sleep(Quiet);
        ProcessCost[] before = [.. processes.Select(process => process.Cost)];
        Thread.Sleep(CostPeriod);
        ProcessCost[] after = [.. processes.Select(process => process.Cost)];
        double packets = MeasurePackets(contender, out long lost);
        return new SteadyState(
            Look(contender),
            packets,
            after.Zip(before, (late, early) => late.CoresSince(early)).Average(),
            after.Average(cost => cost.ResidentBytes),
            lost);
    }

    // At the switch's ports: what each gateway sends, once.
    private static double MeasurePackets(Contender contender, out long lost)
    {
        using var first = new DatagramCapture(contender.Lab.NamespaceOf("fab"), "gw1-fabric", contender.IsControlPacket);
        using var second = new DatagramCapture(contender.Lab.NamespaceOf("fab"), "gw2-fabric", contender.IsControlPacket);
        long before = first.Count + second.Count;
        long from = WallClock.NowNs;
        Thread.Sleep(PacketPeriod);
        double seconds = (WallClock.NowNs - from) / 1e9;
        long after = first.Count + second.Count;
        lost = first.Dropped + second.Dropped;
        return (after - before) / seconds;
    }

    private static List<Owners> Look(Contender contender)
    {
        var looks = new List<Owners>();
        for (int i = 0; i < LookCount; i++)
        {
            looks.Add(Owners.Count(contender));
            Thread.Sleep(500);
        }

        return looks;
    }
}
