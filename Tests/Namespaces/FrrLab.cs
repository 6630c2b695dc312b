using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>
/// The lab of scripts/lab.sh with real FRR, and daemons on its gateways. As sites are after a while: bgpd has seen each
/// interface up and down once, and BFD tells routing of a gateway that is gone. All is removed with it.
/// </summary>
internal sealed class FrrLab : IDisposable
{
    private readonly ITestOutputHelper _output;
    private readonly string _prefix = NetworkNamespace.NewPrefix().TrimEnd('-');
    private readonly string _folder = Directory.CreateTempSubdirectory("wmgwd2-tests-").FullName;
    private readonly string[] _flags;
    private readonly List<Daemon> _daemons = [];

    /// <param name="output">Is told of the daemons' logs at the end.</param>
    /// <param name="gateways">How many gateways.</param>
    /// <param name="vnis">How many VNIs, from 1 on, each with a station.</param>
    /// <param name="flags">What all daemons are told.</param>
    public FrrLab(ITestOutputHelper output, int gateways, int vnis, params string[] flags)
    {
        _output = output;
        _flags = ["--minvni", "1", "--maxvni", vnis.ToString(CultureInfo.InvariantCulture), .. flags];
        Vnis = TestNetwork.Range(1, (uint)vnis);
        try
        {
            Run("up", gateways.ToString(CultureInfo.InvariantCulture), vnis.ToString(CultureInfo.InvariantCulture));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The VNIs.</summary>
    public IReadOnlyList<uint> Vnis { get; }

    public static string VtepOf(ulong gateway) => string.Create(CultureInfo.InvariantCulture, $"10.0.1.{10 + gateway}");

    public static string UplinkOf(ulong gateway) => string.Create(CultureInfo.InvariantCulture, $"10.0.2.{10 + gateway}");

    public void Dispose()
    {
        _daemons.ForEach(daemon => daemon.Dispose());
        _daemons.ForEach(daemon => _output.WriteLine($"--- log\n{daemon.LogText}"));
        if (Directory.Exists($"/tmp/wmgwd2-lab-{_prefix}"))
        {
            Run("down");
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The namespace of a part of the lab: gw1, rr, ap, up, fab, st1.</summary>
    public string NameOf(string part) => $"{_prefix}-{part}";

    /// <summary>The control socket of a gateway's daemon.</summary>
    public string ControlSocketOf(int gateway) =>
        Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"gw{gateway}.sock"));

    /// <summary>Starts a gateway's daemon; its uid is the gateway's number.</summary>
    public Daemon Start(int gateway, params string[] flags)
    {
        string number = gateway.ToString(CultureInfo.InvariantCulture);
        var daemon = new Daemon(NameOf($"gw{number}"), ControlSocketOf(gateway),
        [
            .. NetworkNamespace.Within(NameOf($"gw{number}")), Binary.Path, "run", "--uid", number,
            "--control-socket", ControlSocketOf(gateway), .. _flags, .. flags,
        ]);
        _daemons.Add(daemon);
        return daemon;
    }

    /// <summary>Runs the binary against a gateway's daemon.</summary>
    public CommandResult Tell(int gateway, string command) => Binary.Run(command, "--control-socket", ControlSocketOf(gateway));

    /// <summary>
    /// The switches carry a gateway's frames, or don't. The carriers stay, so that nobody is told: the way a crashed machine
    /// looks from the others.
    /// </summary>
    public void Connect(int gateway, bool connected)
    {
        foreach (string network in new[] { "fabric", "uplink" })
        {
            Command.Must(["bridge", "-n", NameOf("fab"), "link", "set", "dev", $"gw{gateway}-{network}", "state",
                connected ? "forwarding" : "disabled"]);
        }
    }

    /// <summary>The type-2 routes at the route reflector for the gateways' MACs: MAC@VTEP, sorted.</summary>
    public IEnumerable<string> MacRoutes()
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
    public IEnumerable<string> UpstreamRoutes()
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
        JsonDocument.Parse(Command.Must(["vtysh", "-N", NameOf(router), "-c", question]));

    private void Run(params string[] arguments)
    {
        CommandResult result = Command.Run(
            ["env", $"WMGWD2_LAB={_prefix}", "WMGWD2_LAB_PRIMED=1", "WMGWD2_LAB_BFD=1",
                Path.Combine(Binary.RepositoryRoot, "scripts", "lab.sh"), .. arguments],
            limit: TimeSpan.FromSeconds(90));
        Assert.True(result.ExitCode == 0, $"lab.sh {string.Join(' ', arguments)}: {result}");
    }
}
