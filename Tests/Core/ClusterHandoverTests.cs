using System;
using System.Linq;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

/// <summary>
/// For how long a VNI has no gateway, and for how long two. Where a test says nothing of it datagrams take no time.
/// </summary>
public sealed class ClusterHandoverTests
{
    private const double Overlap = 0.02;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 5)]
    [InlineData(80, 0)]
    [InlineData(80, 5)]
    public void A_joiner_takes_its_share_in_the_instant_in_which_the_others_hear_of_it(int leadMs, int delayMs)
    {
        // The second becomes active at 6.5 s and the lead.
        ClusterWorld world = Make([0, 3.5], leadMs, delayMs);
        Assert.Equal(GatewayState.Active, world[0].Gateway.State);
        Run(world, 2.9999999 + leadMs / 1e3, out _);
        Assert.Equal(0ul, world[1].Served);

        Run(world, 5, out (double None, double Two)[] sums);

        AssertSums(sums, world[1].Served, (0, delayMs / 1e3), (0, 0));
        Assert.NotEqual(0ul, world[1].Served);
    }

    /// <summary>The beat of the first is on the full second.</summary>
    [Theory]
    [InlineData(2, 0.0, 0, 0)]
    [InlineData(2, 0.4, 0, 5)]
    [InlineData(2, 0.999, 80, 0)]
    [InlineData(2, 0.0, 80, 5)]
    [InlineData(3, 0.0, 0, 0)]
    [InlineData(3, 0.999, 0, 5)]
    [InlineData(3, 0.4, 80, 0)]
    [InlineData(3, 0.0, 80, 5)]
    [InlineData(3, 0.999, 80, 25)]
    public void Who_stops_serves_until_it_hears_that_its_heirs_do(int nodes, double after, int leadMs, int delayMs)
    {
        ClusterWorld world = MakeActive(nodes, after, leadMs, delayMs);
        ulong served = world[0].Served;

        world.Stop(0);

        // All three goodbyes are said, and the takens have come back.
        double end = Math.Max(0.04, (leadMs + 2 * delayMs) / 1e3);
        Run(world, end - 1e-7, out (double None, double Two)[] sums);
        Assert.False(world[0].Exited);
        AssertSums(sums, served, (0, delayMs / 1e3), (0, 0));
        Run(world, 1e-7, out _);
        Assert.True(world[0].Exited);
        Run(world, 5, out sums);
        AssertSums(sums, 0, default, (0, 0));
        world.AssertAgreement();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(80)]
    public void Two_lost_goodbyes_of_three_do_no_harm(int leadMs)
    {
        ClusterWorld world = MakeActive(3, 0.4, leadMs, 5);
        ulong served = world[0].Served;
        int sent = 0;
        world.Loses = (kind, _, _) => kind == GatewayEventKind.GoodbyeReceived && sent++ < 6;

        world.Stop(0);

        Run(world, 0.04 + (leadMs + 10) / 1e3, out (double None, double Two)[] sums);
        Assert.True(world[0].Exited);
        AssertSums(sums, served, (0, 0.005), (0, 0));
    }

    /// <summary>No goodbye arrives, or the heirs are of the first implementation: the expiry is the handover.</summary>
    [Theory]
    [InlineData(0.0, 0)]
    [InlineData(0.4, 0)]
    [InlineData(0.999, 80)]
    public void Without_any_goodbye_heard_it_serves_until_all_others_have_taken_over_and_a_moment_longer(
        double after, int leadMs)
    {
        ClusterWorld world = MakeActive(3, after, leadMs, 5);
        ulong served = world[0].Served;
        world.Loses = (kind, _, _) => kind == GatewayEventKind.GoodbyeReceived;

        world.Stop(0);

        AssertEndsAtExpiry(world, after, out (double None, double Two)[] sums);
        AssertSums(sums, served, (0, Overlap - 0.005), (0, 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(80)]
    public void Heir_that_hears_no_goodbye_takes_over_at_expiry_and_the_others_when_they_hear_it(int leadMs)
    {
        ClusterWorld world = MakeActive(3, 0.4, leadMs, 5);
        ulong served = world[0].Served;
        ulong before = world[1].Served;
        world.Loses = (kind, _, receiver) => kind == GatewayEventKind.GoodbyeReceived && receiver == 1;

        world.Stop(0);

        AssertEndsAtExpiry(world, 0.4, out (double None, double Two)[] sums);
        ulong late = world[1].Served & ~before;
        Assert.True(late != 0 && late != served, "both inherit something");
        AssertSums(sums, late, (0, Overlap - 0.005), (null, null));
        AssertSums(sums, served & ~late, (0, 0.005), (null, null));
        AssertSums(sums, ~served, (0, 0), (null, null));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(80)]
    public void Without_any_taken_heard_two_serve_until_expiry_and_nobody_is_unserved(int leadMs)
    {
        ClusterWorld world = MakeActive(3, 0.4, leadMs, 5);
        ulong served = world[0].Served;
        world.Loses = (kind, _, _) => kind == GatewayEventKind.TakenReceived;

        world.Stop(0);

        AssertEndsAtExpiry(world, 0.4, out (double None, double Two)[] sums);
        AssertSums(sums, served, (0, Math.Round(3 - 0.4 + Overlap - 0.005 - leadMs / 1e3, 6)), (0, 0));
    }

    /// <summary>The second leaves when the first already has, but nobody has taken from it; or both at once.</summary>
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 5, 0)]
    [InlineData(0, 5, 4)]
    [InlineData(0, 5, 15)]
    [InlineData(80, 0, 0)]
    [InlineData(80, 5, 0)]
    [InlineData(80, 5, 4)]
    [InlineData(80, 5, 40)]
    [InlineData(80, 5, 70)]
    [InlineData(80, 5, 100)]
    public void Two_that_leave_at_once_or_shortly_after_each_other_are_followed_by_the_third(
        int leadMs, int delayMs, int betweenMs)
    {
        ClusterWorld world = MakeActive(3, 0.4, leadMs, delayMs);

        world.Stop(0);
        Run(world, betweenMs / 1e3, out (double None, double Two)[] first);
        world.Stop(1);
        Run(world, 0.5, out (double None, double Two)[] then);

        Assert.Equal((true, true, false), (world[0].Exited, world[1].Exited, world[2].Exited));
        Assert.Equal((1ul << GatewayDriver.Vnis.Count) - 1, world[2].Served);
        Assert.All(first.Concat(then), each => Assert.Equal(0, each.None));

        // A VNI may be handed over twice, from the first to the second and from there to the third.
        Assert.All(first.Zip(then), each => Assert.InRange(each.First.Two + each.Second.Two, 0, 2 * delayMs / 1e3));
    }

    [Fact]
    public void Of_two_that_are_alone_and_leave_at_once_neither_waits_for_the_other_until_expiry()
    {
        ClusterWorld world = MakeActive(2, 0.4, 80, 5);

        world.Stop(0);
        world.Stop(1);
        Run(world, GatewayDriver.Interval.TotalSeconds, out (double None, double Two)[] sums);

        Assert.Equal((true, true), (world[0].Exited, world[1].Exited));
        Assert.All(sums, each => Assert.Equal(0, each.Two));
    }

    /// <summary>
    /// It serves what the dead one was to take until nobody counts on it any more; the others have the rest.
    /// </summary>
    [Fact]
    public void Leaver_whose_heir_dies_before_it_has_taken_serves_on_until_the_next_heir_does()
    {
        ClusterWorld world = MakeActive(3, 0.4, 80, 5);
        (ulong served, ulong dead) = (world[0].Served, world[1].Served);

        world.Stop(0);
        Run(world, 0.04, out _);
        ulong late = Inherited(world[0], world[1].Uid) & served;
        Assert.True(late != 0 && late != served, "both inherit something");
        world.Crash(1);

        // The dead one's latest advertisement was at 5.48 s: what it was to take and what it had is taken at 8.485 s, and the
        // leaver lets go of it in that moment.
        Run(world, 4, out (double None, double Two)[] sums);
        Assert.True(world[0].Exited);
        world.AssertAgreement();
        AssertSums(sums, late, (0, 0), (null, null));
        AssertSums(sums, served & ~late, (0, 0.005), (null, null));
        AssertSums(sums, dead, (2.045, 0), (0, null));
        AssertSums(sums, ~(served | dead), (0, 0), (null, null));
    }

    [Fact]
    public void Leaver_whose_only_heir_dies_serves_until_that_is_known()
    {
        ClusterWorld world = MakeActive(2, 0.5, 80, 5);

        world.Stop(0);
        Run(world, 0.04, out _);
        world.Crash(1);

        AssertEndsAtExpiry(world, 0.54, out _);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(80)]
    public void Who_is_drained_hands_over_stands_by_and_comes_back_like_a_joiner(int leadMs)
    {
        ClusterWorld world = MakeActive(3, 0.4, leadMs, 5);
        ulong served = world[0].Served;

        world.Drain(0);
        Run(world, 0.2, out (double None, double Two)[] sums);
        Assert.Equal((GatewayState.Standby, 0ul), (world[0].Gateway.State, world[0].Served));
        AssertSums(sums, served, (0, 0.005), (0, 0));
        world.AssertAgreement();

        // It hears the others meanwhile, and they it no more.
        Run(world, 10, out sums);
        AssertSums(sums, 0, default, (0, 0));
        Assert.Equal(2, world[0].Gateway.Peers.AliveCount);
        Assert.Equal(1, world[1].Gateway.Peers.AliveCount);

        world.Undrain(0);
        Run(world, 2.9999999 + leadMs / 1e3, out sums);
        AssertSums(sums, 0, default, (0, 0));
        Assert.Equal((GatewayState.Listening, 0ul), (world[0].Gateway.State, world[0].Served));
        Run(world, 1, out sums);
        AssertSums(sums, served, (0, 0.005), (0, 0));
        Assert.Equal(served, world[0].Served);
        world.AssertAgreement();
    }

    /// <summary>It comes back before those who heard its goodbye would believe an advertisement of its.</summary>
    [Fact]
    public void Who_is_drained_and_comes_back_at_once_is_heard()
    {
        ClusterWorld world = MakeActive(2, 0.4, 80, 5);
        ulong served = world[0].Served;

        world.Drain(0);
        Run(world, 0.1, out _);
        Assert.Equal(GatewayState.Standby, world[0].Gateway.State);
        world.Undrain(0);
        Run(world, 4, out (double None, double Two)[] sums);

        AssertSums(sums, served, (0, 0.005), (0, 0));
        world.AssertAgreement();
    }

    [Fact]
    public void A_crashed_gateway_is_replaced_when_it_has_been_silent_for_the_dead_interval()
    {
        // Its last advertisement is at 6 s, the crash at 6.5 s.
        ClusterWorld world = Run(new ClusterWorld([0, 0.4, 0.8]), 5.7, out _);

        world.Crash(0);
        Run(world, 5, out (double None, double Two)[] longest);

        Assert.Equal([0, 2.5], longest.Select(each => each.None).Distinct().Order());
        Assert.All(longest, each => Assert.Equal(0, each.Two));
    }

    /// <summary>The VNIs that a gateway sees another one own; a bit for each.</summary>
    private static ulong Inherited(GatewayDriver node, NodeId uid)
    {
        ulong owned = 0;
        for (int index = 0; index < GatewayDriver.Vnis.Count; index++)
        {
            owned |= node.Gateway.Peers[node.Gateway.Ownership.Owners[index]].Uid == uid ? 1ul << index : 0;
        }

        return owned;
    }

    private static ClusterWorld Make(double[] starts, int leadMs, int delayMs) => new(
        starts, lead: TimeSpan.FromMilliseconds(leadMs), delay: TimeSpan.FromMilliseconds(delayMs));

    /// <summary>
    /// All have been active for some seconds; the first one's latest advertisement was that long ago; the others' beats
    /// are 0.4 s and 0.8 s behind it.
    /// </summary>
    private static ClusterWorld MakeActive(int nodes, double after, int leadMs, int delayMs)
    {
        ClusterWorld world = Make([.. Enumerable.Range(0, nodes).Select(i => i * 0.4)], leadMs, delayMs);
        return Run(world, Math.Round(6 + after - world.Seconds, 6), out _);
    }

    /// <summary>It serves for the dead interval from its latest advertisement, and the moment longer.</summary>
    private static void AssertEndsAtExpiry(ClusterWorld world, double after, out (double None, double Two)[] sums)
    {
        ClusterWorld draining = Run(world, 3 - after + Overlap - 1e-7, out (double None, double Two)[] until);
        Assert.Equal((false, GatewayState.Draining), (draining[0].Exited, draining[0].Gateway.State));
        Run(world, 2e-7, out _);
        Assert.True(world[0].Exited);
        Run(world, 5, out (double None, double Two)[] then);
        sums = [.. until.Zip(then, (a, b) => (Math.Round(a.None + b.None, 6), Math.Round(a.Two + b.Two, 6)))];
    }

    /// <summary>What is expected of the VNIs in the set and of all others; null is anything.</summary>
    private static void AssertSums(
        (double None, double Two)[] sums,
        ulong set,
        (double? None, double? Two) inSet,
        (double? None, double? Two) others)
    {
        for (int index = 0; index < sums.Length; index++)
        {
            (double? none, double? two) = (set >> index & 1) != 0 ? inSet : others;
            (double None, double Two) expected = (none ?? sums[index].None, two ?? sums[index].Two);
            Assert.True(expected == sums[index], $"VNI index {index}: expected {expected}, not {sums[index]}");
        }
    }

    /// <summary>
    /// Lets time pass, and adds up for each VNI for how many seconds it had no gateway, or more than one.
    /// </summary>
    private static ClusterWorld Run(ClusterWorld world, double seconds, out (double None, double Two)[] sums)
    {
        var sum = new (double None, double Two)[GatewayDriver.Vnis.Count];
        world.Settle(TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond)), passed =>
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
