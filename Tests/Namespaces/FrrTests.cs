using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>With real FRR, in the lab of scripts/lab.sh: what the daemon is there for.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class FrrTests : IDisposable
{
    private static readonly uint[] Vnis = [1, 2];

    private readonly ITestOutputHelper _output;
    private readonly string _lab = NetworkNamespace.NewPrefix().TrimEnd('-');
    private readonly string _folder = Directory.CreateTempSubdirectory("wmgwd2-tests-").FullName;
    private readonly List<Daemon> _daemons = [];

    public FrrTests(ITestOutputHelper output) => _output = output;

    public void Dispose()
    {
        _daemons.ForEach(daemon => daemon.Dispose());
        _daemons.ForEach(daemon => _output.WriteLine($"--- log\n{daemon.LogText}"));
        if (Directory.Exists($"/tmp/wmgwd2-lab-{_lab}"))
        {
            RunLab("down");
        }

        Directory.Delete(_folder, recursive: true);
    }

    [NamespaceFact("bash", "vtysh", "ping", "arping", "sysctl", "/usr/lib/frr/zebra", "/usr/lib/frr/bgpd", "/usr/lib/frr/ospfd")]
    public void Routing_follows_the_owner()
    {
        RunLab("up", "2", "2");
        Assert.Empty(MacRoutes());
        Daemon first = Start(1);
        Daemon second = Start(2);
        first.WaitUntilServing(2);
        second.WaitUntilServing(1);
        CheckRouting("both", Vnis.ToDictionary(vni => vni, vni => TestNetwork.Owner(vni, 1, 2)));
        Assert.Equal(2, Vnis.Select(vni => TestNetwork.Owner(vni, 1, 2)).Distinct().Count());

        // It stops: the other one has all, and nothing of the first is left.
        DateTime signalled = DateTime.UtcNow;
        Assert.Equal(0, first.Terminate());
        CheckRouting("the second alone", Vnis.ToDictionary(vni => vni, _ => 2ul));
        _output.WriteLine($"measured: BGP and OSPF show the other gateway {(DateTime.UtcNow - signalled).TotalMilliseconds:0} ms after SIGTERM, of which the dead interval is 300");

        // It comes back, and has its share again.
        Daemon again = Start(1);
        again.WaitUntilServing(2);
        second.WaitUntilServing(1);
        CheckRouting("both again", Vnis.ToDictionary(vni => vni, vni => TestNetwork.Owner(vni, 1, 2)));
        Assert.Equal(0, again.Terminate());
        Assert.Equal(0, second.Terminate());

        // The bridge remembers a MAC for a while; but nobody's network is routed to.
        Eventually.Get("nobody's", () => string.Join(' ', UpstreamRoutes()), routes => routes.Length == 0);
    }

    private static string VtepOf(ulong gateway) => string.Create(CultureInfo.InvariantCulture, $"10.0.1.{10 + gateway}");

    private static string UplinkOf(ulong gateway) => string.Create(CultureInfo.InvariantCulture, $"10.0.2.{10 + gateway}");

    /// <summary>One MAC route for each VNI and one OSPF route, both to the owner; and stations reach the world through it.</summary>
    private void CheckRouting(string when, Dictionary<uint, ulong> owners)
    {
        string macs = string.Join(' ', owners.Select(owner => $"{Gateway.VirtualMac(owner.Key)}@{VtepOf(owner.Value)}"));
        Eventually.Get($"{when}: BGP", () => string.Join(' ', MacRoutes()), routes => routes == macs);
        string prefixes = string.Join(' ', owners.Select(owner => $"10.64.{owner.Key}.0/24@{UplinkOf(owner.Value)}"));
        Eventually.Get($"{when}: OSPF", () => string.Join(' ', UpstreamRoutes()), routes => routes == prefixes);
        foreach (uint vni in Vnis)
        {
            Eventually.Get(
                $"{when}: station {vni} reaches the world",
                () => Command.Run(["ip", "netns", "exec", $"{_lab}-st{vni}", "ping", "-n", "-c", "1", "-W", "1", "192.0.2.1"]),
                ping => ping.ExitCode == 0);
        }
    }

    /// <summary>The type-2 routes at the route reflector for the gateways' MACs: MAC@VTEP, sorted.</summary>
    private IEnumerable<string> MacRoutes()
    {
        using JsonDocument document = Ask("rr", "show bgp l2vpn evpn route type macip json");
        return [.. document.RootElement.EnumerateObject()
            .Where(entry => entry.Value.ValueKind == JsonValueKind.Object)
            .SelectMany(distinguisher => distinguisher.Value.EnumerateObject())
            .Where(route => route.Value.ValueKind == JsonValueKind.Object)
            .SelectMany(route => route.Value.GetProperty("paths").EnumerateArray())
            .SelectMany(paths => paths.EnumerateArray())
            .Where(path => path.GetProperty("mac").GetString()!.StartsWith("00:00:5e:00:01:", StringComparison.Ordinal))
            .Select(path => $"{path.GetProperty("mac").GetString()}"
                + $"@{path.GetProperty("nexthops").EnumerateArray().Single().GetProperty("ip").GetString()}")
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>The upstream router's routes to the VNIs' networks: prefix@gateway, sorted.</summary>
    private IEnumerable<string> UpstreamRoutes()
    {
        using JsonDocument document = Ask("up", "show ip route ospf json");
        return [.. document.RootElement.EnumerateObject()
            .Where(prefix => prefix.Name.StartsWith("10.64.", StringComparison.Ordinal))
            .SelectMany(prefix => prefix.Value.EnumerateArray()
                .SelectMany(route => route.GetProperty("nexthops").EnumerateArray())
                .Select(hop => $"{prefix.Name}@{hop.GetProperty("ip").GetString()}"))
            .Order(StringComparer.Ordinal)];
    }

    private JsonDocument Ask(string router, string question) =>
        JsonDocument.Parse(Command.Must(["vtysh", "-N", $"{_lab}-{router}", "-c", question]));

    private void RunLab(params string[] arguments)
    {
        // The lab as sites are after a while: bgpd has seen each interface up and down once.
        CommandResult result = Command.Run(
            ["env", $"WMGWD2_LAB={_lab}", "WMGWD2_LAB_PRIMED=1", Path.Combine(Binary.RepositoryRoot, "scripts", "lab.sh"), .. arguments],
            limit: TimeSpan.FromSeconds(60));
        Assert.True(result.ExitCode == 0, $"lab.sh {string.Join(' ', arguments)}: {result}");
    }

    private Daemon Start(int number)
    {
        string socket = Path.Combine(_folder, $"gw{number}.sock");
        string name = $"{_lab}-gw{number}";
        var daemon = new Daemon(name, socket,
        [
            .. NetworkNamespace.Within(name), Binary.Path, "run", "--uid", $"{number}", "--minvni", "1", "--maxvni", "2",
            "--interval", "100ms", "--control-socket", socket,
        ]);
        _daemons.Add(daemon);
        return daemon;
    }
}
