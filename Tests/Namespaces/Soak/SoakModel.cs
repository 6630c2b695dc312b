using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>What the faults have made of the cluster, and what follows from that for who must serve which VNI, and when.</summary>
/// <param name="uids">The gateways' uids, by their number from 0.</param>
/// <param name="vnis">The VNIs.</param>
internal sealed class SoakModel(IReadOnlyList<ulong> uids, IReadOnlyList<uint> vnis)
{
    /// <summary>So many changes that are under way at once would take too long to think through.</summary>
    private const int MaximumPending = 12;

    private readonly List<ClusterChange> _changes = [];
    private readonly List<Disturbance> _disturbances = [];
    private readonly List<(int Gateway, TimeSpan From, TimeSpan Until, string Why)> _silences = [];

    public int Gateways => uids.Count;

    public IReadOnlyList<uint> Vnis => vnis;

    /// <summary>In the order in which the faults came.</summary>
    public IReadOnlyList<ClusterChange> Changes => _changes;

    public IReadOnlyList<Disturbance> Disturbances => _disturbances;

    /// <summary>When a gateway must not announce anything at all.</summary>
    public IReadOnlyList<(int Gateway, TimeSpan From, TimeSpan Until, string Why)> Silences => _silences;

    /// <summary>The same deadline for every gateway.</summary>
    public TimeSpan[] By(TimeSpan deadline) => [.. uids.Select(_ => deadline)];

    /// <summary>One deadline for a gateway, another one for the others.</summary>
    public TimeSpan[] By(int gateway, TimeSpan own, TimeSpan others) =>
        [.. uids.Select((_, number) => number == gateway ? own : others)];

    public ClusterChange Add(ClusterChange change)
    {
        lock (_changes)
        {
            _changes.Add(change);
        }

        return change;
    }

    public Disturbance Add(Disturbance disturbance)
    {
        lock (_changes)
        {
            _disturbances.Add(disturbance);
        }

        return disturbance;
    }

    public void AddSilence(int gateway, TimeSpan from, TimeSpan until, string why)
    {
        lock (_changes)
        {
            _silences.Add((gateway, from, until, why));
        }
    }

    /// <summary>When everything that has been done must have been acted on.</summary>
    public TimeSpan SettledAt()
    {
        lock (_changes)
        {
            return _changes.Select(change => change.LastDeadline)
                .Concat(_disturbances.Select(disturbance => disturbance.Until))
                .Append(TimeSpan.Zero).Max();
        }
    }

    /// <summary>The moments at which what is expected may become another.</summary>
    public SortedSet<TimeSpan> Boundaries() =>
    [
        TimeSpan.Zero,
        .. _changes.SelectMany(change => change.Deadlines.Append(change.From)),
        .. _disturbances.SelectMany(disturbance => new[] { disturbance.From, disturbance.Over, disturbance.Until }),
    ];

    /// <summary>Whether a gateway owns a VNI by what it hears: the highest weight of itself and of those that it hears.</summary>
    public bool Owns(ClusterState state, int gateway, uint vni)
    {
        for (int other = 0; other < uids.Count; other++)
        {
            if (other != gateway && state.Active[other] && !state.Deaf[gateway, other] && Precedes(other, gateway, vni))
            {
                return false;
            }
        }

        return state.Active[gateway];
    }

    /// <summary>The state when everything that has begun is acted on.</summary>
    public ClusterState StateAt(TimeSpan time)
    {
        var state = new ClusterState(uids.Count);
        lock (_changes)
        {
            foreach (ClusterChange change in _changes.Where(change => change.From <= time))
            {
                change.Apply(state);
            }
        }

        return state;
    }

    /// <summary>All states that a gateway may act by at a moment.</summary>
    public IReadOnlyList<ClusterState> PossibleStates(TimeSpan time, int gateway) => Combine(
        time, [.. _changes.Where(change => change.From <= time && change.Deadlines[gateway] > time)]);

    /// <summary>Whether a change that is under way makes any difference to who serves a VNI.</summary>
    public bool Matters(ClusterChange change, uint vni, TimeSpan time)
    {
        ClusterChange[] others =
            [.. _changes.Where(other => other != change && other.From <= time && other.LastDeadline > time)];
        IReadOnlyList<ClusterState> with = Combine(time, others);
        IReadOnlyList<ClusterState> without = Combine(time, others, change);
        return Enumerable.Range(0, uids.Count).Any(gateway =>
            with.Zip(without).Any(pair => Owns(pair.First, gateway, vni) != Owns(pair.Second, gateway, vni)));
    }

    /// <summary>The states that all subsets of some changes make, on top of the others that have begun.</summary>
    private List<ClusterState> Combine(TimeSpan time, ClusterChange[] pending, ClusterChange? without = null)
    {
        if (pending.Length > MaximumPending)
        {
            throw new InvalidOperationException($"{pending.Length} changes are under way at once.");
        }

        List<ClusterState> states = [new ClusterState(uids.Count)];
        foreach (ClusterChange change in _changes.Where(change => change.From <= time && change != without))
        {
            List<ClusterState> before = pending.Contains(change) ? [.. states.Select(state => state.Copy())] : [];
            states.ForEach(change.Apply);
            states.AddRange(before);
        }

        return states;
    }

    private bool Precedes(int one, int other, uint vni)
    {
        NodeId first = new(uids[one]);
        NodeId second = new(uids[other]);
        return RendezvousHash.Precedes(
            RendezvousHash.Weight(first, new Vni(vni)), first, RendezvousHash.Weight(second, new Vni(vni)), second);
    }
}
