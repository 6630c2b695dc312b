using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

[Collection(NamespaceCollection.Name)]
public sealed class ListeningTests(ITestOutputHelper output)
{
    [NamespaceFact]
    public void A_gateway_that_listens_sends_nothing_and_owns_nothing()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 4));
        Gateway gateway = network[1];
        HandMadePeer peer = network.AddPeer(77);

        // As a daemon that was killed leaves them.
        gateway.IpBatch(network.Vnis.Select(vni => $"link set {Gateway.Macvlan(vni)} protodown off"));
        Eventually.Get("all served", gateway.Served, served => served.SequenceEqual(network.Vnis));
        Capture fabric = network.CaptureFabric();
        Capture everywhere = gateway.Capture();
        peer.Start(300);
        Daemon daemon = gateway.Start(1, "--interval", "1s");

        DateTime started = daemon.WaitForLog("starts:").Time;
        DaemonStatus listening = daemon.WaitFor("listening, and hears its peer", status => status.AlivePeers == 1);
        bool quiet = gateway.AllQuiet();
        DaemonStatus later = daemon.Status();
        Assert.True(quiet);
        Assert.Equal("listening", listening.State);
        Assert.Equal("listening", later.State);
        Assert.Empty(listening.Owned);
        Assert.All(listening.Vnis, vni => Assert.Equal(77ul, vni.Owner));
        Assert.Empty(fabric.DatagramsFrom(gateway.Address));

        daemon.WaitUntilServing(77);
        CapturedFrame first = Eventually.Get(
            "an advertisement", () => fabric.DatagramsFrom(gateway.Address), frames => frames.Count > 0)[0];
        network.Measured($"first advertisement {(first.Time - started).TotalMilliseconds:0} ms after the start; 3 s are to be listened");
        Assert.True(first.Time - started > TimeSpan.FromMilliseconds(2850));
        Assert.Equal(network.Share(1, 77), gateway.Served());

        // While it listened, nothing but the fence: no ARP of its own on any interface. Its first advertisement and its
        // first announcements come from two threads at the same time.
        Assert.DoesNotContain(
            everywhere.Frames, frame => frame.IsArp && frame.Time < first.Time - TimeSpan.FromMilliseconds(50));
    }

    [NamespaceFact]
    public void An_advertisement_is_the_uid_in_eight_bytes_to_the_broadcast_address()
    {
        const ulong Uid = 0x0123456789abcdef;
        using var network = new TestNetwork(output, 1, 1);
        Capture fabric = network.CaptureFabric();
        network[1].Start(Uid);

        IReadOnlyList<CapturedFrame> frames = Eventually.Get(
            "five advertisements", () => fabric.DatagramsFrom("10.0.1.11"), frames => frames.Count >= 5);

        Assert.All(frames, frame =>
        {
            Assert.Equal([0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef], frame.Payload);
            Assert.Equal("10.0.1.255", frame.DestinationAddress);
            Assert.Equal(3000, frame.DestinationPort);
            Assert.Equal("FFFFFFFFFFFF", Convert.ToHexString(frame.Bytes[..6]));
            Assert.Equal(0xc0, frame.Bytes[15]); // Type of service: class selector 6.
        });
        TimeSpan four = frames[4].Time - frames[0].Time;
        network.Measured($"four intervals of 100 ms: {four.TotalMilliseconds:0.0} ms");
        Assert.InRange(four.TotalMilliseconds, 300, 1000);
    }

    [NamespaceFact]
    public void A_gateway_waits_for_its_network()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        Gateway gateway = network[1];
        gateway.Ip("addr flush dev fabric");
        Capture fabric = network.CaptureFabric();
        Daemon daemon = gateway.Start(1);

        DaemonStatus fault = daemon.WaitFor("fault", status => status.State == "fault");
        Assert.Contains("network", fault.Fault);
        Assert.Empty(fault.Owned);
        Assert.True(gateway.AllQuiet());
        Assert.Contains("10.0.1.255", daemon.WaitForLog("network").Text);
        Assert.Empty(fabric.Frames);

        gateway.Ip($"addr add {gateway.Address}/24 brd + dev fabric");
        daemon.WaitForLog("state listening");
        DaemonStatus active = daemon.WaitUntilServing();
        Assert.Null(active.Fault);
        Assert.Equal(gateway.Address, active.Address);
        Assert.Equal(network.Vnis, active.Owned);
        Assert.NotEmpty(fabric.DatagramsFrom(gateway.Address));
    }

    [NamespaceTheory]
    [InlineData("10.0.1.5")]
    [InlineData("10.0.1.50")]
    public void A_gateway_that_is_given_another_address_does_not_take_itself_for_another(string address)
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 4));
        Daemon first = network[1].Start(1);
        Daemon second = network[2].Start(2);
        first.WaitUntilServing(2);
        second.WaitUntilServing(1);

        network[1].IpBatch(["addr flush dev fabric", $"addr add {address}/24 brd + dev fabric"]);
        DaemonStatus moved = first.WaitFor("at its new address", status => status.Address == address);
        DaemonStatus seen = second.WaitFor(
            "hears it from there", status => status.Peers.Single().Address == address && status.Peers.Single().Alive);
        Assert.Equal("active", moved.State);
        Assert.Null(moved.Fault);
        Assert.Equal(network.Share(2, 1), seen.Owned);
        Assert.Empty(first.FindLog("state fault"));
        Assert.Empty(first.FindLog("each needs its own"));
        second.WaitForLog($"peer 1 is heard from {address} now");
        Assert.Equal(network.Share(1, 2), network[1].Served());
    }

    /// <summary>Found by the soak: it took everything up for two intervals before it noticed that nobody could hear it.</summary>
    [NamespaceFact]
    public void A_gateway_that_nobody_can_hear_takes_nothing()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        Gateway gateway = network[1];
        LinkMonitor monitor = gateway.Monitor();
        Daemon daemon = gateway.Start(1, "--interval", "300ms");
        daemon.WaitFor("listening", status => status.State == "listening");
        gateway.Ip("link set fabric down");
        daemon.WaitForLog("state active");
        daemon.WaitFor("fault", status => status.State == "fault");
        Assert.All(network.Vnis, vni => Assert.DoesNotContain(monitor.Of(Gateway.Macvlan(vni)), change => change.LowerUp));

        gateway.Ip("link set fabric up");
        daemon.WaitUntilServing();
    }

    [NamespaceFact]
    public void A_gateway_that_can_not_send_lets_go_and_comes_back()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 4));
        Daemon first = network[1].Start(1);
        Daemon second = network[2].Start(2);
        first.WaitUntilServing(2);
        second.WaitUntilServing(1);

        network[1].Ip("link set fabric down");
        DaemonStatus fault = first.WaitFor("fault", status => status.State == "fault");
        Assert.Contains("network", fault.Fault);
        Eventually.Holds("nothing served", network[1].AllQuiet);
        second.WaitUntilServing();
        Assert.Equal(network.Vnis, network[2].Served());

        network[1].Ip("link set fabric up");
        first.WaitUntilServing(2);
        second.WaitUntilServing(1);
        Assert.Equal(network.Share(1, 2), network[1].Served());
        Assert.Equal(network.Share(2, 1), network[2].Served());
    }

    /// <summary>
    /// The kernel sends such a datagram all the same, as if it were for some host: along the default route, or by the interface
    /// that the socket is bound to.
    /// </summary>
    [NamespaceTheory]
    [InlineData("addr flush dev fabric", "addr add 10.0.1.11/24 brd + dev fabric")]
    [InlineData("link set fabric down", "link set fabric up")]
    [InlineData("addr flush dev fabric", "addr add 10.0.1.11/24 brd + dev fabric", "--bind-interface", "fabric")]
    public void A_gateway_whose_subnet_is_gone_lets_go_though_its_datagrams_have_a_route(
        string lose, string find, params string[] flags)
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 4));
        network[1].IpBatch(
        [
            "link add uplink type veth peer name upstream", "link set upstream up", "link set uplink up",
            "addr add 10.9.0.1/24 dev uplink", "route add default via 10.9.0.2",
        ]);
        Daemon first = network[1].Start(1, flags);
        Daemon second = network[2].Start(2);
        first.WaitUntilServing(2);
        second.WaitUntilServing(1);

        network[1].Ip(lose);
        DaemonStatus fault = first.WaitFor("fault", status => status.State == "fault");
        Assert.Contains("network", fault.Fault);
        Eventually.Holds("nothing served", network[1].AllQuiet);
        second.WaitUntilServing();

        network[1].Ip(find);
        first.WaitUntilServing(2);
        second.WaitUntilServing(1);
        Assert.Equal(network.Share(1, 2), network[1].Served());
    }
}
