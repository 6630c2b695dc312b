using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

public sealed class OwnershipTests
{
    private const int Slots = 8;

    private static readonly VniSet Vnis = VniSetTests.Parse("1-40,100,4096,1048576-1048580");

    [Fact]
    public void After_any_sequence_it_equals_recomputation_and_only_what_must_move_has_moved()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var ownership = new Ownership(Vnis, Slots);
            var members = new Dictionary<int, NodeId>();
            for (int step = 0; step < 50; step++)
            {
                int slot = random.Next(Slots);
                ushort[] before = [.. ownership.Owners];
                if (members.Remove(slot))
                {
                    ownership.Remove(slot);
                }
                else
                {
                    // A few that differ in high bits only: their weights are equal for many a VNI.
                    ulong high = ((ulong)random.Next(16) << 60) | ((ulong)slot << 40);
                    members[slot] = new NodeId(high | (uint)random.Next(1, 4));
                    ownership.Add(slot, members[slot]);
                }

                AssertRecomputed(members, ownership);
                for (int index = 0; index < Vnis.Count; index++)
                {
                    ushort after = ownership.Owners[index];
                    Assert.True(
                        before[index] == after || before[index] == slot || after == slot,
                        $"seed {seed}, step {step}: VNI {Vnis[index]} moved between bystanders");
                }
            }
        }
    }

    [Fact]
    public void All_slots_can_be_members()
    {
        var ownership = new Ownership(Vnis, PeerTable.SlotCount);
        var members = new Dictionary<int, NodeId>();
        foreach (int slot in Enumerable.Range(0, PeerTable.SlotCount))
        {
            members[slot] = new NodeId((ulong)slot * 0x9e3779b97f4a7c15 + 1);
            ownership.Add(slot, members[slot]);
        }

        AssertRecomputed(members, ownership);
        foreach (int slot in Enumerable.Range(0, PeerTable.SlotCount))
        {
            ownership.Remove(slot);
        }

        Assert.All(ownership.Owners.ToArray(), owner => Assert.Equal(Ownership.NoOwner, owner));
    }

    /// <summary>
    /// The product of uid and VNI modulo 2^64 doesn't see the highest n bits of the uid where the VNI is a multiple of
    /// 2^n.
    /// </summary>
    [Theory]
    [InlineData(62, 4)]
    [InlineData(62, 12)]
    [InlineData(60, 16)]
    [InlineData(41, 8388608)]
    public void Equal_weights_go_to_the_lowest_uid_in_any_order(int bit, uint vni)
    {
        NodeId[] nodes = [new(5), new(5 | (1ul << bit)), new(5 | (3ul << bit))];
        Assert.Single(nodes.Select(node => RendezvousHash.Weight(node, new Vni(vni))).Distinct());
        foreach (int[] order in (int[][])[[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
        {
            var ownership = new Ownership(new VniSet([new VniRange(new Vni(vni), new Vni(vni))]), nodes.Length);
            foreach (int slot in order)
            {
                ownership.Add(slot, nodes[slot]);
            }

            Assert.Equal(0, ownership.Owners[0]);
            ownership.Remove(0);
            Assert.Equal(1, ownership.Owners[0]);
        }
    }

    [Fact]
    public void Share_of_each_of_many_gateways_is_about_even()
    {
        const int Gateways = 10;
        const int VniCount = 10_000;
        var ownership = new Ownership(VniSetTests.Parse($"1-{VniCount}"), Gateways);
        foreach (int slot in Enumerable.Range(0, Gateways))
        {
            ownership.Add(slot, new NodeId((ulong)slot + 1000));
        }

        Assert.All(
            Enumerable.Range(0, Gateways).Select(ownership.CountOwned),
            owned => Assert.InRange(owned, VniCount / Gateways * 8 / 10, VniCount / Gateways * 12 / 10));
    }

    private static void AssertRecomputed(Dictionary<int, NodeId> members, Ownership ownership)
    {
        IEnumerable<ushort> expected = Enumerable.Range(0, Vnis.Count).Select(index => members.Count == 0
            ? Ownership.NoOwner
            : (ushort)members.OrderByDescending(member => RendezvousHash.Weight(member.Value, Vnis[index]))
                .ThenBy(member => member.Value.Value).First().Key);
        Assert.Equal(expected, ownership.Owners.ToArray());
        foreach (int slot in Enumerable.Range(0, Slots))
        {
            Assert.Equal(ownership.Owners.Count((ushort)slot), ownership.CountOwned(slot));
            Assert.Equal(members.ContainsKey(slot), ownership.IsMember(slot));
        }
    }
}
