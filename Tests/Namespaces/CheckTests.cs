using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>What <c>wmgwd2 check</c> says, and whether that is enough to make a gateway.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class CheckTests(ITestOutputHelper output)
{
    private const int Rounds = 6;

    /// <summary>
    /// From a namespace with an unconfigured cable and everything wrong that can be, by the commands of the findings alone: what
    /// can't be known, addresses and the cable's name, is all that is put in.
    /// </summary>
    [NamespaceFact("sysctl")]
    public void Findings_alone_lead_to_a_gateway_that_serves()
    {
        using var network = new TestNetwork(output, 1);
        Gateway gateway = network[1];
        BreakEverything(gateway);

        string[] flags = [.. Flags(gateway)];
        IReadOnlyList<FindingEntry> findings = Check(gateway, 1, flags);
        string[] expected =
        [
            "broadcast", "ip_forward", "arp_ignore", "arp_announce", "ignore_routes_with_linkdown", "rp_filter", "interface",
            "macvlan", "mac", "address", "up", "lower", "bridge", "ageing", "vxlan", "mtu", "protodown",
        ];
        Assert.Equal([], expected.Except(findings.Select(finding => finding.Check)));
        for (int round = 1; findings.Any(finding => finding.Severity != "advice"); round++)
        {
            Assert.True(round <= Rounds, $"still after {Rounds} rounds:\n{string.Join('\n', findings)}");
            output.WriteLine($"--- round {round}");
            foreach (FindingEntry finding in findings)
            {
                output.WriteLine($"{finding}\n    {Mend(gateway, finding)}");
            }

            findings = Check(gateway, null, flags);
        }

        Assert.Equal([], findings);
        Assert.True(gateway.AllQuiet());
        Capture capture = gateway.Capture();
        Daemon daemon = gateway.Start(1, "--vnis", "1-9");
        daemon.WaitUntilServing();
        Assert.Equal(TestNetwork.Range(1, 9), gateway.Served());

        // The sender's address, after Ethernet's header (14) and what ARP begins with (14).
        Eventually.Get("each VNI announced",
            () => capture.Frames.Where(frame => frame.IsArp).Select(frame => string.Join('.', frame.Bytes[28..32])).ToHashSet(),
            senders => TestNetwork.Range(1, 9).All(vni => senders.Contains(Gateway.VirtualAddress(vni))));

        // In service too: the port is the daemon's own, and what is up has to be.
        Assert.Equal([], Check(gateway, 0, flags));
        Assert.Equal("nothing found; 9 VNIs checked, the daemon runs\n", Binary.RunIn(gateway.Name, ["check", .. flags]).Output);
        Assert.Equal(TestNetwork.Range(1, 9), gateway.Served());
        Assert.Equal(0, daemon.Terminate());
    }

    [NamespaceFact]
    public void Warnings_and_advice_alone_end_with_0()
    {
        using var network = new TestNetwork(output, 1, 1, 2);
        Gateway gateway = network[1];
        Equip(gateway);
        gateway.Ip("link set vxlan2 type vxlan learning");
        NetworkNamespace.Run(gateway.Name, () =>
        {
            File.WriteAllText("/proc/sys/net/ipv6/conf/br1/disable_ipv6", "0");
            return 0;
        });

        CommandResult result = Binary.RunIn(gateway.Name, ["check", .. Flags(gateway, "1-2")]);
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("warning: VNI 2: vxlan2 learns where stations are -- ", result.Output, StringComparison.Ordinal);
        Assert.Contains("\nadvice: VNI 1: IPv6 is on for br1 and not used -- ", result.Output);
        Assert.EndsWith("\n0 errors, 1 warning, 1 advice; 2 VNIs checked, no daemon runs\n", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', result.Output);
        Assert.Equal("", result.Errors);
    }

    /// <summary>By the commands of the findings as <c>ip</c> and <c>bridge</c> understand them, and what the kernel says then.</summary>
    [NamespaceFact("bridge")]
    public void An_address_below_the_macvlan_and_a_bridge_that_does_not_learn_are_found_and_mended()
    {
        using var network = new TestNetwork(output, 1, 1, 2);
        Gateway gateway = network[1];
        Equip(gateway);
        gateway.Ip($"addr add {Gateway.VirtualAddress(1)}/24 dev veth1");
        gateway.Ip("addr add 10.64.2.77/20 dev br2");
        Command.Must([.. NetworkNamespace.Within(gateway.Name), "bridge", "link", "set", "dev", "vethbr2", "learning", "off"]);

        string[] flags = [.. Flags(gateway, "1-2")];
        IReadOnlyList<FindingEntry> findings = Check(gateway, 1, flags);
        Assert.Equal(
            ["address 1", "address 2", "learning 2"], findings.Select(finding => $"{finding.Check} {finding.Vnis}"));
        foreach (FindingEntry finding in findings)
        {
            output.WriteLine(Mend(gateway, finding));
        }

        Assert.Equal([], Check(gateway, 0, flags));
    }

    /// <summary>As a planned handover has it, however often check looks meanwhile.</summary>
    [NamespaceFact("bridge")]
    public void A_bridge_that_learns_again_soon_is_no_finding()
    {
        using var network = new TestNetwork(output, 1, 1);
        Gateway gateway = network[1];
        Equip(gateway);
        string[] command = [.. NetworkNamespace.Within(gateway.Name), "bridge", "link", "set", "dev", "vethbr1", "learning"];
        Command.Must([.. command, "off"]);
        var on = System.Threading.Tasks.Task.Run(() =>
        {
            System.Threading.Thread.Sleep(200);
            Command.Must([.. command, "on"]);
        });

        Assert.Equal([], Check(gateway, 0, [.. Flags(gateway, "1"), "--handover-lead", "2s"]));
        Assert.True(on.IsCompletedSuccessfully);
    }

    /// <summary>What the kernel does with a reason that is set in service, and what check says of it.</summary>
    [NamespaceFact]
    public void A_protodown_reason_in_service_holds_nothing_down_but_keeps_it_down()
    {
        using var network = new TestNetwork(output, 1, 1);
        Gateway gateway = network[1];
        Equip(gateway);
        Daemon daemon = gateway.Start(1);
        daemon.WaitUntilServing();
        string[] flags = [.. Flags(gateway, "1")];
        gateway.Ip("link set vrrp4-1 protodown_reason 7 on");
        Assert.Equal([1u], gateway.Served());
        Assert.Equal("vrrp4-1 has protodown reason bit 7 (FRR), though protodown is off", Assert.Single(Check(gateway, 1, flags)).What);

        Assert.Equal(0, daemon.Terminate());
        CommandResult up = Command.Run([.. NetworkNamespace.Within(gateway.Name), "ip", "link", "set", "vrrp4-1", "protodown", "off"]);
        Assert.NotEqual(0, up.ExitCode);
        FindingEntry finding = Assert.Single(Check(gateway, 1, flags));
        Assert.StartsWith("others hold vrrp4-1 down", finding.What, StringComparison.Ordinal);
        Mend(gateway, finding);
        Assert.Equal([], Check(gateway, 0, flags));
    }

    [NamespaceFact]
    public void Whoever_has_the_port_is_named()
    {
        using var network = new TestNetwork(output, 1, 1);
        Gateway gateway = network[1];
        Equip(gateway);
        using Socket other = NetworkNamespace.Run(gateway.Name, () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Any, 3000));
            return socket;
        });

        FindingEntry finding = Assert.Single(Check(gateway, 1, [.. Flags(gateway, "1")]));
        Assert.Equal("port", finding.Check);
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"kill {Environment.ProcessId}"), finding.Mend);
    }

    [NamespaceFact]
    public void A_second_daemon_and_one_elsewhere_are_told_apart()
    {
        using var network = new TestNetwork(output, 2, 1);
        Equip(network[1]);
        Equip(network[2]);
        Daemon first = network[1].Start(1);
        first.WaitUntilServing();

        // By another control socket it isn't known as a daemon, but has the port.
        string[] flags = [.. Flags(network[1], "1")];
        string[] others = [.. flags.Select(flag => flag == network[1].ControlSocket ? Path.Combine(network.Folder, "other.sock") : flag)];
        FindingEntry taken = Assert.Single(Check(network[1], 1, others));
        Assert.Equal("port", taken.Check);
        Assert.Contains("another wmgwd2 (process ", taken.What);
        Assert.DoesNotContain("kill", taken.Mend);

        // The same control socket, from another network namespace.
        FindingEntry elsewhere = Check(network[2], 1, flags).First(finding => finding.Severity == "error");
        Assert.Equal("control-socket", elsewhere.Check);
        Assert.Equal([], Check(network[1], 0, flags));
    }

    /// <summary>Who may not connect to the control socket knows nothing of a daemon: what it serves isn't to be held down.</summary>
    [NamespaceFact("setpriv")]
    public void Another_user_can_not_tell_whether_a_daemon_runs()
    {
        using var network = new TestNetwork(output, 1, 1);
        Gateway gateway = network[1];
        Equip(gateway);
        gateway.Start(1).WaitUntilServing();
        string[] nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        foreach (UnixFileMode others in (UnixFileMode[])[UnixFileMode.None, UnixFileMode.OtherExecute])
        {
            // By a folder that isn't theirs to enter, and by the socket itself.
            File.SetUnixFileMode(network.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | others);
            CommandResult result = Binary.RunIn(gateway.Name, nobody, ["check", "--json", .. Flags(gateway, "1")]);
            using JsonDocument document = JsonDocument.Parse(result.Output);
            Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("daemon_runs").ValueKind);
            Assert.Equal(
                ["control-socket"],
                document.RootElement.GetProperty("findings").EnumerateArray().Select(FindingEntry.Read)
                    .Select(finding => finding.Check).Except(["capabilities", "lock-memory"]));
            string text = Binary.RunIn(gateway.Name, nobody, ["check", .. Flags(gateway, "1")]).Output;
            Assert.Contains("\nwarning: can't tell whether a daemon runs: ", text);
            Assert.EndsWith("; 1 VNI checked, a daemon may run\n", text, StringComparison.Ordinal);
        }
    }

    [NamespaceFact]
    public void A_macvlan_of_a_VNI_that_is_not_configured_is_found_while_it_is_up()
    {
        using var network = new TestNetwork(output, 1, 1, 2);
        Gateway gateway = network[1];
        Equip(gateway);
        string[] flags = [.. Flags(gateway, "1")];
        Assert.Equal([], Check(gateway, 0, flags));
        gateway.Ip("link set vrrp4-2 protodown off");
        FindingEntry finding = Assert.Single(Check(gateway, 0, flags));
        Assert.Equal(("stray", "2"), (finding.Check, finding.Vnis));
        Mend(gateway, finding);
        Assert.Equal([], Check(gateway, 0, flags));
    }

    [NamespaceFact]
    public void Defaults_that_nobody_chose_are_told()
    {
        using var network = new TestNetwork(output, 1);
        string file = Path.Combine(network.Folder, "wmgwd2.conf");
        File.WriteAllText(file, "\n");
        const string Told = "; those are the defaults: --config FILE checks the settings of a daemon\n";
        Assert.EndsWith(
            $" VNIs checked, no daemon runs{Told}", Binary.RunIn(network[1].Name, ["check", "--control-socket", "/nowhere/s"]).Output,
            StringComparison.Ordinal);
        foreach (string[] flags in (string[][])[["--config", file], ["--vnis", "1"], ["--minvni", "2"], ["--maxvni", "2"]])
        {
            Assert.DoesNotContain("defaults", Binary.RunIn(network[1].Name, ["check", .. flags]).Output);
        }
    }

    [NamespaceFact("setpriv")]
    public void Missing_capabilities_are_named()
    {
        using var network = new TestNetwork(output, 1, 1);
        Gateway gateway = network[1];
        Equip(gateway);
        CommandResult result = Binary.RunIn(
            gateway.Name, ["setpriv", "--bounding-set=-net_raw,-sys_nice"],
            ["check", .. Flags(gateway, "1"), "--realtime-priority", "10"]);
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("error: CAP_NET_RAW, CAP_SYS_NICE missing -- ", result.Output, StringComparison.Ordinal);
        Assert.Contains($" -- mend: sudo setcap cap_net_admin,cap_net_raw,cap_sys_nice=ep {Binary.Path}\n", result.Output);

        CommandResult user = Binary.RunIn(
            gateway.Name, ["setpriv", "--bounding-set=-setuid"], ["check", .. Flags(gateway, "1"), "--user", "nobody"]);
        Assert.Equal(1, user.ExitCode);
        Assert.StartsWith("error: CAP_SETUID missing -- ", user.Output, StringComparison.Ordinal);
        CommandResult unknown = Binary.RunIn(gateway.Name, ["check", .. Flags(gateway, "1"), "--user", "nobody-knows"]);
        Assert.Equal(1, unknown.ExitCode);
        Assert.StartsWith("error: user nobody-knows is not in /etc/passwd -- ", unknown.Output, StringComparison.Ordinal);
    }

    [NamespaceFact("setpriv")]
    public void A_uid_that_can_not_be_kept_is_a_warning()
    {
        using var network = new TestNetwork(output, 1, 1);
        Gateway gateway = network[1];
        Equip(gateway);
        string folder = Path.Combine(network.Folder, "state");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string[] flags = ["check", "--vnis", "1", "--uid-file", Path.Combine(folder, "wmgwd2", "uid"), "--control-socket", gateway.ControlSocket];

        // Root may write everywhere.
        Assert.Equal("nothing found; 1 VNI checked, no daemon runs\n", Binary.RunIn(gateway.Name, flags).Output);
        CommandResult result = Binary.RunIn(gateway.Name, ["setpriv", "--bounding-set=-dac_override"], flags);
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith($"warning: no uid is given, and {folder}/wmgwd2/uid can't be read or written -- ", result.Output, StringComparison.Ordinal);

        // Nothing was made in looking.
        Assert.Equal([], Directory.GetFileSystemEntries(folder));
    }

    [NamespaceFact("script")]
    public void Colours_are_for_terminals_alone()
    {
        using var network = new TestNetwork(output, 1, 1);
        string command = $"{Binary.Path} check {string.Join(' ', Flags(network[1], "1"))}";
        CommandResult Show(params string[] environment) => Command.Run(
            [.. NetworkNamespace.Within(network[1].Name), .. environment, "script", "--quiet", "--return", "--command", command, "/dev/null"]);
        CommandResult colours = Show("TERM=xterm");
        Assert.Equal(1, colours.ExitCode);
        Assert.Contains("\e[31merror\e[0m: ", colours.Output);
        foreach (string[] environment in (string[][])[["TERM=xterm", "NO_COLOR=1"], ["TERM=dumb"]])
        {
            string plain = Show(environment).Output;
            Assert.Contains("error: ", plain);
            Assert.DoesNotMatch("\e\\[[0-9;]*m", plain); // The runtime has words of its own for a terminal.
        }
    }

    [NamespaceFact]
    public void Wrong_usage_ends_with_2_and_says_nothing_else()
    {
        using var network = new TestNetwork(output, 1);
        string file = Path.Combine(network.Folder, "wmgwd2.conf");
        File.WriteAllText(file, "vnis = 1-3\ninterval = 5ms\n");
        foreach (string[] arguments in (string[][])[["--config", file], ["--config", file, "--json"], ["--vnis", "0"], ["bogus"]])
        {
            CommandResult result = Binary.RunIn(network[1].Name, ["check", .. arguments]);
            Assert.Equal((2, ""), (result.ExitCode, result.Output));
        }

        Assert.Contains($"{file}:2: interval: '5ms' is not a time", Binary.Run("check", "--config", file).Errors);
    }

    [NamespaceFact]
    public void A_uid_file_that_holds_something_else_and_a_folder_that_is_missing_are_errors()
    {
        using var network = new TestNetwork(output, 1, 1);
        Gateway gateway = network[1];
        Equip(gateway);
        string file = Path.Combine(network.Folder, "uid");
        File.WriteAllText(file, "seven\n");
        string socket = Path.Combine(network.Folder, "none", "wmgwd2.sock");
        string[] flags = ["--vnis", "1", "--uid-file", file, "--control-socket", socket];

        IReadOnlyList<FindingEntry> findings = Check(gateway, 1, flags);
        Assert.Equal(["uid", "control-socket"], findings.Select(finding => finding.Check));
        foreach (FindingEntry finding in findings)
        {
            Mend(gateway, finding);
        }

        Assert.Equal([], Check(gateway, 0, flags));
    }

    /// <summary>FRR's own, as an operator may have it from before; asked by its socket, and told by vtysh.</summary>
    [NamespaceFact("vtysh", "/usr/lib/frr/vrrpd", "/usr/lib/frr/zebra")]
    public void Vrrpd_that_takes_a_macvlan_is_found_and_told_to_let_go()
    {
        using var network = new TestNetwork(output, 1, 5);
        Gateway gateway = network[1];
        Equip(gateway);
        gateway.Ip("addr add 192.168.5.2/24 dev veth5"); // vrrpd sends from it.
        string space = gateway.Name;
        string folder = Path.Combine("/var/run/frr", space);
        Command.Must(["install", "-d", "-o", "frr", "-g", "frr", "/var/run/frr", folder]);
        try
        {
            foreach (string program in (string[])["zebra", "vrrpd"])
            {
                Command.Must([.. NetworkNamespace.Within(space), $"/usr/lib/frr/{program}", "-d", "-N", space, "-P", "0", "-f", "/dev/null"]);
            }

            string[] flags = [.. Flags(gateway, "5")];
            Eventually.Holds("vrrpd answers", () => Tell(space, "show vrrp").ExitCode == 0);
            Eventually.Holds("vrrpd knows the interface", () => Tell(
                space, "configure terminal", "interface veth5", "vrrp 5", $"vrrp 5 ip {Gateway.VirtualAddress(5)}").ExitCode == 0
                && Check(gateway, null, flags).Any(finding => finding.Check == "protodown"));
            FindingEntry[] findings = [.. Check(gateway, 1, flags)];
            Assert.Equal(["vrrpd", "protodown"], findings.Select(finding => finding.Check));
            Assert.Equal("5", findings[0].Vnis);

            Mend(gateway, findings[0]);
            IReadOnlyList<FindingEntry> rest = Check(gateway, null, flags);
            Assert.DoesNotContain(rest, finding => finding.Check == "vrrpd");
            foreach (FindingEntry finding in rest)
            {
                Mend(gateway, finding);
            }

            Assert.Equal([], Check(gateway, 0, flags));
        }
        finally
        {
            foreach (string pid in Directory.GetFiles(folder, "*.pid"))
            {
                _ = Linux.Kill(int.Parse(File.ReadAllText(pid).Trim(), CultureInfo.InvariantCulture), Linux.SigKill);
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What scripts/lab.sh makes is how README.md says that a gateway is made.</summary>
    [NamespaceFact("bash", "vtysh", "ping", "arping", "sysctl", "/usr/lib/frr/zebra", "/usr/lib/frr/bgpd", "/usr/lib/frr/ospfd")]
    public void Lab_with_real_FRR_has_no_finding_before_and_in_service()
    {
        using var lab = new FrrLab(output, 1, 2, "--interval", "100ms", "--track-interface", "uplink");
        string[] flags = ["check", "--uid", "1", "--vnis", "1-2", "--control-socket", lab.ControlSocketOf(1), "--track-interface", "uplink"];
        Assert.Equal("nothing found; 2 VNIs checked, no daemon runs\n", Binary.RunIn(lab.NameOf("gw1"), flags).Output);
        lab.Start(1).WaitUntilServing();
        Assert.Equal("nothing found; 2 VNIs checked, the daemon runs\n", Binary.RunIn(lab.NameOf("gw1"), flags).Output);
    }

    private static CommandResult Tell(string space, params string[] commands) =>
        Command.Run(["vtysh", "-N", space, .. commands.SelectMany(command => new[] { "-c", command })]);

    private static IEnumerable<string> Flags(Gateway gateway, string vnis = "1-9") =>
        ["--uid", "1", "--vnis", vnis, "--control-socket", gateway.ControlSocket];

    /// <summary>What the gateways of the tests don't need, and a real one does.</summary>
    private static void Equip(Gateway gateway)
    {
        WriteSysctls(gateway, ("ip_forward", "1"), ("conf/all/ignore_routes_with_linkdown", "1"));
        gateway.Ip("link set fabric mtu 1550");
        string[] vnis = [.. gateway.Macvlans().Keys.Select(vni => vni.ToString(CultureInfo.InvariantCulture))];
        gateway.IpBatch(vnis.Select(vni =>
            $"link add vxlan{vni} master br{vni} up type vxlan id {vni} local {gateway.Address} dstport 4789 nolearning"));
    }

    /// <summary>VNIs 1 to 3 have nothing; the others have a chain each, in which something is wrong everywhere.</summary>
    private static void BreakEverything(Gateway gateway)
    {
        WriteSysctls(gateway,
        [
            ("ip_forward", "0"), ("conf/all/rp_filter", "1"), ("conf/all/arp_ignore", "0"), ("conf/all/arp_announce", "0"),
            ("conf/default/rp_filter", "1"), ("conf/default/arp_ignore", "0"), ("conf/default/arp_announce", "0"),
            ("conf/all/ignore_routes_with_linkdown", "0"),
        ]);
        gateway.IpBatch(
        [
            "addr flush dev fabric", "link set fabric down",
            // Down, in no bridge, another mode, no MAC, no address.
            "link add br4 type bridge",
            "link add vxlan4 type vxlan id 4 dstport 4789",
            "link add vethbr4 type veth peer name veth4",
            "link add link veth4 name vrrp4-4 type macvlan mode private",
            // No VXLAN device, and up without being held down.
            "link add br5 up type bridge ageing_time 3000",
            "link add vethbr5 master br5 up type veth peer name veth5",
            "link set veth5 up",
            $"link add link veth5 name vrrp4-5 address {Gateway.VirtualMac(5)} type macvlan mode bridge",
            $"addr add {Gateway.VirtualAddress(5)}/24 dev vrrp4-5",
            "link set vrrp4-5 up",
            // The macvlan stands on the bridge itself.
            "link add br6 up type bridge",
            "link add link br6 name vrrp4-6 type macvlan mode bridge",
            // No macvlan at all.
            "link add vrrp4-7 type bridge",
            // Port and address of VXLAN, and FRR's reason.
            .. Gateway.Chain(8),
            "link add vxlan8 master br8 up type vxlan id 8 local 10.0.1.99",
            "link set vrrp4-8 protodown_reason 7 on",
            // MTU, passthru, and a VXLAN device of another VNI under this one's name.
            "link add br9 up type bridge",
            "link add vxlan9 master br9 up type vxlan id 99 local 10.0.1.11 dstport 4789 nolearning",
            "link add vethbr9 master br9 type veth peer name veth9",
            "link add link veth9 name vrrp4-9 type macvlan mode passthru",
            "link set vethbr9 mtu 1400",
        ]);
    }

    private static void WriteSysctls(Gateway gateway, params (string Name, string Value)[] sysctls) =>
        NetworkNamespace.Run(gateway.Name, () =>
        {
            foreach ((string name, string value) in sysctls)
            {
                File.WriteAllText($"/proc/sys/net/ipv4/{name}", value);
            }

            return 0;
        });

    private static List<FindingEntry> Check(Gateway gateway, int? exitCode, string[] flags)
    {
        CommandResult result = Binary.RunIn(gateway.Name, ["check", "--json", .. flags]);
        Assert.True(result.ExitCode == (exitCode ?? result.ExitCode) && result.ExitCode is 0 or 1 && result.Errors.Length == 0, result.ToString());
        using JsonDocument document = JsonDocument.Parse(result.Output);
        List<FindingEntry> findings = [.. document.RootElement.GetProperty("findings").EnumerateArray().Select(FindingEntry.Read)];
        Assert.Equal(result.ExitCode == 1, findings.Any(finding => finding.Severity == "error"));
        return findings;
    }

    /// <summary>Does what a finding says, with what only the operator knows put in.</summary>
    private static string Mend(Gateway gateway, FindingEntry finding)
    {
        string address = finding.Check == "broadcast" ? $"{gateway.Address}/24"
            : finding.Mend.Contains("for v in", StringComparison.Ordinal) ? "10.64.$v.1/24"
            : $"10.64.{finding.Vnis}.1/24";
        string command = finding.Mend
            .Replace("VTEP_ADDRESS", gateway.Address, StringComparison.Ordinal)
            .Replace("ADDRESS/PREFIX", address, StringComparison.Ordinal)
            .Replace("DEVICE", "fabric", StringComparison.Ordinal);
        CommandResult result = Command.Run([.. NetworkNamespace.Within(gateway.Name), "sh", "-c", command]);
        return $"{command} => {result}";
    }

    private sealed record FindingEntry(string Severity, string Check, string? Vnis, string What, string Mend)
    {
        public static FindingEntry Read(JsonElement finding) => new(
            finding.GetProperty("severity").GetString()!,
            finding.GetProperty("check").GetString()!,
            finding.GetProperty("vnis").GetString(),
            finding.GetProperty("what").GetString()!,
            finding.GetProperty("mend").GetString()!);
    }
}
