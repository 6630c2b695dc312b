using System.Collections.Generic;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>The published binary allocates nothing after its start, the lines that it logs included.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class AllocationTests(ITestOutputHelper output)
{
    private const int Datagrams = 1000;

    [NamespaceTheory]
    [InlineData("info")]
    [InlineData("debug")]
    public void Threads_allocate_nothing_whatever_moves(string logLevel)
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 40));
        Gateway gateway = network[1];
        Daemon daemon = gateway.Start(1, "--log-level", logLevel);
        daemon.WaitUntilServing();
        Check("alone", daemon);

        // One that speaks the first implementation's protocol appears, and falls silent.
        HandMadePeer peer = network.AddPeer(77);
        peer.Start(50);
        daemon.WaitUntilServing(77);
        daemon.WaitForLog("let go of");
        Check("a peer appeared", daemon);
        peer.Stop();
        daemon.WaitUntilServing();
        daemon.WaitForLog("peer 77 (10.0.1.77) is dead");
        daemon.WaitForLog("took over", 3);
        Check("a peer expired", daemon);

        // A daemon of this implementation joins and leaves with a handover. Lower devices of what it has come up meanwhile.
        Daemon second = network[2].Start(2);
        daemon.WaitUntilServing(2);
        second.WaitUntilServing(1);
        Check("a gateway joined", daemon);
        Check("it joined", second);
        gateway.IpBatch(network.Share(2, 1).SelectMany(vni => new[] { $"link set veth{vni} down", $"link set veth{vni} up" }));
        daemon.WaitForLog("somebody brought up what this gateway doesn't own");
        daemon.WaitUntilServing(2);
        Check("it held down what came up", daemon);
        Assert.Equal(0, second.Terminate());
        daemon.WaitUntilServing();
        daemon.WaitForLog("said goodbye");
        Check("a gateway left", daemon);

        gateway.IpBatch(Enumerable.Range(0, 50).SelectMany(i => new[]
        {
            $"link set vethbr{1 + i % 40} mtu {1400 + i}", $"link set vrrp4-{1 + i % 40} alias {i}",
            "address add 192.168.3.77/24 dev vrrp4-3", "address del 192.168.3.77/24 dev vrrp4-3",
            "link add other type veth peer name another", "link del other",
        }));
        gateway.IpBatch(["link set veth5 down", "link set veth5 up"]);
        daemon.WaitUntilServing();
        Check("links changed", daemon);

        long before = daemon.Status().Counters["received_accepted"];
        for (int i = 0; i < Datagrams; i++)
        {
            peer.Advertise(77);
            peer.Send(new byte[i % 8]);
            peer.Advertise(0);
        }

        daemon.WaitFor("all datagrams", status =>
            status.Counters["received_accepted"] - before == Datagrams
            && status.Counters["received_wrong_length"] == Datagrams && status.Counters["received_zero_uid"] == Datagrams);
        Check("datagrams came", daemon);
    }

    private static void Check(string what, Daemon daemon)
    {
        IReadOnlyDictionary<string, long> counters = daemon.Status().Counters;
        Assert.Equal(
            $"{what}: 0 and 0 bytes",
            $"{what}: {counters["cluster_allocated_bytes"]} and {counters["kernel_allocated_bytes"]} bytes");
    }
}
