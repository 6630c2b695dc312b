using System.Collections.Generic;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Simulation;

/// <summary>The election as the protocol defines it, written a second time, so that the checkers don't ask whom they check.</summary>
internal static class Rendezvous
{
    public static ulong Weigh(NodeId uid, Vni vni)
    {
        ulong key = unchecked(uid.Value * vni.Value);
        key ^= key >> 33;
        key = unchecked(key * 0xff51afd7ed558ccd);
        key ^= key >> 33;
        key = unchecked(key * 0xc4ceb9fe1a85ec53);
        return key ^ (key >> 33);
    }

    /// <summary>The highest weight, and among equals the lowest uid; uid 0 where there is nobody.</summary>
    public static NodeId Elect(List<NodeId> uids, Vni vni)
    {
        NodeId best = default;
        ulong bestWeight = 0;
        foreach (NodeId uid in uids)
        {
            ulong weight = Weigh(uid, vni);
            if (best.Value == 0 || weight > bestWeight || (weight == bestWeight && uid.Value < best.Value))
            {
                (best, bestWeight) = (uid, weight);
            }
        }

        return best;
    }
}
