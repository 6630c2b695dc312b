using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>A network that falls apart, and comes together again.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class HealTests(ITestOutputHelper output)
{
    [NamespaceFact("bridge")]
    public void After_a_partition_the_last_announcement_of_each_vni_is_its_owners()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 8));
        Daemon[] daemons = [network[1].Start(1), network[2].Start(2)];
        daemons[0].WaitUntilServing(2);
        daemons[1].WaitUntilServing(1);

        // The carriers stay: nobody is told.
        Command.Must(["bridge", "-n", network.Fabric, "link", "set", "dev", "gw1", "state", "disabled"]);
        daemons[0].WaitUntilServing();
        daemons[1].WaitUntilServing();
        Assert.Equal(network.Vnis, network[1].Served());
        Assert.Equal(network.Vnis, network[2].Served());

        Capture[] captures = [network[1].Capture(), network[2].Capture()];
        LinkMonitor[] monitors = [network[1].Monitor(), network[2].Monitor()];
        DateTime healed = DateTime.UtcNow;
        Command.Must(["bridge", "-n", network.Fabric, "link", "set", "dev", "gw1", "state", "forwarding"]);
        daemons[0].WaitUntilServing(2);
        daemons[1].WaitUntilServing(1);
        Thread.Sleep(TimeSpan.FromSeconds(2.6));

        TimeSpan longestBoth = TimeSpan.Zero;
        foreach (uint vni in network.Vnis)
        {
            int owner = (int)TestNetwork.Owner(vni, 1, 2);
            DateTime[] own = [.. Announcements(captures[owner - 1], vni).Where(time => time > healed)];
            DateTime[] others = [.. Announcements(captures[2 - owner], vni).Where(time => time > healed)];
            Assert.True(own.Length >= 3, $"VNI {vni}: {own.Length} announcements of its owner");
            Assert.True(others.Length == 0 || others.Max() < own.Max(), $"VNI {vni}: the last announcement isn't its owner's");
            TimeSpan both = monitors[2 - owner].Of(Gateway.Macvlan(vni)).First(change => !change.LowerUp).Time - healed;
            longestBoth = both > longestBoth ? both : longestBoth;
        }

        network.Measured($"two gateways served a VNI for up to {longestBoth.TotalMilliseconds:0} ms after they could hear each other; the interval is 100 ms");
        Assert.True(longestBoth < TimeSpan.FromSeconds(1));
    }

    /// <summary>When a gateway announced a VNI, as its macvlan sent it.</summary>
    private static IEnumerable<DateTime> Announcements(Capture capture, uint vni) => capture.Frames
        .Where(frame => frame.IsArp && frame.Outgoing && string.Join('.', frame.Bytes[28..32]) == Gateway.VirtualAddress(vni))
        .Select(frame => frame.Time);
}
