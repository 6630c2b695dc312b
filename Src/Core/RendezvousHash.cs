using System;
using System.Runtime.CompilerServices;

namespace Wmgwd2.Core;

/// <summary>
/// Highest-random-weight (rendezvous) hashing, as the first implementation defines it: every gateway has a weight for
/// every VNI, and the highest weight owns. Thaler and Ravishankar, "Using name-based mappings to increase hit rates".
/// </summary>
/// <remarks>
/// An election of millions of VNIs costs little else than the two multiplications of a weight, and these are done one weight
/// after the other. The binary has to run on every processor of its architecture, and for such a one the compiler ahead
/// of time answers "not supported" to the question for AVX2 and AVX-512, whatever processor it will be. What all have, SSE2
/// and NEON, multiplies 64 bits in so many steps that nothing is gained; nor would be by AVX2, only by AVX-512.
/// Therefore the loops give the processor many independent weights to overlap, and have the multipliers as parameters: as
/// constants they would be loaded anew for every weight, 64 bits in the instruction, and that takes a quarter longer.
/// </remarks>
public static class RendezvousHash
{
    internal const ulong FirstMultiplier = 0xff51afd7ed558ccd;
    internal const ulong SecondMultiplier = 0xc4ceb9fe1a85ec53;
    private const int MixShift = 33;

    /// <summary>The weight of a gateway for a VNI: the finalizer of MurmurHash3 over their product modulo 2^64.</summary>
    public static ulong Weight(NodeId node, Vni vni) => Weight(node.Value * vni.Value, FirstMultiplier, SecondMultiplier);

    /// <summary>
    /// Whether a gateway goes before another for a VNI. Equal weights are possible (uids that differ in high bits only,
    /// and a VNI that is a multiple of a power of two); then the lower uid goes first, on every gateway alike.
    /// </summary>
    /// <param name="weight">The weight of <paramref name="node"/> for the VNI.</param>
    /// <param name="node">The one.</param>
    /// <param name="otherWeight">The weight of <paramref name="other"/> for the VNI.</param>
    /// <param name="other">The other.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Precedes(ulong weight, NodeId node, ulong otherWeight, NodeId other) =>
        weight > otherWeight || (weight == otherWeight && node.Value < other.Value);

    /// <summary>Weighs a gateway for eight consecutive VNIs: from one to the next the product grows by the uid.</summary>
    /// <param name="uid">The gateway's uid.</param>
    /// <param name="product">Its product with the lowest of the VNIs, and then with the one after them.</param>
    /// <param name="group">Is filled with the weights in the order of the VNIs.</param>
    /// <param name="firstMultiplier"><see cref="FirstMultiplier"/>, from a parameter of the loop.</param>
    /// <param name="secondMultiplier"><see cref="SecondMultiplier"/>, likewise.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Weigh(
        ulong uid, ref ulong product, out WeightGroup group, ulong firstMultiplier, ulong secondMultiplier)
    {
        ulong next = product;
        group.First = MixUpper(next, firstMultiplier, secondMultiplier);
        group.Second = MixUpper(next += uid, firstMultiplier, secondMultiplier);
        group.Third = MixUpper(next += uid, firstMultiplier, secondMultiplier);
        group.Fourth = MixUpper(next += uid, firstMultiplier, secondMultiplier);
        group.Fifth = MixUpper(next += uid, firstMultiplier, secondMultiplier);
        group.Sixth = MixUpper(next += uid, firstMultiplier, secondMultiplier);
        group.Seventh = MixUpper(next += uid, firstMultiplier, secondMultiplier);
        group.Eighth = MixUpper(next += uid, firstMultiplier, secondMultiplier);
        product = next + uid;
    }

    /// <summary>Finds who goes first for a VNI.</summary>
    /// <param name="nodes">The gateways, in any order.</param>
    /// <param name="vni">The VNI.</param>
    /// <param name="weight">The weight of the one found; 0 without any.</param>
    /// <returns>The place in <paramref name="nodes"/>, or -1 without any.</returns>
    internal static int FindFirst(ReadOnlySpan<NodeId> nodes, Vni vni, out ulong weight) =>
        FindFirst(nodes, vni.Value, FirstMultiplier, SecondMultiplier, out weight);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int FindFirst(
        ReadOnlySpan<NodeId> nodes, ulong vni, ulong firstMultiplier, ulong secondMultiplier, out ulong weight)
    {
        int first = -1;
        NodeId best = default;
        ulong highest = 0;
        for (int at = 0; at < nodes.Length; at++)
        {
            ulong candidate = Weight(nodes[at].Value * vni, firstMultiplier, secondMultiplier);
            if (first < 0 || Precedes(candidate, nodes[at], highest, best))
            {
                first = at;
                best = nodes[at];
                highest = candidate;
            }
        }

        weight = highest;
        return first;
    }

    /// <summary>The weight of one of a <see cref="WeightGroup"/>: with the last step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Finish(ulong key) => key ^ (key >> MixShift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Weight(ulong product, ulong firstMultiplier, ulong secondMultiplier) =>
        Finish(MixUpper(product, firstMultiplier, secondMultiplier));

    /// <summary>The finalizer without its last step, which changes the lower 31 bits only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MixUpper(ulong key, ulong firstMultiplier, ulong secondMultiplier)
    {
        key ^= key >> MixShift;
        key *= firstMultiplier;
        key ^= key >> MixShift;
        return key * secondMultiplier;
    }
}
