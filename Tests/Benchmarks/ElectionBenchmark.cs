using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Wmgwd2.Core;

namespace Wmgwd2.Benchmarks;

/// <summary>
/// What the election costs: 64 gateways and every VNI there is. Times are the processor's, not the clock's, so that what
/// others do meanwhile counts only as far as they share a core's caches and execution units.
/// </summary>
internal static class ElectionBenchmark
{
    private const int GatewayCount = 64;
    private const int BlockLength = 512;
    private const int Runs = 9;

    // 2^64 divided by the golden ratio: uids that look drawn at random, the same in each run.
    private const ulong UidStep = 0x9e3779b97f4a7c15;

    private static readonly (int Slot, NodeId Node)[] All =
        [.. Enumerable.Range(0, GatewayCount).Select(slot => (slot, UidOf(slot)))];

    private static readonly VniSet AllVnis = MakeSet((1 << 24) - 1);

    public static void Run(TextWriter output)
    {
        WriteWeights(output);
        output.WriteLine();
        WriteElections(output);
    }

    private static void WriteWeights(TextWriter output)
    {
        double oneByOne = Reach.Median(Repeat(WeighOneByOne)) * 1e6 / AllVnis.Count;
        double inGroups = Reach.Median(Repeat(WeighInGroups)) * 1e6 / AllVnis.Count;
        output.WriteLine($"Weights, medians of {Runs} runs. Compiled in are: AVX2 {YesOrNo(Avx2.IsSupported)}, "
            + $"AVX-512DQ {YesOrNo(Avx512DQ.IsSupported)}.");
        output.WriteLine();
        output.WriteLine("| a weight | ns | times the first |");
        output.WriteLine("|---|---|---|");
        output.WriteLine($"| one by one | {oneByOne:F2} | 1 |");
        output.WriteLine($"| eight in a group | {inGroups:F2} | {inGroups / oneByOne:F2} |");
    }

    private static void WriteElections(TextWriter output)
    {
        var fromNothing = new List<double>();
        var joins = new List<double>();
        var dies = new List<double>();
        for (int run = 0; run < Runs; run++)
        {
            var ownership = new Ownership(AllVnis, PeerTable.SlotCount);
            fromNothing.Add(Measure(() => ownership.Add(All)));
            dies.Add(Measure(() => ownership.Remove(run)));
            joins.Add(Measure(() => ownership.Add(run, UidOf(run))));
        }

        double nothingMs = MedianOf(fromNothing);
        double joinMs = MedianOf(joins);
        double dieMs = MedianOf(dies);
        double bytes = CountBytesOfAVni();
        output.WriteLine($"{GatewayCount} gateways, {AllVnis.Count} VNIs, one core, medians of {Runs} runs.");
        output.WriteLine();
        output.WriteLine(Reach.Heading);
        output.WriteLine(Reach.Row("from nothing", "1000 ms", $"{nothingMs:F0} ms", nothingMs <= 1000));
        output.WriteLine(Reach.Row("one joins", "60 ms", $"{joinMs:F1} ms", joinMs <= 60));
        output.WriteLine(Reach.Row("one dies", "60 ms", $"{dieMs:F1} ms", dieMs <= 60));
        output.WriteLine(Reach.Row("bytes a VNI", "4", $"{bytes:F2}", bytes <= 4));
    }

    /// <summary>The reference: what a vector or a group has to beat.</summary>
    private static void WeighOneByOne()
    {
        Span<ulong> weights = stackalloc ulong[BlockLength];
        foreach (VniBlock block in AllVnis.InBlocksOf(BlockLength))
        {
            for (int at = 0; at < block.Count; at++)
            {
                weights[at] = RendezvousHash.Weight(UidOf(0), block[at]);
            }
        }
    }

    private static void WeighInGroups()
    {
        Span<WeightGroup> groups = stackalloc WeightGroup[BlockLength / WeightGroup.Count];
        foreach (VniBlock block in AllVnis.InBlocksOf(BlockLength))
        {
            Weigh(
                UidOf(0).Value, UidOf(0).Value * block.First.Value, groups, RendezvousHash.FirstMultiplier,
                RendezvousHash.SecondMultiplier);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Weigh(
        ulong uid, ulong product, Span<WeightGroup> groups, ulong firstMultiplier, ulong secondMultiplier)
    {
        foreach (ref WeightGroup group in groups)
        {
            RendezvousHash.Weigh(uid, ref product, out group, firstMultiplier, secondMultiplier);
        }
    }

    /// <summary>By the difference of two sets: what doesn't grow with the VNIs is left out.</summary>
    private static double CountBytesOfAVni()
    {
        const int Few = 1 << 16;
        const int Many = 1 << 20;
        return (double)(CountBytes(MakeSet(Many)) - CountBytes(MakeSet(Few))) / (Many - Few);
    }

    private static long CountBytes(VniSet vnis)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(new Ownership(vnis, PeerTable.SlotCount));
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static double[] Repeat(Action action)
    {
        var runs = new double[Runs];
        for (int run = 0; run < Runs; run++)
        {
            runs[run] = Measure(action);
        }

        return runs;
    }

    private static double Measure(Action action)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        action();
        return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
    }

    private static double MedianOf(List<double> runs) => Reach.Median(CollectionsMarshal.AsSpan(runs));

    private static NodeId UidOf(int slot) => new(UidStep * (ulong)(slot + 1));

    private static VniSet MakeSet(int count) => new([new VniRange(new Vni(1), new Vni((uint)count))]);

    private static string YesOrNo(bool value) => value ? "yes" : "no";
}
