using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Wmgwd2.Core;

/// <summary>Is told now and then how far something is that goes over all VNIs.</summary>
/// <param name="done">How much is done.</param>
/// <param name="total">Of how much.</param>
public delegate void PlanProgress(long done, long total);

/// <summary>
/// How many VNIs each gateway owns while all of them live, and how many of them each other one inherits when it dies: who
/// comes second for a VNI is its heir, so that one pass over the VNIs answers for the death of every gateway.
/// </summary>
public sealed class ElectionTally
{
    /// <summary>In how many steps <see cref="Count"/> counts the progress of one pass.</summary>
    public const int ProgressSteps = 100;

    // What is known of a block, 10 KB, stays in the nearest cache while all gateways are weighed for it.
    private const int BlockLength = 512;

    private const ushort Nobody = ushort.MaxValue;

    private readonly VniSet _vnis;
    private readonly int _count;
    private readonly NodeId[] _nodes;
    private readonly ushort[] _places;
    private readonly int[] _owned;
    private readonly int[] _inherited;
    private readonly WeightGroup[] _groups = new WeightGroup[BlockLength / WeightGroup.Count];
    private readonly ulong[] _firstWeights = new ulong[BlockLength];
    private readonly ulong[] _secondWeights = new ulong[BlockLength];
    private readonly ushort[] _firsts = new ushort[BlockLength];
    private readonly ushort[] _seconds = new ushort[BlockLength];

    /// <summary>Nothing counted yet.</summary>
    /// <param name="vnis">The VNIs.</param>
    /// <param name="gateways">How many gateways there will be.</param>
    public ElectionTally(VniSet vnis, int gateways)
    {
        _vnis = vnis;
        _count = gateways;
        _nodes = new NodeId[gateways];
        _places = new ushort[gateways];
        _owned = new int[gateways];
        _inherited = new int[gateways * gateways];
    }

    /// <summary>How many VNIs each gateway owns, by its place.</summary>
    public ReadOnlySpan<int> Owned => _owned;

    /// <summary>How many VNIs go from each gateway, when it dies, to another; by places.</summary>
    public int Inherited(int dead, int heir) => _inherited[dead * _count + heir];

    /// <summary>The least and the most that a live gateway owns after a death; of one gateway alone nobody is left.</summary>
    /// <param name="dead">The place of the dead one.</param>
    public LoadBalance BalanceAfterDeath(int dead)
    {
        var balance = LoadBalance.Nobody;
        for (int heir = 0; heir < _count; heir++)
        {
            if (heir != dead)
            {
                balance = balance.With(_owned[heir] + Inherited(dead, heir));
            }
        }

        return balance;
    }

    /// <summary>Counts for these gateways; what was counted before is forgotten.</summary>
    /// <param name="gateways">Their uids, all different; as many as were announced.</param>
    /// <param name="progress">Is told how far it is, in <see cref="ProgressSteps"/>.</param>
    public void Count(ReadOnlySpan<NodeId> gateways, PlanProgress? progress = null)
    {
        Sort(gateways);
        _owned.AsSpan().Clear();
        _inherited.AsSpan().Clear();
        long reported = 0;
        foreach (VniBlock block in _vnis.InBlocksOf(BlockLength))
        {
            Rank(block);
            for (int at = 0; at < block.Count; at++)
            {
                int owner = _places[_firsts[at]];
                _owned[owner]++;
                if (_seconds[at] != Nobody)
                {
                    _inherited[owner * _count + _places[_seconds[at]]]++;
                }
            }

            long done = (long)(block.Index + block.Count) * ProgressSteps / _vnis.Count;
            if (progress != null && done != reported)
            {
                progress(reported = done, ProgressSteps);
            }
        }
    }

    /// <summary>
    /// By uid, because of two with the same weight the lower uid goes first: so whoever comes later has to have the higher
    /// weight.
    /// </summary>
    private void Sort(ReadOnlySpan<NodeId> gateways)
    {
        for (int place = 0; place < _count; place++)
        {
            int at = place;
            for (; at > 0 && _nodes[at - 1].Value > gateways[place].Value; at--)
            {
                _nodes[at] = _nodes[at - 1];
                _places[at] = _places[at - 1];
            }

            _nodes[at] = gateways[place];
            _places[at] = (ushort)place;
        }
    }

    private void Rank(VniBlock block)
    {
        _seconds.AsSpan(0, block.Count).Fill(Nobody);

        // The last group may go beyond the block: what is weighed there is nobody's and never looked at.
        Span<WeightGroup> groups = _groups.AsSpan(0, (block.Count + WeightGroup.Count - 1) / WeightGroup.Count);
        for (int node = 0; node < _nodes.Length; node++)
        {
            ulong uid = _nodes[node].Value;
            Weigh(uid, uid * block.First.Value, groups, RendezvousHash.FirstMultiplier, RendezvousHash.SecondMultiplier);
            Place((ushort)node, MemoryMarshal.Cast<WeightGroup, ulong>(groups)[..block.Count]);
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

    /// <summary>Puts a gateway first or second where it belongs there among those that were before it.</summary>
    private void Place(ushort node, ReadOnlySpan<ulong> weights)
    {
        Span<ulong> firstWeights = _firstWeights.AsSpan(0, weights.Length);
        Span<ulong> secondWeights = _secondWeights.AsSpan(0, weights.Length);
        Span<ushort> firsts = _firsts.AsSpan(0, weights.Length);
        Span<ushort> seconds = _seconds.AsSpan(0, weights.Length);
        for (int at = 0; at < weights.Length; at++)
        {
            // The first two have their places whatever they weigh: 0 is a weight too.
            ulong weight = RendezvousHash.Finish(weights[at]);
            if (node == 0)
            {
                firstWeights[at] = weight;
                firsts[at] = node;
            }
            else if (weight > firstWeights[at])
            {
                secondWeights[at] = firstWeights[at];
                seconds[at] = firsts[at];
                firstWeights[at] = weight;
                firsts[at] = node;
            }
            else if (node == 1 || weight > secondWeights[at])
            {
                secondWeights[at] = weight;
                seconds[at] = node;
            }
        }
    }
}
