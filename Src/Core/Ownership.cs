using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Wmgwd2.Core;

/// <summary>
/// Who owns each VNI, kept up to date as gateways come and go. A gateway is known by its slot, a small number that its
/// user gives out. Invariant: the owner of every VNI is the member that <see cref="RendezvousHash"/> puts first.
/// </summary>
/// <remarks>
/// Four bytes a VNI are kept: the owner's slot, and the prefix of its weight. So a newcomer is weighed once for each VNI,
/// and the owner only where the prefixes are equal; eight VNIs are compared at a time, without a branch, because whether
/// any of them is taken can't be predicted. Of one that leaves only the VNIs that it owned are elected again.
/// </remarks>
public sealed class Ownership
{
    /// <summary>The owner of every VNI while there is no member.</summary>
    public const ushort NoOwner = ushort.MaxValue;

    // How many VNIs are gone through for one newcomer before the next one: what is known of them stays in the nearest cache.
    private const int BlockLength = 512;

    // How many groups of weights lie between the one that is computed and the one that is compared.
    private const int ComparisonLag = 8;

    private const int WordBits = 64;

    private readonly VniSet _vnis;
    private readonly ushort[] _owners;

    // The lowest where there is no owner: any newcomer's is then higher or equal, and where it is equal there is a look.
    private readonly short[] _prefixes;
    private readonly NodeId[] _nodes;
    private readonly ushort[] _members;

    // The uids once more, in the order of the members, because they are gone through for each VNI of one that leaves.
    private readonly NodeId[] _memberNodes;
    private int _memberCount;

    /// <summary>No members, no owners.</summary>
    /// <param name="vnis">The VNIs to be owned.</param>
    /// <param name="slots">Slots are 0 to <paramref name="slots"/> - 1.</param>
    public Ownership(VniSet vnis, int slots)
    {
        _vnis = vnis;
        _owners = new ushort[vnis.Count];
        _owners.AsSpan().Fill(NoOwner);
        _prefixes = new short[vnis.Count];
        _prefixes.AsSpan().Fill(WeightPrefix.Lowest);
        _nodes = new NodeId[slots];
        _members = new ushort[slots];
        _memberNodes = new NodeId[slots];
    }

    /// <summary>The same members, for other VNIs. Those that are in both sets keep their owners; only the others are elected.</summary>
    /// <param name="vnis">The VNIs to be owned.</param>
    /// <param name="before">The ownership until now.</param>
    public Ownership(VniSet vnis, Ownership before)
        : this(vnis, before._nodes.Length)
    {
        before._nodes.CopyTo(_nodes, 0);
        before._members.CopyTo(_members, 0);
        before._memberNodes.CopyTo(_memberNodes, 0);
        _memberCount = before._memberCount;
        foreach (VniBlock block in vnis.InBlocksOf(BlockLength))
        {
            for (int at = 0; at < block.Count; at++)
            {
                int index = before._vnis.IndexOf(block[at]);
                if (index < 0)
                {
                    Elect(block.Index + at, block[at]);
                }
                else
                {
                    _owners[block.Index + at] = before._owners[index];
                    _prefixes[block.Index + at] = before._prefixes[index];
                }
            }
        }
    }

    /// <summary>The VNIs that are owned.</summary>
    public VniSet Vnis => _vnis;

    /// <summary>The owner's slot for each index of the VNI set, or <see cref="NoOwner"/>.</summary>
    public ReadOnlySpan<ushort> Owners => _owners;

    /// <summary>How many VNIs the gateway in a slot owns. Goes over all VNIs.</summary>
    public int CountOwned(int slot) => Owners.Count((ushort)slot);

    /// <summary>Whether the gateway in a slot takes part.</summary>
    public bool IsMember(int slot) => _members.AsSpan(0, _memberCount).Contains((ushort)slot);

    /// <summary>A gateway takes part from now on: it takes the VNIs for which it precedes their owner.</summary>
    /// <param name="slot">A slot without a member.</param>
    /// <param name="node">The gateway's uid.</param>
    public void Add(int slot, NodeId node) => Add([(slot, node)]);

