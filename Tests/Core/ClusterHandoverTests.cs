using System;
using System.Linq;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

/// <summary>For how long a VNI has no gateway, and for how long two, where advertisements take no time.</summary>
public sealed class ClusterHandoverTests
{
    [Fact]
    public void A_joiner_takes_its_share_in_the_instant_in_which_the_others_let_go()
    {
        // The second becomes active at 6.5 s.
        ClusterWorld world = Run(new ClusterWorld([0, 3.5], settled: false, 0, 0, 0), 2.9999999, out _);

        Run(world, 5, out (double None, double Two)[] longest);

        Assert.All(longest, each => Assert.Equal((0, 0), each));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.4)]
    [InlineData(0.999)]
    public void A_gateway_that_is_told_to_stop_serves_until_all_others_have_taken_over_and_a_moment_longer(double after)
    {
        // All three have just been active for some seconds; the first one's beat is on the full second.
        ClusterWorld world = Run(new ClusterWorld([0, 0.4, 0.8], settled: false, 0, 0, 0), 5.2 + after, out _);

        world.Stop(0);
        Run(world, 5, out (double None, double Two)[] longest);

        Assert.All(longest, each => Assert.Equal(0, each.None));
        Assert.Equal([0, Gateway.HandoverOverlap.TotalSeconds], longest.Select(each => each.Two).Distinct().Order());
    }

    [Fact]
    public void A_crashed_gateway_is_replaced_when_it_has_been_silent_for_the_dead_interval()
    {
        // Its last advertisement is at 6 s, the crash at 6.5 s.
        ClusterWorld world = Run(new ClusterWorld([0, 0.4, 0.8], settled: false, 0, 0, 0), 5.7, out _);

        world.Crash(0);
        Run(world, 5, out (double None, double Two)[] longest);

        Assert.Equal([0, 2.5], longest.Select(each => each.None).Distinct().Order());
        Assert.All(longest, each => Assert.Equal(0, each.Two));
    }

    /// <summary>
    /// Lets time pass, and adds up for each VNI for how many seconds it had no gateway, or more than one.
    /// </summary>
    private static ClusterWorld Run(ClusterWorld world, double seconds, out (double None, double Two)[] sums)
    {
        var sum = new (double None, double Two)[GatewayDriver.Vnis.Count];
        world.Settle(TimeSpan.FromSeconds(seconds), passed =>
        {
            for (int index = 0; index < sum.Length; index++)
            {
                int serving = world.CountServing(index);
                sum[index].None += serving == 0 ? passed.TotalSeconds : 0;
                sum[index].Two += serving > 1 ? passed.TotalSeconds : 0;
            }
        });
        sums = [.. sum.Select(each => (Math.Round(each.None, 6), Math.Round(each.Two, 6)))];
        return world;
    }
}
