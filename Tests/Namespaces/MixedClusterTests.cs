using System;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

[Collection(NamespaceCollection.Name)]
public sealed class MixedClusterTests(ITestOutputHelper output)
{
    [NamespaceFact]
    public void Two_daemons_share_with_a_peer_of_the_first_implementation()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 12));
        HandMadePeer peer = network.AddPeer(77);
        Daemon first = network[1].Start(1);
        Daemon second = network[2].Start(2);
        first.WaitUntilServing(2);
        second.WaitUntilServing(1);

        // It joins: both let go of its share, and of nothing else.
        peer.Start(100);
        DaemonStatus joined = first.WaitUntilServing(2, 77);
        second.WaitUntilServing(1, 77);
        Assert.NotEmpty(network.Share(77, 1, 2));
        Assert.Equal(network.Share(1, 2, 77), network[1].Served());
        Assert.Equal(network.Share(2, 1, 77), network[2].Served());
        Assert.All(joined.Vnis, vni => Assert.Equal(TestNetwork.Owner(vni.Vni, 1, 2, 77), vni.Owner));
        Assert.Equal(peer.Address, joined.Peers.Single(entry => entry.Uid == 77).Address);

        // Datagrams of other lengths say nothing, even beside its advertisements.
        peer.Send(new byte[7]);
        peer.Send(new byte[9]);
        peer.Send([.. new byte[7], 77, .. new byte[24]]);
        DaemonStatus ignored = first.WaitFor("counted", status => status.Counters["received_wrong_length"] == 3);
        Assert.Equal("active", ignored.State);
        Assert.Equal([2ul, 77], ignored.Peers.Select(entry => entry.Uid));
        Assert.Contains("10.0.1.77", first.WaitForLog("is ignored").Text);

        // It falls silent, as it does when it ends: its share is taken over.
        peer.Stop();
        first.WaitUntilServing(2);
        second.WaitUntilServing(1);
        Assert.Equal(network.Share(1, 2), network[1].Served());
        Assert.Equal(network.Share(2, 1), network[2].Served());
        first.WaitForLog("peer 77 (10.0.1.77) is dead");
        Assert.Empty(first.FindLog("<3>"));
    }

    [NamespaceFact]
    public void Only_addresses_on_the_allow_list_are_listened_to()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 6));
        HandMadePeer stranger = network.AddPeer(77);
        stranger.Start(50);

        // The own datagrams loop back; the list needn't have the own address.
        Daemon first = network[1].Start(1, "--allow", "10.0.1.12");
        Daemon second = network[2].Start(2, "--allow", "10.0.1.11,10.0.1.12,10.0.1.13");
        first.WaitUntilServing(2);
        second.WaitUntilServing(1);
        DaemonStatus status = first.WaitFor(
            "datagrams of the stranger and of its own",
            status => status.Counters["received_not_allowed"] > 3 && status.Counters["received_own"] > 0);

        Assert.Equal([2ul], status.Peers.Select(peer => peer.Uid));
        Assert.Equal(network.Share(1, 2), status.Owned);
        Assert.Equal(0, status.Counters["received_duplicate_uid"]);
        Assert.Contains("not on the allow list", first.WaitForLog("10.0.1.77").Text);

        // Counted each, logged now and then.
        first.WaitFor("counted on", later => later.Counters["received_not_allowed"] > status.Counters["received_not_allowed"]);
        Assert.Single(first.FindLog("not on the allow list"));
    }

    [NamespaceFact]
    public void Of_two_gateways_with_the_same_uid_the_one_with_the_lower_address_goes_on()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 4));
        Daemon higher = network[2].Start(5);
        higher.WaitUntilServing();

        Daemon lower = network[1].Start(5);
        DaemonStatus fault = higher.WaitFor("fault", status => status.State == "fault");
        Assert.Contains("same uid", fault.Fault);
        Assert.Empty(fault.Owned);
        Assert.Contains("10.0.1.11", higher.WaitForLog("<3>the gateway at").Text);
        Assert.Contains("10.0.1.12", lower.WaitForLog("<3>the gateway at").Text);
        lower.WaitFor("active", status => status.State == "active" && status.Vnis.All(vni => vni.Operational));
        Eventually.Holds("the higher one serves nothing", network[2].AllQuiet);
        Assert.Equal(network.Vnis, network[1].Served());
        Assert.True(higher.Status().Counters["received_duplicate_uid"] > 0);

        // It stays so, and ends when the other one does.
        Eventually.Always("fault stands", TimeSpan.FromMilliseconds(600), () => higher.Status(), status => status.State == "fault");
        Assert.Equal(0, lower.Terminate());
        higher.WaitUntilServing();
        Assert.Equal(network.Vnis, network[2].Served());
        Assert.True(network[1].AllQuiet());
    }
}