    /// <summary>Gateways take part from now on, as if one after the other; but all VNIs are gone through once.</summary>
    /// <param name="newcomers">Their uids, and slots without a member.</param>
    public void Add(ReadOnlySpan<(int Slot, NodeId Node)> newcomers)
    {
        foreach ((int slot, NodeId node) in newcomers)
        {
            _nodes[slot] = node;
            _members[_memberCount] = (ushort)slot;
            _memberNodes[_memberCount] = node;
            _memberCount++;
        }

        Span<WeightGroup> groups = stackalloc WeightGroup[BlockLength / WeightGroup.Count];
        foreach (VniBlock block in _vnis.InBlocksOf(BlockLength))
        {
            foreach ((int slot, _) in newcomers)
            {
                Challenge((ushort)slot, block, groups[..(block.Count / WeightGroup.Count)]);
            }
        }
    }

    /// <summary>A gateway takes part no longer: each VNI that it owned goes to the next in order.</summary>
    /// <param name="slot">A member's slot.</param>
    public void Remove(int slot)
    {
        int left = _members.AsSpan(0, _memberCount).IndexOf((ushort)slot);
        _memberCount--;
        _members[left] = _members[_memberCount];
        _memberNodes[left] = _memberNodes[_memberCount];
        foreach (VniBlock block in _vnis.InBlocksOf(WordBits))
        {
            for (ulong owned = FindOwned((ushort)slot, block.Index, block.Count); owned != 0; owned &= owned - 1)
            {
                int at = BitOperations.TrailingZeroCount(owned);
                Elect(block.Index + at, block[at]);
            }
        }
    }

    /// <summary>Sets a bit for each VNI that a gateway, if it took part, would take from the one in a slot.</summary>
    public void AddLosses(int slot, NodeId joiner, VniBitmap losses)
    {
        foreach (VniBlock block in _vnis.InBlocksOf(WordBits))
        {
            for (ulong owned = FindOwned((ushort)slot, block.Index, block.Count); owned != 0; owned &= owned - 1)
            {
                int at = BitOperations.TrailingZeroCount(owned);
                losses[block.Index + at] |= PrecedesOwner(joiner, block.Index + at, block[at]);
            }
        }
    }

    /// <summary>Sets a bit for each VNI that the gateway in a slot owns, and clears all others.</summary>
    /// <returns>Whether a bit has changed.</returns>
    public bool CopyOwned(int slot, VniBitmap owned)
    {
        bool changed = false;
        Span<ulong> words = owned.Words;
        for (int at = 0; at < words.Length; at++)
        {
            int index = at * WordBits;
            ulong word = FindOwned((ushort)slot, index, Math.Min(WordBits, _owners.Length - index));
            changed |= words[at] != word;
            words[at] = word;
        }

        return changed;
    }

    /// <summary>A newcomer takes what it can of a block; <paramref name="groups"/> are room for its weights.</summary>
    private void Challenge(ushort slot, VniBlock block, Span<WeightGroup> groups)
    {
        ulong uid = _nodes[slot].Value;
        if (TakeHigher(
            uid, uid * block.First.Value, groups, slot, _prefixes.AsSpan(block.Index), _owners.AsSpan(block.Index),
            RendezvousHash.FirstMultiplier, RendezvousHash.SecondMultiplier))
        {
            SettleTies(MemoryMarshal.Cast<WeightGroup, ulong>(groups), slot, block);
        }

        for (int at = groups.Length * WeightGroup.Count; at < block.Count; at++)
        {
            ChallengeOne(slot, block.Index + at, block[at]);
        }
    }

