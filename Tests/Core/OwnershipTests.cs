using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

public sealed class OwnershipTests
{
    private const int Slots = 8;

    // Shorter than a vector, some vectors and a rest, more than a block and a rest; up to the highest VNI.
    private const string FewVnis = "1-40,100,4096,1048576-1048580";
    private const string ManyVnis = "1-7,64-79,1000-1600,8388600-8388616,16776000-16777215";

    private static readonly VniSet Vnis = VniSetTests.Parse(FewVnis);

    [Theory]
    [InlineData(FewVnis, 40)]
    [InlineData(ManyVnis, 10)]
    public void After_any_sequence_it_equals_recomputation_and_only_what_must_move_has_moved(string ranges, int seeds)
    {
        VniSet vnis = VniSetTests.Parse(ranges);
        for (int seed = 0; seed < seeds; seed++)
        {
            var random = new Random(seed);
            var ownership = new Ownership(vnis, Slots);
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
                    members[slot] = NextNode(random, slot);
                    ownership.Add(slot, members[slot]);
                }

                AssertRecomputed(vnis, members, ownership);
                for (int index = 0; index < vnis.Count; index++)
                {
                    ushort after = ownership.Owners[index];
                    Assert.True(
                        before[index] == after || before[index] == slot || after == slot,
                        $"seed {seed}, step {step}: VNI {vnis[index]} moved between bystanders");
                }
            }
        }
    }

    /// <summary>Among so many VNIs there are weights that differ in their lower 48 bits only.</summary>
    [Fact]
    public void Close_weights_are_told_apart()
    {
        VniSet vnis = VniSetTests.Parse("1-300001");
        var ownership = new Ownership(vnis, Slots);
        var random = new Random(1);
        NodeId[] nodes = [.. Enumerable.Range(0, Slots).Select(_ => new NodeId((ulong)random.NextInt64()))];
        foreach (int slot in Enumerable.Range(0, Slots))
        {
            ownership.Add(slot, nodes[slot]);
        }

        ownership.Remove(3);
        int close = 0;
        for (int index = 0; index < vnis.Count; index++)
        {
            (int best, int second) = (-1, -1);
            for (int slot = 0; slot < Slots; slot++)
            {
                if (slot != 3 && (best < 0 || Weight(slot) > Weight(best)))
                {
                    (best, second) = (slot, best);
                }
                else if (slot != 3 && (second < 0 || Weight(slot) > Weight(second)))
                {
                    second = slot;
                }
            }

            close += Weight(best) >> 48 == Weight(second) >> 48 ? 1 : 0;
            Assert.Equal(best, ownership.Owners[index]);

            ulong Weight(int slot) => RendezvousHash.Weight(nodes[slot], vnis[index]);
        }

        Assert.InRange(close, 5, 1000);
    }

    [Theory]
    [InlineData(FewVnis)]
    [InlineData(ManyVnis)]
    public void What_is_owned_and_what_a_joiner_takes_of_it_is_a_bit_for_each_vni(string ranges)
    {
        VniSet vnis = VniSetTests.Parse(ranges);
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var ownership = new Ownership(vnis, Slots);
            foreach (int slot in Enumerable.Range(0, random.Next(1, Slots)))
            {
                ownership.Add(slot, NextNode(random, slot));
            }

            NodeId joiner = NextNode(random, Slots - 1);
            ushort[] before = [.. ownership.Owners];
            var owned = new VniBitmap(vnis.Count);
            var losses = new VniBitmap(vnis.Count);
            losses[seed % vnis.Count] = true; // Bits that are set stay set.

            Assert.True(ownership.CopyOwned(0, owned));
            Assert.False(ownership.CopyOwned(0, owned));
            ownership.AddLosses(0, joiner, losses);
            ownership.Add(Slots - 1, joiner);

            for (int index = 0; index < vnis.Count; index++)
            {
                Assert.Equal(before[index] == 0, owned[index]);
                Assert.Equal(
                    index == seed % vnis.Count || (before[index] == 0 && ownership.Owners[index] != 0), losses[index]);
            }

            Assert.Equal(before.Count(owner => owner == 0), owned.Count);
        }
    }

    [Fact]
    public void Copying_notices_one_bit_and_clears_what_is_owned_no_more()
    {
        var ownership = new Ownership(VniSetTests.Parse("1-130"), 1);
        var owned = new VniBitmap(130);
        ownership.Add(0, new NodeId(1));
        Assert.True(ownership.CopyOwned(0, owned));
        foreach (int index in (int[])[0, 63, 64, 127, 128, 129])
        {
            owned[index] = false;
            Assert.True(ownership.CopyOwned(0, owned));
            Assert.Equal(130, owned.Count);
        }

        ownership.Remove(0);
        Assert.True(ownership.CopyOwned(0, owned));
        Assert.True(owned.IsEmpty);
    }

    [Fact]
    public void Keeps_four_bytes_a_vni()
    {
        const int Few = 1 << 16;
        const int Many = 1 << 20;

        Assert.InRange(CountBytes(Many) - CountBytes(Few), 1, 4 * (Many - Few));
        Assert.InRange(CountBytes(1), 1, 8192);

        static long CountBytes(int count)
        {
            VniSet vnis = VniSetTests.Parse($"1-{count}");
            long before = GC.GetAllocatedBytesForCurrentThread();
            GC.KeepAlive(new Ownership(vnis, PeerTable.SlotCount));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Joins_and_deaths_allocate_nothing()
    {
        VniSet vnis = VniSetTests.Parse(ManyVnis);
        var ownership = new Ownership(vnis, Slots);
        var bits = new VniBitmap(vnis.Count);
        Cycle();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Cycle();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Cycle()
        {
            ownership.Add(0, new NodeId(5));
            ownership.Add(1, new NodeId(5 | (1ul << 60)));
            ownership.AddLosses(0, new NodeId(6), bits);
            ownership.CopyOwned(0, bits);
            ownership.Remove(0);
            ownership.Remove(1);
        }
    }

    [Fact]
    public void Gateways_that_are_added_together_own_what_they_own_added_one_after_the_other()
    {
        (int Slot, NodeId Node)[] newcomers =
            [.. Enumerable.Range(0, Slots).Select(slot => (slot, new NodeId(((ulong)slot << 62) | 5 | (uint)(slot / 4))))];
        VniSet vnis = VniSetTests.Parse("1-2000,65536,1048576-1049999");
        var together = new Ownership(vnis, Slots);
        var oneByOne = new Ownership(vnis, Slots);

        together.Add(newcomers);
        foreach ((int slot, NodeId node) in newcomers)
        {
            oneByOne.Add(slot, node);
        }

        Assert.Equal(oneByOne.Owners.ToArray(), together.Owners.ToArray());
        Assert.All(newcomers, newcomer => Assert.True(together.IsMember(newcomer.Slot)));
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

        AssertRecomputed(Vnis, members, ownership);
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

    /// <summary>A few that differ in high bits only: their weights are equal for many a VNI.</summary>
    private static NodeId NextNode(Random random, int slot)
    {
        ulong high = ((ulong)random.Next(16) << 60) | ((ulong)slot << 40);
        return new NodeId(high | (uint)random.Next(1, 4));
    }

    private static void AssertRecomputed(VniSet vnis, Dictionary<int, NodeId> members, Ownership ownership)
    {
        ushort[] expected = [.. Enumerable.Range(0, vnis.Count).Select(index => Elect(members, vnis[index]))];
        Assert.Equal(expected, ownership.Owners.ToArray());
        foreach (int slot in Enumerable.Range(0, Slots))
        {
            Assert.Equal(expected.Count(owner => owner == slot), ownership.CountOwned(slot));
            Assert.Equal(members.ContainsKey(slot), ownership.IsMember(slot));
        }
    }

    private static ushort Elect(Dictionary<int, NodeId> members, Vni vni) => members.Count == 0
        ? Ownership.NoOwner
        : (ushort)members.OrderByDescending(member => RendezvousHash.Weight(member.Value, vni))
            .ThenBy(member => member.Value.Value).First().Key;
}
