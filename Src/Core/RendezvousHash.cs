namespace Wmgwd2.Core;

/// <summary>
/// Highest-random-weight (rendezvous) hashing, as the first implementation defines it: every gateway has a weight for
/// every VNI, and the highest weight owns. Thaler and Ravishankar, "Using name-based mappings to increase hit rates".
/// </summary>
public static class RendezvousHash
{
    /// <summary>The weight of a gateway for a VNI: the finalizer of MurmurHash3 over their product modulo 2^64.</summary>
    public static ulong Weight(NodeId node, Vni vni) => Mix(node.Value * vni.Value);

    /// <summary>
    /// Whether a gateway goes before another for a VNI. Equal weights are possible (uids that differ in high bits only,
    /// and a VNI that is a multiple of a power of two); then the lower uid goes first, on every gateway alike.
    /// </summary>
    /// <param name="weight">The weight of <paramref name="node"/> for the VNI.</param>
    /// <param name="node">The one.</param>
    /// <param name="otherWeight">The weight of <paramref name="other"/> for the VNI.</param>
    /// <param name="other">The other.</param>
    public static bool Precedes(ulong weight, NodeId node, ulong otherWeight, NodeId other) =>
        weight > otherWeight || (weight == otherWeight && node.Value < other.Value);

    private static ulong Mix(ulong key)
    {
        key ^= key >> 33;
        key *= 0xff51afd7ed558ccd;
        key ^= key >> 33;
        key *= 0xc4ceb9fe1a85ec53;
        key ^= key >> 33;
        return key;
    }
}
