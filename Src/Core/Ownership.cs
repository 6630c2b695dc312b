using System;

namespace Wmgwd2.Core;

/// <summary>
/// Who owns each VNI, kept up to date as gateways come and go. A gateway is known by its slot, a small number that its
/// user gives out. Invariant: the owner of every VNI is the member that <see cref="RendezvousHash"/> puts first.
/// </summary>
public sealed class Ownership
{
    /// <summary>The owner of every VNI while there is no member.</summary>
    public const ushort NoOwner = ushort.MaxValue;

    private readonly VniSet _vnis;
    private readonly ushort[] _owners;
    private readonly NodeId[] _nodes;
    private readonly ushort[] _members;
    private readonly int[] _owned;
    private int _memberCount;

    /// <summary>No members, no owners.</summary>
    /// <param name="vnis">The VNIs to be owned.</param>
    /// <param name="slots">Slots are 0 to <paramref name="slots"/> - 1.</param>
    public Ownership(VniSet vnis, int slots)
    {
        _vnis = vnis;
        _owners = new ushort[vnis.Count];
        _owners.AsSpan().Fill(NoOwner);
        _nodes = new NodeId[slots];
        _members = new ushort[slots];
        _owned = new int[slots];
    }

    /// <summary>The owner's slot for each index of the VNI set, or <see cref="NoOwner"/>.</summary>
    public ReadOnlySpan<ushort> Owners => _owners;

    /// <summary>How many VNIs the gateway in a slot owns.</summary>
    public int CountOwned(int slot) => _owned[slot];

    /// <summary>Whether the gateway in a slot takes part.</summary>
    public bool IsMember(int slot) => _members.AsSpan(0, _memberCount).Contains((ushort)slot);

    /// <summary>A gateway takes part from now on: it takes the VNIs for which it precedes their owner.</summary>
    /// <param name="slot">A slot without a member.</param>
    /// <param name="node">The gateway's uid.</param>
    public void Add(int slot, NodeId node)
    {
        _nodes[slot] = node;
        _members[_memberCount++] = (ushort)slot;
        int index = 0;
        foreach (VniRange range in _vnis.Ranges)
        {
            for (uint value = range.First.Value; value <= range.Last.Value; value++, index++)
            {
                var vni = new Vni(value);
                ushort owner = _owners[index];
                if (owner == NoOwner || Precedes(node, _nodes[owner], vni))
                {
                    Assign(index, (ushort)slot);
                }
            }
        }
    }

    /// <summary>A gateway takes part no longer: each VNI that it owned goes to the next in order.</summary>
    /// <param name="slot">A member's slot.</param>
    public void Remove(int slot)
    {
        Span<ushort> members = _members.AsSpan(0, _memberCount);
        members[members.IndexOf((ushort)slot)] = members[^1];
        _memberCount--;
        int index = 0;
        foreach (VniRange range in _vnis.Ranges)
        {
            for (uint value = range.First.Value; value <= range.Last.Value; value++, index++)
            {
                if (_owners[index] == slot)
                {
                    Assign(index, Elect(new Vni(value)));
                }
            }
        }
    }

    /// <summary>Sets a bit for each VNI that a gateway, if it took part, would take from the one in a slot.</summary>
    public void AddLosses(int slot, NodeId joiner, VniBitmap losses)
    {
        int index = 0;
        foreach (VniRange range in _vnis.Ranges)
        {
            for (uint value = range.First.Value; value <= range.Last.Value; value++, index++)
            {
                losses[index] |= _owners[index] == slot && Precedes(joiner, _nodes[slot], new Vni(value));
            }
        }
    }

    private void Assign(int index, ushort slot)
    {
        ushort previous = _owners[index];
        if (previous != NoOwner)
        {
            _owned[previous]--;
        }

        if (slot != NoOwner)
        {
            _owned[slot]++;
        }

        _owners[index] = slot;
    }

    private ushort Elect(Vni vni)
    {
        ushort best = NoOwner;
        foreach (ushort member in _members.AsSpan(0, _memberCount))
        {
            if (best == NoOwner || Precedes(_nodes[member], _nodes[best], vni))
            {
                best = member;
            }
        }

        return best;
    }

    private static bool Precedes(NodeId node, NodeId other, Vni vni) => RendezvousHash.Precedes(
        RendezvousHash.Weight(node, vni), node, RendezvousHash.Weight(other, vni), other);
}
