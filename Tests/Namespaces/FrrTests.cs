using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>With real FRR, in the lab of scripts/lab.sh: what the daemon is there for.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class FrrTests(ITestOutputHelper output)
{
    [NamespaceFact("bash", "vtysh", "ping", "arping", "sysctl", "/usr/lib/frr/zebra", "/usr/lib/frr/bgpd", "/usr/lib/frr/ospfd")]
    public void Routing_follows_the_owner()
    {
        using var lab = new FrrLab(output, 2, 2, "--interval", "100ms");
        Assert.Empty(lab.MacRoutes());
        Daemon first = lab.Start(1);
        Daemon second = lab.Start(2);
        first.WaitUntilServing(2);
        second.WaitUntilServing(1);
        CheckRouting(lab, "both", lab.Vnis.ToDictionary(vni => vni, vni => TestNetwork.Owner(vni, 1, 2)));
        Assert.Equal(2, lab.Vnis.Select(vni => TestNetwork.Owner(vni, 1, 2)).Distinct().Count());

        // It stops: the other one has all, and nothing of the first is left.
        DateTime signalled = DateTime.UtcNow;
        Assert.Equal(0, first.Terminate());
        CheckRouting(lab, "the second alone", lab.Vnis.ToDictionary(vni => vni, _ => 2ul));
        output.WriteLine($"measured: BGP and OSPF show the other gateway {(DateTime.UtcNow - signalled).TotalMilliseconds:0} ms after SIGTERM, of which the lead is 200");

        // It comes back, and has its share again.
        Daemon again = lab.Start(1);
        again.WaitUntilServing(2);
        second.WaitUntilServing(1);
        CheckRouting(lab, "both again", lab.Vnis.ToDictionary(vni => vni, vni => TestNetwork.Owner(vni, 1, 2)));
        Assert.Equal(0, again.Terminate());
        Assert.Equal(0, second.Terminate());

        // The bridge remembers a MAC for a while; but nobody's network is routed to.
        Eventually.Get("nobody's", () => string.Join(' ', lab.UpstreamRoutes()), routes => routes.Length == 0);
    }

    /// <summary>One MAC route for each VNI and one OSPF route, both to the owner; and stations reach the world through it.</summary>
    private static void CheckRouting(FrrLab lab, string when, Dictionary<uint, ulong> owners)
    {
        string macs = string.Join(' ', owners.Select(owner => $"{Gateway.VirtualMac(owner.Key)}@{FrrLab.VtepOf(owner.Value)}"));
        Eventually.Get($"{when}: BGP", () => string.Join(' ', lab.MacRoutes()), routes => routes == macs);
        string prefixes = string.Join(' ', owners.Select(owner => $"10.64.{owner.Key}.0/24@{FrrLab.UplinkOf(owner.Value)}"));
        Eventually.Get($"{when}: OSPF", () => string.Join(' ', lab.UpstreamRoutes()), routes => routes == prefixes);
        foreach (uint vni in lab.Vnis)
        {
            Eventually.Get(
                $"{when}: station {vni} reaches the world",
                () => Command.Run(["ip", "netns", "exec", lab.NameOf($"st{vni}"), "ping", "-n", "-c", "1", "-W", "1", "192.0.2.1"]),
                ping => ping.ExitCode == 0);
        }
    }
}
