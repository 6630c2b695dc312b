using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using Wmgwd2.Core;
using Wmgwd2.Tests.Namespaces;
using static System.FormattableString;

namespace Wmgwd2.Benchmarks;

/// <summary>
/// Two gateways; one is killed, again and again, and the other one takes its half of the VNIs over. In each round the bare loop
/// does the same with the same interfaces at the killed one.
/// </summary>
internal static class TakeoverBenchmark
{
    private const int Rounds = 9;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan DeadInterval = 3 * Interval;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Repeats of announcements come for 2.2 s, and would be taken for first ones.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);

    /// <summary>Prints the rows of one size.</summary>
    /// <param name="lab">Two gateways.</param>
    /// <param name="reachMs">How long the take-over may take.</param>
    /// <param name="output">Where the rows go.</param>
    public static void Run(Lab lab, double reachMs, TextWriter output)
    {
        using var survivor = new Wmgwd2Gateway(lab, 2, Interval);
        var rounds = new List<Round>();
        (long userTicks, long kernelTicks) = ReadTicks(survivor.Process.Id);
        for (int round = 0; round < Rounds; round++)
        {
            rounds.Add(RunRound(lab, survivor));
            Console.Error.WriteLine($"{lab.Vnis} VNIs, round {round + 1}: {rounds[^1]}");
        }

        (long userTicksAfter, long kernelTicksAfter) = ReadTicks(survivor.Process.Id);
        double kernelShare = (double)(kernelTicksAfter - kernelTicks)
            / (kernelTicksAfter - kernelTicks + userTicksAfter - userTicks);
        double takeover = Median(round => round.LastMs);
        double first = Median(round => round.FirstMs);
        double bare = Median(round => round.BareMs);
        double ratio = Median(round => round.LastMs / round.BareMs);
        string what = Invariant($"take-over of {rounds.Min(round => round.Vnis)} of {lab.Vnis} VNIs");
        output.WriteLine(Reach.Row(
            $"{what}: from the peer's expiry to the last first announcement", $"{reachMs} ms", Invariant($"{takeover:0.0} ms"), takeover <= reachMs));
        output.WriteLine(Reach.Row(
            $"{what}: against a bare loop, which takes {Invariant($"{bare:0.0} ms")}", "1.3x", Invariant($"{ratio:0.00}x"), ratio <= 1.3));
        output.WriteLine(Reach.Row(
            $"{what}: the first announcement", "10 ms", Invariant($"{first:0.0} ms"), first <= 10));
        long allocated = survivor.Count("cluster_allocated_bytes") + survivor.Count("kernel_allocated_bytes");
        output.WriteLine(Reach.Row(
            $"{what}: bytes allocated in {Rounds} of them, with all ticks, datagrams, joins and link events between",
            "0",
            Invariant($"{allocated}"),
            allocated == 0));
        output.WriteLine(Reach.Note(
            $"{what}: holding as many down again takes", Invariant($"{Median(round => round.UndoMs):0.0} ms")));
        output.WriteLine(Reach.Note(
            $"{what}: of the daemon's processor time, the kernel's share", Invariant($"{100 * kernelShare:0} %")));

        double Median(Func<Round, double> of) => Reach.Median([.. rounds.Select(of)]);
    }

    private static Round RunRound(Lab lab, Wmgwd2Gateway survivor)
    {
        string survivorNamespace = lab.NamespaceOf(2);
        using var arp = new ArpCapture(survivorNamespace);
        using var heard = new DatagramCapture(survivorNamespace, "fabric", ControlTraffic.IsCluster);
        using var victim = new Wmgwd2Gateway(lab, 1, Interval);
        victim.WaitUntilServing(1, Limit);
        survivor.WaitUntilServing(1, Limit);
        Thread.Sleep(Quiet);
        uint[] vnis = [.. victim.TryStatus()!.Owned];
        Ipv4Address[] addresses = [.. vnis.Select(vni => Lab.VirtualAddress((int)vni))];
        victim.Process.Kill();

        // A machine that has crashed takes no part in what follows; and what it announced a moment before is heard here too.
        lab.Cut(1);
        arp.Arm(WallClock.NowNs);
        bool all = arp.WaitForAll(addresses, Limit);
        IReadOnlyDictionary<Ipv4Address, long> first = arp.First();
        if (!all || arp.Dropped + heard.Dropped > 0)
        {
            throw new InvalidOperationException(
                $"{addresses.Count(first.ContainsKey)} of {addresses.Length} VNIs were announced, {arp.Dropped + heard.Dropped} frames lost");
        }

        long expiryNs = heard.LastNs(Lab.FabricAddress(1))!.Value + (long)DeadInterval.TotalNanoseconds;
        Thread.Sleep(Quiet);
        victim.Fence();

        // Watching costs, and whoever is compared has to be watched alike.
        using var watch = new ArpCapture(lab.NamespaceOf(1));
        (TimeSpan bare, TimeSpan undo) = NetworkNamespace.Run(
            lab.NamespaceOf(1), () => (BareLoop.Run(vnis), BareLoop.Undo(vnis)));
        lab.Mend(1);
        return new Round(
            vnis.Length,
            (addresses.Min(address => first[address]) - expiryNs) / 1e6,
            (addresses.Max(address => first[address]) - expiryNs) / 1e6,
            bare.TotalMilliseconds,
            undo.TotalMilliseconds);
    }

    /// <summary>The processor time of a process in user and in kernel mode: the 14th and 15th field of proc_pid_stat(5).</summary>
    private static (long User, long Kernel) ReadTicks(int id) => ProcessTree.Fields(id) is { } fields
        ? (long.Parse(fields[11], CultureInfo.InvariantCulture), long.Parse(fields[12], CultureInfo.InvariantCulture))
        : throw new InvalidOperationException("the daemon has ended");

    private readonly record struct Round(int Vnis, double FirstMs, double LastMs, double BareMs, double UndoMs);
}
