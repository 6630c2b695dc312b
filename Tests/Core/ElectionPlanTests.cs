using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Wmgwd2.Core;
using Wmgwd2.Tests.Simulation;
using Xunit;

namespace Wmgwd2.Tests.Core;

/// <summary>A plan says what the election as it is defined would come to.</summary>
public sealed class ElectionPlanTests
{
    private const string Ranges = "1-7,64-79,100,102,1000-2050,16776000-16777215";

    [Theory]
    [MemberData(nameof(RendezvousHashTests.Vectors), MemberType = typeof(RendezvousHashTests))]
    public void Owner_of_a_vector_is_the_owner_in_the_plan(string line)
    {
        string[] fields = line.Split('\t');
        NodeId[] gateways = [.. fields[0].Split(',').Select(uid => new NodeId(ulong.Parse(uid, CultureInfo.InvariantCulture)))];
        var vni = new Vni(uint.Parse(fields[1], CultureInfo.InvariantCulture));
        int owner = Array.IndexOf(gateways, new NodeId(ulong.Parse(fields[3], CultureInfo.InvariantCulture)));

        ElectionPlan plan = ElectionPlan.Compute(new VniSet([new VniRange(vni, vni)]), gateways, []);
        Assert.Equal([(ushort)owner], plan.Owners.ToArray());
        Assert.Equal(1, plan.Owned[owner]);
        Assert.Equal(1, plan.Tally!.Owned[owner]);
        Assert.Equal(owner, ElectionPlan.Rank(gateways, vni)[0]);

        // Who joins the first has the share that it would have if it had been there.
        ElectionPlan joined = ElectionPlan.Compute(plan.Vnis, gateways[..1], gateways[1..]);
        Assert.Equal([(ushort)owner], joined.OwnersJoined.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(11)]
    public void Owners_are_those_of_the_definition_and_the_daemon(int count)
    {
        VniSet vnis = VniSetTests.Parse(Ranges);
        NodeId[] gateways = ElectionTallyTests.Draw(new Random(count), count);
        ElectionPlan plan = ElectionPlan.Compute(vnis, gateways, []);
        var ownership = new Ownership(vnis, PeerTable.SlotCount);
        for (int slot = count - 1; slot >= 0; slot--)
        {
            ownership.Add(slot, gateways[slot]);
        }

        ushort[] defined = [.. OwnersOf(gateways, vnis)];
        Assert.Equal(defined, plan.Owners.ToArray());
        Assert.Equal(ownership.Owners.ToArray(), plan.Owners.ToArray());
        Assert.Equal(defined, plan.OwnersJoined.ToArray());
        Assert.Equal(plan.Tally!.Owned.ToArray(), plan.Owned.ToArray());
        Assert.Equal(plan.Owned.ToArray(), plan.OwnedJoined.ToArray());
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(5, 3)]
    [InlineData(2, 6)]
    public void Joiners_take_what_the_definition_gives_them_and_nothing_else_moves(int count, int joining)
    {
        VniSet vnis = VniSetTests.Parse(Ranges);
        NodeId[] all = ElectionTallyTests.Draw(new Random(count), count + joining);
        ElectionPlan plan = ElectionPlan.Compute(vnis, all[..count], all[count..]);
        ushort[] before = [.. OwnersOf(all[..count], vnis)];
        ushort[] after = [.. OwnersOf(all, vnis)];

        Assert.Equal(before, plan.Owners.ToArray());
        Assert.Equal(after, plan.OwnersJoined.ToArray());
        Assert.Null(plan.Tally);
        for (int joiner = 0; joiner < joining; joiner++)
        {
            ushort[] taken = plan.FindTaken(joiner);
            for (int index = 0; index < vnis.Count; index++)
            {
                bool moves = after[index] == count + joiner;
                Assert.Equal(moves ? before[index] : Ownership.NoOwner, taken[index]);
                Assert.True(after[index] >= count || after[index] == before[index]);
            }

            foreach (int from in Enumerable.Range(0, count))
            {
                Assert.Equal(taken.Count(place => place == from), plan.Taken(joiner, from));
            }
        }

        Assert.Equal(
            Enumerable.Range(0, all.Length).Select(place => after.Count(owner => owner == place)), plan.OwnedJoined.ToArray());
    }

    [Fact]
    public void Rank_is_who_owns_as_one_after_the_other_dies()
    {
        NodeId[] gateways =
            [.. ElectionTallyTests.Draw(new Random(1), 6), new(5 | (3ul << 62)), new(5), new(5 | (1ul << 62)), new(1ul << 63)];
        foreach (VniBlock block in VniSetTests.Parse("1-200,8388608,16777215").InBlocksOf(1))
        {
            List<NodeId> alive = [.. gateways];
            foreach (int place in ElectionPlan.Rank(gateways, block.First))
            {
                Assert.Equal(Rendezvous.Elect(alive, block.First), gateways[place]);
                alive.Remove(gateways[place]);
            }

            Assert.Empty(alive);
        }
    }

    [Theory]
    [InlineData(9, 0)]
    [InlineData(9, 5)]
    public void Progress_only_grows_and_comes_to_its_end(int count, int joining)
    {
        NodeId[] all = ElectionTallyTests.Draw(new Random(1), count + joining);
        (long latest, long end, int times) = (0, 0, 0);
        ElectionPlan.Compute(VniSetTests.Parse("1-100000"), all[..count], all[count..], (done, total) =>
        {
            Assert.InRange(done, latest + 1, total);
            (latest, end, times) = (done, total, times + 1);
        });

        Assert.Equal(end, latest);
        Assert.True(times > 3);
    }

    private static IEnumerable<ushort> OwnersOf(NodeId[] gateways, VniSet vnis)
    {
        for (int index = 0; index < vnis.Count; index++)
        {
            yield return (ushort)Array.IndexOf(gateways, Rendezvous.Elect([.. gateways], vnis[index]));
        }
    }
}
