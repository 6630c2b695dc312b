using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using Wmgwd2.Core;

namespace Wmgwd2.Benchmarks;

/// <summary>What came of a gateway's crash.</summary>
/// <param name="Served">How many VNIs it served.</param>
/// <param name="LastMs">From the crash until the heir had announced the last VNI that it took over; null when none.</param>
/// <param name="NeverTaken">How many VNIs the heir didn't serve, or hadn't announced, by the end of the wait.</param>
/// <param name="FramesLost">How many frames the capture lost; the time can be too long when it isn't 0.</param>
internal readonly record struct CrashResult(int Served, double? LastMs, int NeverTaken, long FramesLost);

/// <summary>
/// The crash of gateway 1, as the others see it: it falls silent and answers nobody. Its processes are killed and its fabric
/// is cut; its kernel, which would go on answering, is out of reach.
/// </summary>
internal static class Crash
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Crashes gateway 1, of two, and waits for gateway 2 to take over.</summary>
    public static CrashResult Run(Contender contender, GatewayProcess process)
    {
        process.ThrowIfEnded();
        using var arp = new ArpCapture(contender.Lab.NamespaceOf(2));
        IReadOnlySet<int> heirs = contender.ServedBy(2);
        IReadOnlySet<int> served = contender.ServedBy(1);

        // Where two owners are, the heir serves already, and has no reason to announce anything.
        int[] due = [.. served.Where(vni => !heirs.Contains(vni))];

        // At any moment between two advertisements. What came before was in step with them.
        Thread.Sleep(contender.Interval * Random.Shared.NextDouble());
        long moment = process.Kill();
        contender.Lab.Cut(1);

        // What the crashed gateway had announced itself, a moment before, was heard here too.
        arp.Arm(moment);
        var watch = Stopwatch.StartNew();
        arp.WaitForAll([.. due.Select(contender.AddressOf)], Limit);
        IReadOnlySet<int> now = heirs;
        Patience.WaitFor(() => (now = contender.ServedBy(2)).IsSupersetOf(served), Limit - watch.Elapsed);

        IReadOnlyDictionary<Ipv4Address, long> first = arp.First();
        int[] announced = [.. due.Where(vni => first.ContainsKey(contender.AddressOf(vni)))];
        return new CrashResult(
            served.Count,
            announced.Length > 0 ? announced.Max(vni => first[contender.AddressOf(vni)] - moment) / 1e6 : null,
            served.Count(vni => !now.Contains(vni)) + due.Except(announced).Count(now.Contains),
            arp.Dropped);
    }
}
