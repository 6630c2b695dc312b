using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Wmgwd2.Core;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>
/// A network of gateways, each in a namespace of its own, on one fabric, 10.0.1.0/24: a bridge in another namespace. Every
/// gateway has the whole chain of each VNI, br, veth pair, macvlan; nothing joins the VNIs of different gateways. All is
/// removed with it.
/// </summary>
internal sealed class TestNetwork : IDisposable
{
    private readonly string _prefix = NetworkNamespace.NewPrefix();
    private readonly ITestOutputHelper _output;
    private readonly Gateway[] _gateways;
    private readonly List<IDisposable> _parts = [];

    /// <param name="output">Is told of measured times and, at the end, of the daemons' logs.</param>
    /// <param name="gateways">How many gateways.</param>
    /// <param name="vnis">The VNIs that all have.</param>
    public TestNetwork(ITestOutputHelper output, int gateways, params uint[] vnis)
    {
        _output = output;
        Vnis = vnis;
        Folder = Directory.CreateTempSubdirectory("wmgwd2-tests-").FullName;
        Fabric = $"{_prefix}fab";
        _gateways = [.. Enumerable.Range(1, gateways).Select(number => new Gateway(this, number, $"{_prefix}gw{number}"))];
        try
        {
            Build();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The VNIs that all gateways have.</summary>
    public IReadOnlyList<uint> Vnis { get; }

    /// <summary>The namespace of the fabric, where the bridge <c>fabric</c> is.</summary>
    public string Fabric { get; }

    /// <summary>A folder for this network's files.</summary>
    public string Folder { get; }

    /// <summary>The gateways, from 1.</summary>
    public Gateway this[int number] => _gateways[number - 1];

    /// <summary>From..to as an array.</summary>
    public static uint[] Range(uint first, uint last) =>
        [.. Enumerable.Range((int)first, (int)(last - first + 1)).Select(vni => (uint)vni)];

    /// <summary>Who must own a VNI.</summary>
    public static ulong Owner(uint vni, params ulong[] uids) => uids.Aggregate((best, uid) => RendezvousHash.Precedes(
        RendezvousHash.Weight(new NodeId(uid), new Vni(vni)), new NodeId(uid),
        RendezvousHash.Weight(new NodeId(best), new Vni(vni)), new NodeId(best)) ? uid : best);

    /// <summary>What a gateway must own.</summary>
    public IEnumerable<uint> Share(ulong uid, params ulong[] others) =>
        Vnis.Where(vni => Owner(vni, [uid, .. others]) == uid);

    /// <summary>Adds a host with nothing but an interface <c>fabric</c> and a peer on it.</summary>
    public HandMadePeer AddPeer(ulong uid, string address = "10.0.1.77")
    {
        string name = $"{_prefix}peer{uid}";
        NetworkNamespace.Add([name]);
        Silence(name);
        NetworkNamespace.IpBatch(Fabric, [Cable($"p{uid % 1000000}", name)]);
        NetworkNamespace.IpBatch(name, [$"addr add {address}/24 brd + dev fabric", "link set fabric up"]);
        return Own(new HandMadePeer(name, address, uid));
    }

    /// <summary>Captures on the fabric.</summary>
    public Capture CaptureFabric() => Own(new Capture(Fabric, "fabric"));

    /// <summary>Says what was measured.</summary>
    public void Measured(string what) => _output.WriteLine($"measured: {what}");

    /// <summary>Has something disposed of with this network.</summary>
    public T Own<T>(T part)
        where T : IDisposable
    {
        _parts.Add(part);
        return part;
    }

    public void Dispose()
    {
        for (int i = _parts.Count - 1; i >= 0; i--)
        {
            _parts[i].Dispose();
        }

        NetworkNamespace.RemoveAll(_prefix);
        Directory.Delete(Folder, recursive: true);
        foreach (Gateway gateway in _gateways)
        {
            foreach (Daemon daemon in gateway.Daemons)
            {
                _output.WriteLine($"--- log of {gateway.Name}\n{daemon.LogText}");
            }
        }
    }

    private static string Cable(string port, string name) =>
        $"link add {port} master fabric up type veth peer name fabric netns {name}";

    /// <summary>No IPv6: its own traffic would be in every capture, and each toggle would take longer.</summary>
    private static void Silence(string name) => NetworkNamespace.Run(name, () =>
    {
        foreach (string scope in new[] { "all", "default" })
        {
            string ipv6 = $"/proc/sys/net/ipv6/conf/{scope}/disable_ipv6";
            if (File.Exists(ipv6))
            {
                File.WriteAllText(ipv6, "1");
            }

            File.WriteAllText($"/proc/sys/net/ipv4/conf/{scope}/rp_filter", "0");
            File.WriteAllText($"/proc/sys/net/ipv4/conf/{scope}/arp_ignore", "1");
            File.WriteAllText($"/proc/sys/net/ipv4/conf/{scope}/arp_announce", "2");
        }

        return 0;
    });

    private void Build()
    {
        string[] names = [Fabric, .. _gateways.Select(gateway => gateway.Name)];
        NetworkNamespace.Add(names);
        foreach (string name in names)
        {
            Silence(name);
        }

        NetworkNamespace.IpBatch(Fabric,
        [
            "link add fabric up type bridge mcast_snooping 0",
            .. _gateways.Select(gateway => Cable($"gw{gateway.Number}", gateway.Name)),
        ]);
        foreach (Gateway gateway in _gateways)
        {
            NetworkNamespace.IpBatch(gateway.Name,
            [
                "link set lo up",
                $"addr add {gateway.Address}/24 brd + dev fabric",
                "link set fabric up",
                .. Vnis.SelectMany(Gateway.Chain),
            ]);
        }
    }
}

/// <summary>A gateway of a <see cref="TestNetwork"/>.</summary>
internal sealed class Gateway(TestNetwork network, int number, string name)
{
    private readonly List<Daemon> _daemons = [];

    /// <summary>Its number, from 1.</summary>
    public int Number => number;

    /// <summary>Its namespace.</summary>
    public string Name => name;

    /// <summary>Its address on the fabric.</summary>
    public string Address { get; } = string.Create(CultureInfo.InvariantCulture, $"10.0.1.{10 + number}");

    /// <summary>Where its daemon's control socket is.</summary>
    public string ControlSocket => Path.Combine(network.Folder, $"gw{number}.sock");

    /// <summary>The daemons that were started here.</summary>
    public IReadOnlyList<Daemon> Daemons => _daemons;

    /// <summary>The name of a VNI's macvlan.</summary>
    public static string Macvlan(uint vni) => $"vrrp4-{vni}";

    /// <summary>The address that all gateways have for a VNI.</summary>
    public static string VirtualAddress(uint vni) =>
        string.Create(CultureInfo.InvariantCulture, $"10.{64 + vni / 256 % 191}.{vni % 256}.1");

    /// <summary>The MAC that all gateways have for a VNI.</summary>
    public static string VirtualMac(uint vni) => string.Create(CultureInfo.InvariantCulture, $"00:00:5e:00:01:{vni % 256:x2}");

    /// <summary>The commands that make a VNI's chain; the macvlan is held down before it is up.</summary>
    public static IEnumerable<string> Chain(uint vni) =>
    [
        $"link add br{vni} up type bridge mcast_snooping 0",
        $"link add vethbr{vni} master br{vni} up type veth peer name veth{vni}",
        $"link set veth{vni} up",
        .. MacvlanCommands(vni),
    ];

    /// <summary>The commands that make a VNI's macvlan.</summary>
    public static IEnumerable<string> MacvlanCommands(uint vni) =>
    [
        $"link add link veth{vni} name {Macvlan(vni)} address {VirtualMac(vni)} type macvlan mode bridge",
        $"link set {Macvlan(vni)} protodown on",
        $"addr add {VirtualAddress(vni)}/24 dev {Macvlan(vni)}",
        $"link set {Macvlan(vni)} up",
    ];

    /// <summary>Runs <c>ip</c> here.</summary>
    public string Ip(string arguments) => NetworkNamespace.Ip(name, arguments);

    /// <summary>Runs many <c>ip</c> commands here.</summary>
    public void IpBatch(IEnumerable<string> commands) => NetworkNamespace.IpBatch(name, commands);

    /// <summary>What the kernel shows of all links.</summary>
    public IReadOnlyList<KernelLink> Links() => KernelLink.List(name);

    /// <summary>What the kernel shows of the macvlans, by VNI.</summary>
    public IReadOnlyDictionary<uint, KernelLink> Macvlans() => Links()
        .Where(link => link.Name.StartsWith("vrrp4-", StringComparison.Ordinal))
        .ToDictionary(link => uint.Parse(link.Name["vrrp4-".Length..], CultureInfo.InvariantCulture));

    /// <summary>The VNIs that the kernel shows served here, as numbers and in order.</summary>
    public IEnumerable<uint> Served() => Macvlans().Where(link => link.Value.Serves).Select(link => link.Key).Order();

    /// <summary>Whether the kernel shows every macvlan held down and without a carrier.</summary>
    public bool AllQuiet() => Macvlans().Values.All(link => link.Quiet);

    /// <summary>Captures here, on one interface or on all.</summary>
    public Capture Capture(string? interfaceName = null) => network.Own(new Capture(name, interfaceName));

    /// <summary>Hears changes of links here.</summary>
    public LinkMonitor Monitor() => network.Own(new LinkMonitor(name));

    /// <summary>Starts a daemon: 100 ms, three of them, this network's VNIs, everything logged; unless told otherwise.</summary>
    public Daemon Start(ulong uid, params string[] arguments) =>
        StartBy([], [Binary.Path, "run", "--uid", uid.ToString(CultureInfo.InvariantCulture), .. Usual(arguments)]);

    /// <summary>Starts a daemon with these words and no others.</summary>
    /// <param name="by">Programs that exec it.</param>
    /// <param name="words">Its command line.</param>
    /// <param name="controlSocket">Where its control socket is, if elsewhere than usual.</param>
    public Daemon StartBy(IReadOnlyList<string> by, IReadOnlyList<string> words, string? controlSocket = null)
    {
        var daemon = new Daemon(name, controlSocket ?? ControlSocket, [.. NetworkNamespace.Within(name), .. by, .. words]);
        _daemons.Add(daemon);
        return network.Own(daemon);
    }

    /// <summary>The flags that the tests' daemons have, less those that are given.</summary>
    public IEnumerable<string> Usual(params string[] given)
    {
        (string Name, string Value)[] usual =
        [
            ("--vnis", string.Join(',', network.Vnis)),
            ("--interval", "100ms"),
            ("--dead-after", "3"),
            ("--control-socket", ControlSocket),
            ("--log-level", "debug"),
        ];
        return [.. usual.Where(flag => !given.Contains(flag.Name)).SelectMany(flag => new[] { flag.Name, flag.Value }), .. given];
    }
}
