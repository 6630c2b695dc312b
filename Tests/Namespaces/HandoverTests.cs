using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>
/// Before a planned move the one who serves has its bridges forget the virtual MACs, and serves on; EVPN withdraws the routes
/// meanwhile. Whatever happens then, they learn again.
/// </summary>
[Collection(NamespaceCollection.Name)]
public sealed class HandoverTests(ITestOutputHelper output)
{
    private static readonly string[] LongLead = ["--handover-lead", "1s"];

    [NamespaceFact("bridge")]
    public void Who_gives_VNIs_up_serves_them_without_a_route_until_they_are_taken()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 10));
        Daemon first = network[1].Start(1, LongLead);
        first.WaitUntilServing();
        Assert.Empty(Forgotten(network[1]));
        uint[] moving = [.. network.Share(2, 1)];

        // A joiner.
        Daemon second = network[2].Start(2, LongLead);
        Eventually.Get("yielded", () => Forgotten(network[1]), forgotten => forgotten.SequenceEqual(moving));
        Assert.Equal(network.Vnis, network[1].Served());
        second.WaitUntilServing(1);
        Eventually.Holds("learns again", () => !Forgotten(network[1]).Any());
        Assert.Equal(network.Share(1, 2), network[1].Served());

        // A leaver.
        second.Signal(Linux.SigTerm);
        Eventually.Get("yielded", () => Forgotten(network[2]), forgotten => forgotten.SequenceEqual(moving));
        Assert.Equal(moving, network[2].Served());
        Assert.Equal(0, second.WaitForExit());
        Assert.Empty(Forgotten(network[2]));
        Assert.True(network[2].AllQuiet());
        Eventually.Get("all with the first", network[1].Served, served => served.SequenceEqual(network.Vnis));
    }

    [NamespaceFact("bridge")]
    public void What_nobody_takes_is_learned_again_and_what_a_killed_one_left_too()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 10));
        Daemon first = network[1].Start(1, LongLead);
        first.WaitUntilServing();

        // The joiner dies before it takes anything.
        Daemon second = network[2].Start(2, LongLead);
        Eventually.Holds("yielded", () => Forgotten(network[1]).Any());
        second.Kill();
        Eventually.Holds("learns again", () => !Forgotten(network[1]).Any());
        Assert.Equal(network.Vnis, network[1].Served());
        Assert.Equal("active", first.Status().State);

        // The leaver dies while it yields; who is started next mends it.
        second = network[2].Start(2, LongLead);
        second.WaitUntilServing(1);
        second.Signal(Linux.SigTerm);
        Eventually.Holds("yielded", () => Forgotten(network[2]).Any());
        second.Kill();
        Assert.NotEmpty(Forgotten(network[2]));
        network[2].Start(2, LongLead).WaitFor("listening", status => status.State == "listening");
        Eventually.Holds("learns again", () => !Forgotten(network[2]).Any());
    }

    /// <summary>The VNIs whose bridge doesn't learn from the port of the veth pair.</summary>
    private static IEnumerable<uint> Forgotten(Gateway gateway)
    {
        using JsonDocument document = JsonDocument.Parse(Command.Must(["bridge", "-n", gateway.Name, "-d", "-j", "link", "show"]));
        return [.. document.RootElement.EnumerateArray()
            .Where(port => !port.GetProperty("learning").GetBoolean())
            .Select(port => uint.Parse(port.GetProperty("ifname").GetString()!["vethbr".Length..]))
            .Order()];
    }
}
