using System;
using System.Collections.Generic;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Core;

/// <summary>
/// Every order of events up to a depth. On the way each gateway keeps its own invariants (<see
/// cref="GatewayInvariants"/>); from wherever it leads, once all is well again the gateways that live agree on every
/// owner.
/// </summary>
public sealed class ClusterExplorationTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("two start together", new[] { 0.0, 0.0 }, false, 0, false, 9)]
    [InlineData("one starts while the other is about to be active", new[] { 0.0, 2.5 }, false, 0, false, 8)]
    [InlineData("one starts while the other is active", new[] { 0.0, 3.5 }, false, 0, false, 8)]
    [InlineData("one starts while the other is active, drain, with a lead", new[] { 0.0, 3.5 }, false, 80, true, 8)]
    [InlineData("two are active", new[] { 0.0, 0.3 }, true, 0, false, 6)]
    [InlineData("two are active, drain, with a lead", new[] { 0.0, 0.3 }, true, 80, true, 6)]
    [InlineData("two are active, with a lead", new[] { 0.0, 0.3 }, true, 80, false, 6)]
    [InlineData("three start one after the other", new[] { 0.0, 0.4, 0.8 }, false, 0, false, 8)]
    [InlineData("three are active", new[] { 0.0, 0.4, 0.8 }, true, 0, false, 5)]
    [InlineData("three are active, drain, with a lead", new[] { 0.0, 0.4, 0.8 }, true, 80, true, 5)]
    public void Whatever_the_order_all_agree_in_the_end(
        string start, double[] starts, bool settled, int leadMs, bool drain, int depth)
    {
        TimeSpan lead = TimeSpan.FromMilliseconds(leadMs);
        int orders = 0;
        var path = new List<(int Choice, int Count)>();
        do
        {
            var world = new ClusterWorld(
                starts, settled, crashes: 1, stops: drain ? 0 : 1, pauses: 1, drains: drain ? 1 : 0, lead: lead);
            try
            {
                Walk(world, path, depth);

                // The longest way: who was heard just now is dead after one dead interval, who listens is active after
                // another and the lead.
                world.Settle(2 * GatewayDriver.DeadInterval + lead + GatewayDriver.Interval);
                world.AssertAgreement();
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"{start}: {string.Join(' ', path)}", failure);
            }

            orders++;
        }
        while (Next(path));

        output.WriteLine($"{start}: {orders} orders of {depth} events");
        Assert.True(orders > 1000, $"{orders} orders are not all there are");
    }

    /// <summary>
    /// Makes the choices of the path, then the first one each time up to the depth, which it adds to the path.
    /// </summary>
    private static void Walk(ClusterWorld world, List<(int Choice, int Count)> path, int depth)
    {
        for (int step = 0; step < depth; step++)
        {
            List<Action> choices = world.Choices();
            if (choices.Count == 0)
            {
                return;
            }

            if (step == path.Count)
            {
                path.Add((0, choices.Count));
            }

            choices[path[step].Choice]();
        }
    }

    /// <summary>Turns a path into the next one, as an odometer does.</summary>
    private static bool Next(List<(int Choice, int Count)> path)
    {
        while (path.Count > 0)
        {
            (int choice, int count) = path[^1];
            if (choice + 1 < count)
            {
                path[^1] = (choice + 1, count);
                return true;
            }

            path.RemoveAt(path.Count - 1);
        }

        return false;
    }
}