    /// <summary>
    /// Weighs the newcomer, and takes each VNI for which its prefix is higher than the owner's. Both in one loop, so that the
    /// comparisons go into the gaps that the multiplications leave; but of weights of a while ago, for what is written as
    /// halves of a vector can be read as a vector only once it has reached the cache.
    /// </summary>
    /// <returns>Whether any are equal, so that their weights must be compared.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TakeHigher(
        ulong uid, ulong product, Span<WeightGroup> groups, ushort slot, Span<short> prefixes, Span<ushort> owners,
        ulong firstMultiplier, ulong secondMultiplier)
    {
        // By reference and index: through spans of vectors it takes a seventh more instructions, for the addresses alone.
        int count = groups.Length;
        ref WeightGroup weighed = ref MemoryMarshal.GetReference(groups);
        ref short held = ref MemoryMarshal.GetReference(prefixes[..(count * WeightGroup.Count)]);
        ref ushort holders = ref MemoryMarshal.GetReference(owners[..(count * WeightGroup.Count)]);
        Vector128<ushort> newcomer = Vector128.Create(slot);
        Vector128<short> ties = Vector128<short>.Zero;
        for (int weighing = 0, comparing = -ComparisonLag; comparing < count; weighing++, comparing++)
        {
            if (weighing < count)
            {
                RendezvousHash.Weigh(
                    uid, ref product, out Unsafe.Add(ref weighed, weighing), firstMultiplier, secondMultiplier);
            }

            if (comparing >= 0)
            {
                var at = (nuint)(comparing * WeightGroup.Count);
                Vector128<short> prefix =
                    WeightPrefix.Of(Unsafe.As<WeightGroup, WeightVectors>(ref Unsafe.Add(ref weighed, comparing)));
                Vector128<short> holder = Vector128.LoadUnsafe(ref held, at);
                Vector128<ushort> higher = Vector128.GreaterThan(prefix, holder).AsUInt16();
                ties |= Vector128.Equals(prefix, holder);
                Vector128.Max(prefix, holder).StoreUnsafe(ref held, at);
                Vector128<ushort> owner = Vector128.LoadUnsafe(ref holders, at);
                Vector128.ConditionalSelect(higher, newcomer, owner).StoreUnsafe(ref holders, at);
            }
        }

        return ties != Vector128<short>.Zero;
    }

    private void SettleTies(ReadOnlySpan<ulong> weights, ushort slot, VniBlock block)
    {
        for (int at = 0; at < weights.Length; at++)
        {
            // What the newcomer has just taken is equal too; nobody goes before himself, so nothing changes there.
            if (WeightPrefix.Of(weights[at]) == _prefixes[block.Index + at])
            {
                ChallengeOne(slot, block.Index + at, block[at]);
            }
        }
    }

    private void ChallengeOne(ushort slot, int index, Vni vni)
    {
        if (PrecedesOwner(_nodes[slot], index, vni))
        {
            _owners[index] = slot;
            _prefixes[index] = WeightPrefix.Of(RendezvousHash.Weight(_nodes[slot], vni));
        }
    }

    private bool PrecedesOwner(NodeId node, int index, Vni vni)
    {
        ulong weight = RendezvousHash.Weight(node, vni);
        short prefix = WeightPrefix.Of(weight);
        if (prefix != _prefixes[index])
        {
            return prefix > _prefixes[index];
        }

        ushort owner = _owners[index];
        return owner == NoOwner
            || RendezvousHash.Precedes(weight, node, RendezvousHash.Weight(_nodes[owner], vni), _nodes[owner]);
    }

    private void Elect(int index, Vni vni)
    {
        int member = RendezvousHash.FindFirst(_memberNodes.AsSpan(0, _memberCount), vni, out ulong weight);
        _owners[index] = member < 0 ? NoOwner : _members[member];
        _prefixes[index] = WeightPrefix.Of(weight);
    }

    /// <summary>A bit for each of up to 64 indexes: whether the gateway in a slot owns it.</summary>
    private ulong FindOwned(ushort slot, int index, int count)
    {
        ReadOnlySpan<ushort> owners = _owners.AsSpan(index, count);
        ReadOnlySpan<Vector128<ushort>> vectors = MemoryMarshal.Cast<ushort, Vector128<ushort>>(owners);
        Vector128<ushort> wanted = Vector128.Create(slot);
        ulong owned = 0;
        int done = 0;
        for (int at = 0; at + 1 < vectors.Length; at += 2)
        {
            // Narrowed from two bytes to one, because the least of x86 processors can take a bit of each byte only.
            Vector128<byte> found = Vector128.Narrow(
                Vector128.Equals(vectors[at], wanted), Vector128.Equals(vectors[at + 1], wanted));
            owned |= (ulong)found.ExtractMostSignificantBits() << done;
            done += Vector128<byte>.Count;
        }

        for (; done < owners.Length; done++)
        {
            owned |= owners[done] == slot ? 1ul << done : 0;
        }

        return owned;
    }
}
