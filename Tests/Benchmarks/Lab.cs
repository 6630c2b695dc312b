using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using Wmgwd2.Core;
using Wmgwd2.Tests.Namespaces;

namespace Wmgwd2.Benchmarks;

/// <summary>
/// Gateways in network namespaces, as scripts/lab.sh makes them, without routing: what is measured is gateways, and FRR would
/// take most of the processors. It is removed when it is disposed of, and when this program is interrupted.
/// </summary>
internal sealed partial class Lab : IDisposable
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan BatchLimit = TimeSpan.FromMinutes(5);

    // The kernel takes some 20 ms for each bridge, so thousands of them take minutes.
    private static readonly TimeSpan RemovalLimit = TimeSpan.FromMinutes(30);

    private static int _count;

    private readonly string _prefix = string.Create(
        CultureInfo.InvariantCulture, $"wmb{Environment.ProcessId}x{Interlocked.Increment(ref _count)}");

    private readonly Lock _removal = new();
    private bool _removed;

    /// <summary>Makes a lab; its gateways have all interfaces, all held down, and run nothing.</summary>
    /// <param name="gateways">How many gateways.</param>
    /// <param name="vnis">How many VNIs, from 1 on.</param>
    public Lab(int gateways, int vnis)
    {
        Gateways = gateways;
        Vnis = vnis;
        Interruption.Add(this);
        try
        {
            Directory.CreateDirectory(Folder);
            Build();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>How many gateways it has; they are numbered from 1 on.</summary>
    public int Gateways { get; }

    /// <summary>How many VNIs it has, from 1 on.</summary>
    public int Vnis { get; }

    /// <summary>A folder for configurations, logs and sockets, which goes with the lab.</summary>
    public string Folder => Path.Combine(Path.GetTempPath(), _prefix);

    /// <summary>Removes what runs of this program that were killed have left behind.</summary>
    public static void RemoveStale()
    {
        const string Namespaces = "/run/netns";
        string[] names = Directory.Exists(Namespaces) ? Directory.GetFiles(Namespaces) : [];
        foreach (string prefix in names
            .Select(path => OwnName().Match(Path.GetFileName(path)))
            .Where(match => match.Success && !Directory.Exists($"/proc/{match.Groups["process"].Value}"))
            .Select(match => match.Groups["prefix"].Value).Distinct())
        {
            Console.Error.WriteLine($"removing the lab {prefix}, which was left behind");
            RunScript(prefix, RemovalLimit, "down");
        }
    }

    /// <summary>A gateway's address on the fabric; lab-lib.sh's lab_gateway_address.</summary>
    public static Ipv4Address FabricAddress(int gateway) =>
        new(0x0a000100u + (uint)(10 + gateway + (10 + gateway >= 17 ? 1 : 0)));

    /// <summary>An address in a VNI's /24; lab-lib.sh's lab_vni_address.</summary>
    public static Ipv4Address AddressIn(int vni, int host) => new(0x0a400000u + ((uint)vni << 8) + (uint)host);

    /// <summary>The address of a VNI's gateway, on vrrp4-VNI; lab-lib.sh's lab_virtual_ip.</summary>
    public static Ipv4Address VirtualAddress(int vni) => AddressIn(vni, 1);

    /// <summary>The name of the namespace of gw1, ap, fab and so on.</summary>
    public string NamespaceOf(string name) => $"{_prefix}-{name}";

    /// <summary>The name of a gateway's namespace.</summary>
    public string NamespaceOf(int gateway) => NamespaceOf(string.Create(CultureInfo.InvariantCulture, $"gw{gateway}"));

    /// <summary>Runs a program to its end in a gateway's namespace.</summary>
    public CommandResult Run(int gateway, IReadOnlyList<string> words, string input = "", TimeSpan? limit = null) =>
        Command.Run([.. NetworkNamespace.Within(NamespaceOf(gateway)), .. words], input, limit);

    /// <summary>Runs many <c>ip</c> commands in a gateway's namespace, each whether or not another fails.</summary>
    public void Batch(int gateway, IEnumerable<string> commands) => Run(
        gateway, ["ip", "-force", "-batch", "-"], string.Concat(commands.Select(command => command + "\n")), BatchLimit);

    /// <summary>The switch carries nothing more from and to a gateway; its carrier stays, so that nobody is told.</summary>
    public void Cut(int gateway) => SetPort(gateway, 0);

    /// <summary>The switch carries the gateway's frames again.</summary>
    public void Mend(int gateway) => SetPort(gateway, 3);

    public void Dispose()
    {
        lock (_removal)
        {
            if (_removed)
            {
                return;
            }

            _removed = true;
            CommandResult result = RunScript(_prefix, RemovalLimit, "down");
            if (result.ExitCode != 0)
            {
                Console.Error.WriteLine($"the lab {_prefix} could not be removed: {result}");
            }

            Directory.Delete(Folder, true);
            Interruption.Remove(this);
        }
    }

    private void Build()
    {
        CommandResult result = RunScript(
            _prefix,
            BuildLimit,
            "up",
            Gateways.ToString(CultureInfo.InvariantCulture),
            Vnis.ToString(CultureInfo.InvariantCulture));
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"lab.sh up: {result}");
        }
    }

    // A session of its own: Ctrl-C on the terminal must not end a removal halfway. The states are BR_STATE_DISABLED and
    // BR_STATE_FORWARDING (linux/if_bridge.h).
    private static CommandResult RunScript(string prefix, TimeSpan limit, params string[] arguments) => Command.Run(
        [
            "setsid", "--wait", "env", $"WMGWD2_LAB={prefix}", "WMGWD2_LAB_ROUTING=0", "WMGWD2_LAB_STATIONS=0",
            "WMGWD2_LAB_IPV6=0", "WMGWD2_LAB_BFD=0", "WMGWD2_LAB_PRIMED=0", Repository.LabScript, .. arguments,
        ],
        limit: limit);

    private void SetPort(int gateway, int state) => Command.Must(
    [
        "bridge", "-n", NamespaceOf("fab"), "link", "set",
        "dev", string.Create(CultureInfo.InvariantCulture, $"gw{gateway}-fabric"),
        "state", state.ToString(CultureInfo.InvariantCulture),
    ]);

    [GeneratedRegex("^(?<prefix>wmb(?<process>[0-9]+)x[0-9]+)-fab$")]
    private static partial Regex OwnName();
}
