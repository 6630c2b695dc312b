using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;
using Wmgwd2.Tests.Simulation;
using Xunit;

namespace Wmgwd2.Tests.Core;

/// <summary>Who owns how much and who inherits it, against the definition of the election, one VNI and one death at a time.</summary>
public sealed class ElectionTallyTests
{
    // Shorter than a group, groups and a rest, blocks and a rest; single ones; up to the highest VNI.
    private const string Ranges = "1-7,64-79,100,102,1000-2050,8388600-8388616,16776000-16777215";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(40)]
    public void Shares_and_heirs_are_those_of_the_definition(int count)
    {
        VniSet vnis = VniSetTests.Parse(Ranges);
        for (int seed = 0; seed < 5; seed++)
        {
            NodeId[] gateways = Draw(new Random(seed), count);
            var tally = new ElectionTally(vnis, count);
            tally.Count(gateways);
            AssertDefined(vnis, gateways, tally);
        }
    }

    /// <summary>Uids that differ in their highest bits have equal weights for many a VNI, and 2^63 weighs nothing for each second.</summary>
    [Fact]
    public void Ties_and_weights_of_nothing_go_to_the_lowest_uid()
    {
        VniSet vnis = VniSetTests.Parse("1-64,4096-4112,8388608");
        NodeId[] gateways =
            [new(5 | (3ul << 62)), new(1ul << 63), new(5), new(5 | (1ul << 62)), new(3ul << 62), new(1ul << 62)];
        foreach (int count in (int[])[2, 3, 6])
        {
            foreach (NodeId[] order in (NodeId[][])[gateways[..count], [.. Enumerable.Reverse(gateways[..count])], gateways[^count..]])
            {
                var tally = new ElectionTally(vnis, count);
                tally.Count(order);
                AssertDefined(vnis, order, tally);
            }
        }
    }

    [Fact]
    public void Counting_again_forgets_what_was_counted_before()
    {
        VniSet vnis = VniSetTests.Parse("1-1000");
        NodeId[] gateways = Draw(new Random(1), 4);
        var tally = new ElectionTally(vnis, 4);
        tally.Count(Draw(new Random(2), 4));
        tally.Count(gateways);
        AssertDefined(vnis, gateways, tally);
    }

    [Fact]
    public void All_gateways_that_there_can_be_are_counted()
    {
        VniSet vnis = VniSetTests.Parse("1-2000");
        NodeId[] gateways = Draw(new Random(1), ElectionPlan.GatewayLimit);
        var tally = new ElectionTally(vnis, gateways.Length);
        tally.Count(gateways);
        Assert.Equal(2000, LoadBalance.Of(tally.Owned).Total);
        Assert.Equal(2000, tally.BalanceAfterDeath(17).Total);
        Assert.Equal(ElectionPlan.GatewayLimit - 1, tally.BalanceAfterDeath(17).Gateways);
    }

    [Fact]
    public void Progress_only_grows_and_comes_to_its_end()
    {
        var told = new List<long>();
        new ElectionTally(VniSetTests.Parse("1-9,100-200000"), 2).Count([new(1), new(2)], (done, total) =>
        {
            Assert.Equal(ElectionTally.ProgressSteps, total);
            told.Add(done);
        });

        Assert.Equal(told.Distinct().Order(), told);
        Assert.Equal(ElectionTally.ProgressSteps, told[^1]);
        Assert.InRange(told.Count, 50, ElectionTally.ProgressSteps);
    }

    [Fact]
    public void Balance_of_loads()
    {
        LoadBalance balance = LoadBalance.Of([30, 50, 40]);
        Assert.Equal((3, 120, 30, 50), (balance.Gateways, balance.Total, balance.Least, balance.Most));
        Assert.Equal(40, balance.Mean);
        Assert.Equal(25, balance.PercentAboveMean, 9);
        Assert.Equal(0, LoadBalance.Of([]).Mean);
        Assert.Equal(0, LoadBalance.Of([0, 0]).PercentAboveMean);
    }

    internal static NodeId[] Draw(Random random, int count)
    {
        var uids = new HashSet<ulong>();
        while (uids.Count < count)
        {
            uids.Add((ulong)random.NextInt64(1, long.MaxValue));
        }

        return [.. uids.Select(uid => new NodeId(uid))];
    }

    private static void AssertDefined(VniSet vnis, NodeId[] gateways, ElectionTally tally)
    {
        var owned = new int[gateways.Length];
        var inherited = new int[gateways.Length, gateways.Length];
        foreach (VniBlock block in vnis.InBlocksOf(1))
        {
            int owner = Array.IndexOf(gateways, Rendezvous.Elect([.. gateways], block.First));
            NodeId heir = Rendezvous.Elect([.. gateways.Where(gateway => gateway != gateways[owner])], block.First);
            owned[owner]++;
            if (gateways.Length > 1)
            {
                inherited[owner, Array.IndexOf(gateways, heir)]++;
            }
        }

        Assert.Equal(owned, tally.Owned.ToArray());
        for (int dead = 0; dead < gateways.Length; dead++)
        {
            int[] expected = [.. Enumerable.Range(0, gateways.Length).Select(heir => inherited[dead, heir])];
            Assert.Equal(expected, Enumerable.Range(0, gateways.Length).Select(heir => tally.Inherited(dead, heir)));

            int[] then = [.. owned.Zip(expected, (load, more) => load + more).Where((_, heir) => heir != dead)];
            LoadBalance balance = tally.BalanceAfterDeath(dead);
            Assert.Equal(
                (then.Length, then.Sum(), then.DefaultIfEmpty().Min(), then.DefaultIfEmpty().Max()),
                (balance.Gateways, balance.Total, balance.Least, balance.Most));
        }
    }
}
