using System;

namespace Wmgwd2.Core;

/// <summary>What is known of a gateway that has been heard.</summary>
public struct Peer
{
    /// <summary>Its uid; 0 in a slot that was never used.</summary>
    public NodeId Uid { get; internal set; }

    /// <summary>Where its latest advertisement came from.</summary>
    public Ipv4Address Address { get; internal set; }

    /// <summary>When its latest advertisement came.</summary>
    public Instant LastHeard { get; internal set; }

    /// <summary>When it is dead unless it is heard before.</summary>
    public Instant ExpiresAt { get; internal set; }

    /// <summary>
    /// Until when its advertisements are late ones, sent before it said goodbye; who comes back listens for longer.
    /// </summary>
    public Instant LeftUntil { get; internal set; }

    /// <summary>Whether it takes part in the election.</summary>
    public bool Alive { get; internal set; }
}

/// <summary>
/// The gateways by slot: slot 0 is this gateway, 1 to <see cref="PeerLimit"/> are peers. Dead peers are kept, for the
/// operator to see, until their slot is needed; a flood of uids can't grow the table.
/// </summary>
public sealed class PeerTable
{
    /// <summary>This gateway's own slot.</summary>
    public const int OwnSlot = 0;

    /// <summary>How many peers there can be.</summary>
    public const int PeerLimit = 255;

    /// <summary>How many slots there are: the peers' and the own.</summary>
    public const int SlotCount = PeerLimit + 1;

    private readonly Peer[] _peers = new Peer[SlotCount];

    // The uids once more, side by side, because they are searched for each datagram.
    private readonly ulong[] _uids = new ulong[SlotCount];

    // Slots from here on were never used: they are given out in order.
    private int _usedCount = OwnSlot + 1;

    /// <summary>An empty table.</summary>
    /// <param name="ownUid">This gateway's uid.</param>
    public PeerTable(NodeId ownUid)
    {
        _uids[OwnSlot] = ownUid.Value;
        _peers[OwnSlot].Uid = ownUid;
    }

    /// <summary>How many peers are alive.</summary>
    public int AliveCount { get; private set; }

    /// <summary>The gateway in a slot.</summary>
    public ref readonly Peer this[int slot] => ref _peers[slot];

    /// <summary>The slot of a uid, or -1.</summary>
    public int Find(NodeId uid) => _uids.AsSpan().IndexOf(uid.Value);

    /// <summary>Gives a peer a slot: one never used, else the one whose dead peer has been silent longest.</summary>
    /// <returns>The slot, or -1 when every slot holds a live peer.</returns>
    public int Allocate(NodeId uid)
    {
        int best = _usedCount < SlotCount ? _usedCount++ : FindLongestSilent();
        if (best >= 0)
        {
            _uids[best] = uid.Value;
            _peers[best] = new Peer { Uid = uid };
        }

        return best;
    }

    private int FindLongestSilent()
    {
        int best = -1;
        for (int slot = OwnSlot + 1; slot < _usedCount; slot++)
        {
            if (!_peers[slot].Alive && (best < 0 || _peers[slot].LastHeard < _peers[best].LastHeard))
            {
                best = slot;
            }
        }

        return best;
    }

    /// <summary>Notes that a peer was heard.</summary>
    public void Touch(int slot, Ipv4Address address, Instant now, TimeSpan deadInterval)
    {
        ref Peer peer = ref _peers[slot];
        peer.Address = address;
        peer.LastHeard = now;
        peer.ExpiresAt = now + deadInterval;
    }

    /// <summary>Notes that a peer said goodbye.</summary>
    public void SetLeftUntil(int slot, Instant until) => _peers[slot].LeftUntil = until;

    /// <summary>Makes a peer alive or dead.</summary>
    public void SetAlive(int slot, bool alive)
    {
        if (_peers[slot].Alive != alive)
        {
            _peers[slot].Alive = alive;
            AliveCount += alive ? 1 : -1;
        }
    }

    /// <summary>Gives every live peer until then to be heard again: what was missed can't be held against it.</summary>
    public void GrantUntil(Instant expiresAt)
    {
        foreach (ref Peer peer in _peers.AsSpan())
        {
            peer.ExpiresAt = expiresAt;
        }
    }

    /// <summary>The dead interval has become longer, or shorter, by that much.</summary>
    public void ShiftExpiry(TimeSpan by)
    {
        foreach (ref Peer peer in _peers.AsSpan())
        {
            peer.ExpiresAt += by;
        }
    }

    /// <summary>When the next live peer is dead unless it is heard; <see cref="Instant.Never"/> without live peers.</summary>
    public Instant NextExpiry
    {
        get
        {
            Instant next = Instant.Never;
            for (int slot = OwnSlot + 1; slot < _usedCount && AliveCount > 0; slot++)
            {
                if (_peers[slot].Alive)
                {
                    next = Instant.Min(next, _peers[slot].ExpiresAt);
                }
            }

            return next;
        }
    }
}
