using System;

namespace Wmgwd2.Core;

/// <summary>
/// The election of gateways that need not be there: who would own which VNI, what would move when one of them died, and what
/// when others joined. Gateways are known by their places: first those that are there, then those that join.
/// </summary>
public sealed class ElectionPlan
{
    /// <summary>How many gateways there can be, those that join among them: a gateway and its peers.</summary>
    public const int GatewayLimit = PeerTable.SlotCount;

    private readonly ushort[] _owners;
    private readonly ushort[] _ownersJoined;
    private readonly int[] _owned;
    private readonly int[] _ownedJoined;
    private readonly int[] _taken;

    private ElectionPlan(
        VniSet vnis, NodeId[] gateways, NodeId[] joiners, ushort[] owners, ushort[] ownersJoined, ElectionTally? tally)
    {
        Vnis = vnis;
        Gateways = gateways;
        Joiners = joiners;
        Tally = tally;
        _owners = owners;
        _ownersJoined = ownersJoined;
        _owned = CountOwned(owners, gateways.Length);
        _ownedJoined = CountOwned(ownersJoined, gateways.Length + joiners.Length);
        _taken = CountTaken(owners, ownersJoined, gateways.Length, joiners.Length);
    }

    /// <summary>The VNIs.</summary>
    public VniSet Vnis { get; }

    /// <summary>The gateways that are there.</summary>
    public NodeId[] Gateways { get; }

    /// <summary>Those that join; none in a plan that asks who dies.</summary>
    public NodeId[] Joiners { get; }

    /// <summary>What moves when one dies; null in a plan that asks who joins.</summary>
    public ElectionTally? Tally { get; }

    /// <summary>The place of the owner of each VNI, by index, before anybody joins.</summary>
    public ReadOnlySpan<ushort> Owners => _owners;

    /// <summary>The same after all have joined; the same as before where nobody does.</summary>
    public ReadOnlySpan<ushort> OwnersJoined => _ownersJoined;

    /// <summary>How many VNIs each gateway owns before anybody joins.</summary>
    public ReadOnlySpan<int> Owned => _owned;

    /// <summary>How many VNIs each gateway owns, those that have joined too.</summary>
    public ReadOnlySpan<int> OwnedJoined => _ownedJoined;

    /// <summary>How many VNIs a joiner takes from one that was there.</summary>
    /// <param name="joiner">Its number among those that join.</param>
    /// <param name="from">The place of the other one.</param>
    public int Taken(int joiner, int from) => _taken[joiner * Gateways.Length + from];

    /// <summary>The uids of all gateways, those that join too, as texts have them.</summary>
    public string[] NameGateways()
    {
        var names = new string[Gateways.Length + Joiners.Length];
        for (int place = 0; place < names.Length; place++)
        {
            names[place] = (place < Gateways.Length ? Gateways[place] : Joiners[place - Gateways.Length]).ToString();
        }

        return names;
    }

    /// <summary>From whom a joiner takes each VNI.</summary>
    /// <param name="joiner">Its number among those that join.</param>
    /// <returns>A place for each index; <see cref="Ownership.NoOwner"/> where it takes nothing.</returns>
    public ushort[] FindTaken(int joiner)
    {
        var from = new ushort[_owners.Length];
        for (int index = 0; index < from.Length; index++)
        {
            from[index] = _ownersJoined[index] == Gateways.Length + joiner ? _owners[index] : Ownership.NoOwner;
        }

        return from;
    }

    /// <summary>Computes a plan: what moves when others join or, without those, when one dies.</summary>
    /// <param name="vnis">The VNIs.</param>
    /// <param name="gateways">The uids of the gateways that are there, at least one, all different.</param>
    /// <param name="joiners">The uids of those that join, others than those; may be none.</param>
    /// <param name="progress">Is told how far it is.</param>
    public static ElectionPlan Compute(VniSet vnis, NodeId[] gateways, NodeId[] joiners, PlanProgress? progress = null)
    {
        int count = gateways.Length + joiners.Length;
        var ownership = new Ownership(vnis, count);

        // The tally weighs all gateways once more, and takes about twice as long for each as the election does.
        long toElect = (long)count * ElectionTally.ProgressSteps;
        long total = joiners.Length > 0 ? toElect : 3 * toElect;
        Add(ownership, gateways, 0, total, progress);
        ushort[] owners = ownership.Owners.ToArray();
        if (joiners.Length > 0)
        {
            Add(ownership, joiners, gateways.Length, total, progress);
            return new ElectionPlan(vnis, gateways, joiners, owners, ownership.Owners.ToArray(), null);
        }

        var tally = new ElectionTally(vnis, count);
        tally.Count(gateways, (done, _) => progress?.Invoke(toElect + 2 * count * done, total));
        return new ElectionPlan(vnis, gateways, joiners, owners, owners, tally);
    }

    /// <summary>In which order gateways would own a VNI, as one after the other died.</summary>
    /// <param name="gateways">Their uids.</param>
    /// <param name="vni">The VNI.</param>
    /// <returns>Their places: the owner, its heir, that one's heir and so on.</returns>
    public static int[] Rank(ReadOnlySpan<NodeId> gateways, Vni vni)
    {
        var order = new int[gateways.Length];
        for (int place = 0; place < gateways.Length; place++)
        {
            ulong weight = RendezvousHash.Weight(gateways[place], vni);
            int at = place;
            for (; at > 0; at--)
            {
                NodeId other = gateways[order[at - 1]];
                if (!RendezvousHash.Precedes(weight, gateways[place], RendezvousHash.Weight(other, vni), other))
                {
                    break;
                }

                order[at] = order[at - 1];
            }

            order[at] = place;
        }

        return order;
    }

    private static void Add(
        Ownership ownership, NodeId[] nodes, int firstPlace, long total, PlanProgress? progress)
    {
        for (int at = 0; at < nodes.Length; at++)
        {
            ownership.Add(firstPlace + at, nodes[at]);
            progress?.Invoke((firstPlace + at + 1L) * ElectionTally.ProgressSteps, total);
        }
    }

    private static int[] CountOwned(ReadOnlySpan<ushort> owners, int gateways)
    {
        var owned = new int[gateways];
        foreach (ushort owner in owners)
        {
            owned[owner]++;
        }

        return owned;
    }

    private static int[] CountTaken(ReadOnlySpan<ushort> before, ReadOnlySpan<ushort> after, int gateways, int joiners)
    {
        var taken = new int[gateways * joiners];
        for (int index = 0; index < before.Length; index++)
        {
            if (after[index] >= gateways)
            {
                taken[(after[index] - gateways) * gateways + before[index]]++;
            }
        }

        return taken;
    }
}
