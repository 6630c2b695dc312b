using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

/// <summary>What is computed for many at a time, against <see cref="RendezvousHash.Weight"/>.</summary>
public sealed class WeightGroupTests
{
    private const uint HighestVni = 16_777_215;

    // The last step of a weight changes the bits below.
    private const int SharedBitsBegin = 31;

    private static readonly NodeId[] EdgeNodes =
    [
        new(1), new(2), new(3), new(1ul << 32), new(1ul << 63), new(5), new(5 | (1ul << 63)), new(5 | (1ul << 60)),
        new(ulong.MaxValue),
    ];

    [Fact]
    public void Groups_have_the_upper_bits_of_the_weights()
    {
        const int GroupCount = 64;
        var groups = new WeightGroup[GroupCount];
        var random = new Random(1);
        uint highestFirst = HighestVni + 1 - (GroupCount * WeightGroup.Count);
        for (int round = 0; round < 4000; round++)
        {
            NodeId node = NextNode(round, random);
            uint first = (round % 3) switch { 0 => 1, 1 => highestFirst, _ => (uint)random.NextInt64(1, highestFirst) };
            ulong product = node.Value * first;
            foreach (ref WeightGroup group in groups.AsSpan())
            {
                RendezvousHash.Weigh(
                    node.Value, ref product, out group, RendezvousHash.FirstMultiplier, RendezvousHash.SecondMultiplier);
            }

            ReadOnlySpan<ulong> weights = MemoryMarshal.Cast<WeightGroup, ulong>(groups);
            for (int at = 0; at < weights.Length; at++)
            {
                var vni = new Vni(first + (uint)at);
                ulong weight = RendezvousHash.Weight(node, vni);
                if (weight >> SharedBitsBegin != weights[at] >> SharedBitsBegin)
                {
                    Assert.Fail($"uid {node}, VNI {vni}: {weights[at]:x16} instead of {weight:x16}");
                }
            }
        }
    }

    [Fact]
    public void Prefixes_have_the_order_of_the_weights()
    {
        const short Lowest = WeightPrefix.Lowest;
        ulong[] weights =
            [0, 0x0000_ffff_ffff_ffff, 0x0001ul << 48, 0x7ffful << 48, 0x8000ul << 48, 0xfffful << 48, ulong.MaxValue];
        short[] prefixes = [Lowest, Lowest, Lowest + 1, -1, 0, short.MaxValue, short.MaxValue];

        Assert.Equal(prefixes, weights.Select(WeightPrefix.Of));
    }

    [Fact]
    public void Prefixes_of_eight_are_those_of_each() => AssertPrefixes(weights => WeightPrefix.Of(weights));

    [Fact]
    public void Prefixes_of_eight_with_what_every_processor_has() => AssertPrefixes(weights => WeightPrefix.Pack(weights));

    [Sse2Fact]
    public void Prefixes_of_eight_by_SSE2() => AssertPrefixes(weights => WeightPrefix.PackBySse2(weights));

    [Fact]
    public void First_of_many_is_the_one_with_the_highest_weight_and_the_lowest_uid_among_equals()
    {
        var random = new Random(3);
        for (int round = 0; round < 20_000; round++)
        {
            int count = random.Next(1, 20);
            NodeId[] nodes = [.. Enumerable.Range(round, count).Select(at => NextNode(at, random)).Distinct()];

            // A multiple of a power of two, so that many weights are equal; some are 0.
            var vni = new Vni((uint)random.Next(1, 256) << (round % 16));
            int first = RendezvousHash.FindFirst(nodes, vni, out ulong weight);
            NodeId expected = nodes.OrderByDescending(node => RendezvousHash.Weight(node, vni)).ThenBy(node => node.Value)
                .First();
            Assert.Equal(expected, nodes[first]);
            Assert.Equal(RendezvousHash.Weight(expected, vni), weight);
        }

        Assert.Equal(-1, RendezvousHash.FindFirst([], new Vni(1), out ulong none));
        Assert.Equal(0ul, none);
    }

    private static void AssertPrefixes(Func<WeightVectors, Vector128<short>> prefixesOf)
    {
        var random = new Random(2);
        ulong[] edges =
        [
            0, ulong.MaxValue, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0x8000_ffff_ffff, 0x7fff_0000_0000_0000,
        ];
        Span<ulong> weights = stackalloc ulong[WeightGroup.Count];
        for (int round = 0; round < 200_000; round++)
        {
            for (int at = 0; at < weights.Length; at++)
            {
                weights[at] = random.Next(4) == 0
                    ? edges[random.Next(edges.Length)]
                    : (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            }

            Vector128<short> prefixes = prefixesOf(MemoryMarshal.Cast<ulong, WeightVectors>(weights)[0]);
            for (int at = 0; at < weights.Length; at++)
            {
                if (prefixes[at] != WeightPrefix.Of(weights[at]))
                {
                    Assert.Fail($"{weights[at]:x16} in lane {at} has {prefixes[at]}");
                }
            }
        }
    }

    private static NodeId NextNode(int round, Random random) => round % 20 < EdgeNodes.Length
        ? EdgeNodes[round % 20]
        : new NodeId((ulong)random.NextInt64(long.MinValue, long.MaxValue) | 1);

    /// <summary>Skipped, with the reason, where the processor has no SSE2.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class Sse2FactAttribute : FactAttribute
    {
        /// <inheritdoc/>
        public override string? Skip { get; set; } = Sse2.IsSupported ? null : "this processor has no SSE2";
    }
}
