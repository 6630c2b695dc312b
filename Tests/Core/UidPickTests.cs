using System;
using System.Linq;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

/// <summary>Uids that are drawn for a set of VNIs.</summary>
public sealed class UidPickTests
{
    private static readonly VniSet Vnis = VniSetTests.Parse("1-100");

    [Fact]
    public void Same_seed_draws_the_same_uids_and_another_one_others()
    {
        UidPick first = UidPick.Draw(Vnis, [], 3, 7);
        Assert.Equal(first.Gateways, UidPick.Draw(Vnis, [], 3, 7).Gateways);
        Assert.NotEqual(first.Gateways, UidPick.Draw(Vnis, [], 3, 8).Gateways);
        Assert.Equal(7ul, first.Seed);
    }

    [Theory]
    [InlineData(1, "1-100")]
    [InlineData(2, "1-100")]
    [InlineData(3, "1-100")]
    [InlineData(5, "1-7,100-1092")]
    [InlineData(16, "1-1000")]
    public void What_is_drawn_is_no_worse_than_a_typical_draw_and_as_good_as_it_says(int count, string ranges)
    {
        VniSet vnis = VniSetTests.Parse(ranges);
        UidPick pick = UidPick.Draw(vnis, [], count, 1);

        var tally = new ElectionTally(vnis, count);
        tally.Count(pick.Gateways);
        LoadBalance balance = LoadBalance.Of(tally.Owned);
        Assert.Equal(count, pick.Gateways.Distinct().Count());
        Assert.DoesNotContain(new NodeId(0), pick.Gateways);
        Assert.Equal((balance.Least, balance.Most), (pick.Quality.Least, pick.Quality.Most));
        Assert.Equal(
            count == 1 ? balance.Most : Enumerable.Range(0, count).Max(dead => tally.BalanceAfterDeath(dead).Most),
            pick.Quality.MostAfterDeath);
        Assert.True(pick.Quality.Most <= pick.Typical.Most);
        Assert.True(pick.Quality.MostAfterDeath <= pick.Typical.MostAfterDeath);
        Assert.InRange(pick.RandomDraws, 1, pick.Draws);
        Assert.True(pick.Draws <= UidPick.UsualDraws);
    }

    [Fact]
    public void Hundred_VNIs_are_shared_almost_evenly_by_three_all_alive_and_one_dead()
    {
        UidPick pick = UidPick.Draw(Vnis, [], 3, 1);
        Assert.InRange(pick.Quality.Most, 34, 35);
        Assert.InRange(pick.Quality.MostAfterDeath, 50, 51);
        Assert.True(pick.Typical.Most > 36);
    }

    [Fact]
    public void Gateways_that_are_there_keep_their_uids()
    {
        NodeId[] kept = [new(2000006), new(1000003)];
        UidPick pick = UidPick.Draw(Vnis, kept, 2, 1);
        Assert.Equal(kept, pick.Gateways[..2]);
        Assert.Equal(pick.Gateways[2..], pick.Drawn.ToArray());
        Assert.Equal(4, pick.Gateways.Distinct().Count());
    }

    [Fact]
    public void With_very_many_VNIs_fewer_sets_are_drawn_but_some_are()
    {
        UidPick pick = UidPick.Draw(VniSetTests.Parse("1-4000000"), [], 24, 1);
        Assert.InRange(pick.Draws, 2, 20);
        Assert.True(pick.Quality.Most <= pick.Typical.Most);
    }

    [Fact]
    public void Progress_only_grows_and_comes_to_its_end()
    {
        (long latest, long end) = (0, 0);
        UidPick.Draw(Vnis, [], 3, 1, (done, total) =>
        {
            Assert.InRange(done, latest + 1, total);
            (latest, end) = (done, total);
        });

        Assert.Equal(end, latest);
    }
}
