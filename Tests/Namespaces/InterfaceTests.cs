using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

[Collection(NamespaceCollection.Name)]
public sealed class InterfaceTests(ITestOutputHelper output)
{
    [NamespaceFact]
    public void An_interface_that_is_missing_is_named_and_taken_in_when_it_comes()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 4));
        Gateway gateway = network[1];
        gateway.IpBatch(["link del vrrp4-2", "link del vrrp4-3"]);
        Daemon daemon = gateway.Start(1);
        DaemonStatus status = daemon.WaitFor(
            "active, serves the others", status => status.State == "active" && status.Vnis.Count(vni => vni.Operational) == 2);
        Assert.Equal("no such interface", status.ProblemOf(2));
        Assert.Equal(0, status.Vnis[1].Ifindex);
        Assert.Equal(network.Vnis, status.Owned);
        Assert.Contains("<4>", daemon.WaitForLog("2-3: no such interface").Text);
        Assert.Matches(
            "wrong:\n.*2-3: no such interface\n", Binary.Run("status", "--control-socket", gateway.ControlSocket).Output);
        Assert.Contains("2 interfaces held down (0 were not), 2 missing", daemon.Log[0].Text);

        // Made the wrong way round: up before it is owned. What isn't owned is held down, what is owned is served.
        Capture capture = gateway.Capture("vethbr2");
        gateway.IpBatch(Gateway.MacvlanCommands(2));
        Eventually.Holds("serves", () => gateway.Macvlans()[2].Serves);
        Eventually.Get("announced", () => Announced(capture), addresses => addresses.Contains(Gateway.VirtualAddress(2)));
        int firstIndex = daemon.WaitFor("no problem", seen => seen.ProblemOf(2) == null).Vnis[1].Ifindex;
        Assert.Equal(gateway.Macvlans()[2].Ifindex, firstIndex);

        // Deleted and made again: another ifindex.
        int before = Announced(capture).Count;
        gateway.IpBatch(["link del vrrp4-2", .. Gateway.MacvlanCommands(2)]);
        Eventually.Get("announced again", () => Announced(capture), addresses => addresses.Count >= before + 2);
        KernelLink link = Eventually.Get("serves", () => gateway.Macvlans()[2], seen => seen.Serves);
        Assert.NotEqual(firstIndex, link.Ifindex);
        daemon.WaitFor("under another ifindex", seen => seen.Vnis[1].Ifindex == link.Ifindex && seen.Vnis[1].Operational);

        // Given another name, and its own again.
        gateway.IpBatch(["link set vrrp4-2 down", "link set vrrp4-2 name elsewhere"]);
        daemon.WaitFor("missing", seen => seen.ProblemOf(2) == "no such interface");
        gateway.IpBatch(["link set elsewhere name vrrp4-2", "link set vrrp4-2 up"]);
        daemon.WaitFor("serves again", seen => seen.Vnis[1].Operational && seen.ProblemOf(2) == null);
        gateway.IpBatch(Gateway.MacvlanCommands(3));
        daemon.WaitUntilServing();
        daemon.WaitForLog("no problem with any VNI any more");
    }

    [NamespaceFact]
    public void A_gateway_without_any_interface_says_so()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 2));
        network[1].IpBatch(["link del vrrp4-1", "link del vrrp4-2"]);
        Daemon daemon = network[1].Start(1);
        Assert.Contains("<4>", daemon.WaitForLog("1-2: no such interface").Text);
    }

    [NamespaceFact]
    public void An_interface_that_comes_up_without_being_owned_is_held_down()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 4));
        Gateway gateway = network[1];
        uint notOwned = network.Share(77, 1).First();
        network.AddPeer(77).Start(100);
        Daemon daemon = gateway.Start(1);
        daemon.WaitUntilServing(77);

        gateway.IpBatch(["link del " + Gateway.Macvlan(notOwned),
            .. Gateway.MacvlanCommands(notOwned).Where(command => !command.Contains("protodown", StringComparison.Ordinal))]);
        Eventually.Get("held down", () => gateway.Macvlans()[notOwned], link => link.Quiet);
        daemon.WaitUntilServing(77);
    }

    [NamespaceFact]
    public void An_address_that_comes_later_is_announced_then()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 2));
        Gateway gateway = network[1];
        gateway.Ip("addr flush dev vrrp4-1");
        Capture capture = gateway.Capture("vethbr1");
        Daemon daemon = gateway.Start(1);
        DaemonStatus status = daemon.WaitFor("a problem", status => status.State == "active" && status.ProblemOf(1) != null
            && status.Vnis[0].Operational);
        Assert.Contains("no IPv4 address", status.ProblemOf(1));
        Assert.Empty(Announced(capture));

        gateway.Ip("addr add 10.64.1.1/24 dev vrrp4-1");
        Eventually.Get("announced", () => Announced(capture), addresses => addresses.Contains("10.64.1.1"));
        daemon.WaitFor("no problem", seen => seen.ProblemOf(1) == null);

        gateway.Ip("addr add 10.200.1.1/24 dev vrrp4-1");
        Eventually.Get("the second address announced", () => Announced(capture), addresses => addresses.Contains("10.200.1.1"));

        gateway.Ip("addr del 10.64.1.1/24 dev vrrp4-1");
        gateway.Ip("link set vrrp4-1 protodown on");
        int before = Announced(capture).Count;
        Eventually.Get("announced again", () => Announced(capture), addresses => addresses.Count >= before + 2);
        Assert.DoesNotContain("10.64.1.1", Announced(capture).Skip(before));
    }

    [NamespaceFact]
    public void Another_one_that_holds_it_down_is_named_and_waited_for()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        Gateway gateway = network[1];
        gateway.Ip("link set vrrp4-2 protodown_reason 7 on");
        Daemon daemon = gateway.Start(1);
        DaemonStatus status = daemon.WaitFor(
            "blocked, and the others served", status => status.ProblemOf(2) != null && status.Vnis.Count(vni => vni.Operational) == 2);
        Assert.Contains("bit 7 (FRR)", status.ProblemOf(2));
        Assert.Contains("active reasons", daemon.WaitForLog("protodown off refused").Text);
        Assert.Contains("2 (vrrp4-2)", daemon.WaitForLog("bit 7 (FRR)").Text);
        Assert.True(gateway.Macvlans()[2].Quiet);

        // Retried, but not like mad.
        long refused = daemon.Status().Counters["protodown_refused"];
        DaemonStatus later = daemon.WaitFor("retried", seen => seen.Counters["protodown_refused"] > refused);
        Assert.True(later.Counters["protodown_refused"] < 50, later.ToString());

        // A second holder; then one by one they let go.
        gateway.Ip("link set vrrp4-2 protodown_reason 3 on");
        Assert.Contains("bit 3, bit 7 (FRR)", daemon.WaitFor(
            "both named", seen => seen.ProblemOf(2)?.Contains("bit 3", StringComparison.Ordinal) == true).ProblemOf(2));
        gateway.Ip("link set vrrp4-2 protodown_reason 3 off");
        daemon.WaitFor("one named", seen => seen.ProblemOf(2)?.Contains("bit 3", StringComparison.Ordinal) == false);
        DateTime cleared = DateTime.UtcNow;
        Capture capture = gateway.Capture("vethbr2");
        gateway.Ip("link set vrrp4-2 protodown_reason 7 off");
        Eventually.Get("announced", () => Announced(capture), addresses => addresses.Count > 0);
        network.Measured($"announced {(capture.Frames.First(frame => frame.IsArp).Time - cleared).TotalMilliseconds:0} ms after the last reason was cleared (ip included)");
        daemon.WaitUntilServing();
        Assert.Null(daemon.Status().ProblemOf(2));
    }

    [NamespaceFact]
    public void Interfaces_of_other_names_are_none_of_its_business()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        Gateway gateway = network[1];

        // Not configured; a leading zero; another pattern; and a VNI that isn't one.
        string[] others = ["vrrp4-9", "vrrp4-01", "vrrp6-1", "vrrp4-16777216"];
        gateway.IpBatch(others.SelectMany(other => new[]
        {
            $"link add link veth1 name {other} type macvlan mode bridge",
            $"link set {other} up",
        }));
        Daemon daemon = gateway.Start(1);
        daemon.WaitUntilServing();
        Assert.Equal(0, daemon.Terminate());

        IReadOnlyList<KernelLink> links = gateway.Links();
        Assert.All(others, other => Assert.True(links.Single(link => link.Name == other).Serves, other));
        Assert.All(network.Vnis, vni => Assert.True(links.Single(link => link.Name == Gateway.Macvlan(vni)).Quiet));
    }

    private static List<string> Announced(Capture capture) => [.. capture.Frames
        .Where(frame => frame.IsArp && !frame.Outgoing)
        .Select(frame => string.Join('.', frame.Bytes[28..32]))];
}
