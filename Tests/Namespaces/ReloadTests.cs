using System;
using System.IO;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>A config that is read again while the gateway serves.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class ReloadTests(ITestOutputHelper output)
{
    [NamespaceFact]
    public void VNIs_come_and_go_and_those_that_stay_are_not_touched()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 20));
        (Daemon one, string config) = Start(network, 1, "vnis = 1-15");
        (Daemon two, string otherConfig) = Start(network, 2, "vnis = 1-15");
        one.WaitUntilServing(2);
        two.WaitUntilServing(1);
        LinkMonitor[] monitors = [network[1].Monitor(), network[2].Monitor()];
        Capture fabric = network.CaptureFabric();

        Write(config, "vnis = 6-20");
        Write(otherConfig, "vnis = 6-20");
        Assert.Equal("vnis: 1-15 -> 6-20\n", Reload(network, 1));
        Assert.Equal("vnis: 1-15 -> 6-20\n", Reload(network, 2));

        one.WaitUntilServing(2);
        two.WaitUntilServing(1);
        uint[] vnis = TestNetwork.Range(6, 20);
        foreach ((int number, ulong peer) in ((int, ulong)[])[(1, 2), (2, 1)])
        {
            Assert.Equal(vnis.Where(vni => TestNetwork.Owner(vni, 1, 2) == (ulong)number), network[number].Served());
            Assert.All(TestNetwork.Range(1, 5), vni => Assert.True(network[number].Macvlans()[vni].Quiet, $"VNI {vni}"));
            Assert.All(
                TestNetwork.Range(6, 15), vni => Assert.Empty(monitors[number - 1].Of(Gateway.Macvlan(vni))));
            Assert.Empty(network[number].Daemons[0].FindLog("dead"));
        }

        // Nobody missed a beat: two gateways, an interval of 100 ms.
        foreach (var sender in fabric.Frames.Where(frame => frame.IsClusterDatagram && frame.Payload.Length == 8)
            .GroupBy(frame => frame.SourceAddress))
        {
            DateTime[] times = [.. sender.Select(frame => frame.Time)];
            Assert.All(
                times.Zip(times.Skip(1), (before, after) => after - before),
                between => Assert.InRange(between.TotalMilliseconds, 0, 250));
        }

        Assert.Equal(0, one.Terminate());
        two.WaitUntilServing();
        Assert.Equal(vnis, network[2].Served());
    }

    [NamespaceFact]
    public void A_config_that_is_wrong_changes_nothing_and_the_caller_and_the_log_hear_why()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 5));
        (Daemon daemon, string config) = Start(network, 1, "vnis = 1-5");
        daemon.WaitUntilServing();
        LinkMonitor monitor = network[1].Monitor();
        File.AppendAllText(
            config, $"control-socket = {network[1].ControlSocket}\ndead-after = 1\nno-such-key = 1\n");
        string[] lines = [.. File.ReadAllLines(config)];

        CommandResult result = Binary.Run("reload", "--control-socket", network[1].ControlSocket);

        string[] expected =
        [
            $"{config}:{lines.Length - 1}: dead-after: '1' is not a number from 2 to 100",
            $"{config}:{lines.Length}: unknown key 'no-such-key'; expected one of those that wmgwd2.conf.example documents",
        ];
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Equal(
            [$"{network[1].ControlSocket}: the config is not taken over:", .. expected],
            result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.All(expected, line => daemon.WaitForLog($"reload: {line}; everything stays as it is"));

        // Who finds the daemon by that file hears the same, and isn't kept from asking it otherwise.
        CommandResult byFile = Binary.Run("reload", "--config", config);
        Assert.Equal((1, "", result.Errors), (byFile.ExitCode, byFile.Output, byFile.Errors));
        CommandResult status = Binary.Run("status", "--config", config);
        Assert.Equal((0, ""), (status.ExitCode, status.Errors));

        // By signal too; and without the file at all.
        File.Delete(config);
        daemon.Signal(Linux.SigHup);
        daemon.WaitForLog($"reload: {config}: can't be read");
        Assert.Equal(TestNetwork.Range(1, 5), network[1].Served());
        Assert.All(TestNetwork.Range(1, 5), vni => Assert.Empty(monitor.Of(Gateway.Macvlan(vni))));
    }

    [NamespaceFact]
    public void Whatever_is_in_the_place_of_the_config_holds_nothing_up()
    {
        using var network = new TestNetwork(output, 1, 1, 2);
        (Daemon daemon, string config) = Start(network, 1, "vnis = 1-2");
        daemon.WaitUntilServing();
        File.Delete(config);
        Command.Must(["mkfifo", config]);
        daemon.Signal(Linux.SigHup);
        daemon.WaitForLog($"reload: {config}: can't be read: it is no regular file, but a pipe");
        File.Delete(config);
        File.CreateSymbolicLink(config, "/dev/zero");
        CommandResult result = Binary.Run("reload", "--control-socket", network[1].ControlSocket);
        Assert.Contains($"{config}: can't be read: it is no regular file, but a device\n", result.Errors, StringComparison.Ordinal);
        Assert.True(daemon.ResidentKb() < 100_000);
        daemon.WaitUntilServing();
        Assert.Equal(0, daemon.Terminate());
    }

    [NamespaceFact]
    public void A_config_can_come_by_a_pipe_of_the_shell_or_be_the_empty_device()
    {
        CommandResult plan = Command.Run(["bash", "-c", $"exec '{Binary.Path}' plan --uids 1,2 --config <(sleep 0.2; echo 'vnis = 7-8') --json"]);
        Assert.True(plan.ExitCode == 0, plan.ToString());
        Assert.Contains("\"7-8\"", plan.Output, StringComparison.Ordinal);
        plan = Command.Run(["sh", "-c", $"echo 'vnis = 7-8' | '{Binary.Path}' plan --uids 1,2 --config /dev/stdin --json"]);
        Assert.Contains("\"7-8\"", plan.Output, StringComparison.Ordinal);

        using var network = new TestNetwork(output, 1, 1, 2);
        Daemon daemon = network[1].Start(1, "--config", "/dev/null");
        daemon.WaitUntilServing();
        Assert.Equal("nothing has changed\n", Reload(network, 1));
    }

    [NamespaceFact]
    public void Timers_log_level_and_allow_list_change_and_what_cannot_is_named()
    {
        using var network = new TestNetwork(output, 1, 1, 2);
        (Daemon daemon, string config) = Start(network, 1, "vnis = 1-2", "log-level = info");
        daemon.WaitUntilServing();
        Assert.Equal("nothing has changed\n", Reload(network, 1));

        Write(config, "vnis = 1-2", "interval = 50ms", "log-level = debug", "allow = 10.0.1.50", "port = 3001");
        daemon.Signal(Linux.SigHup);
        foreach (string line in (string[])
        [
            "interval: 100ms -> 50ms", "allow: (none) -> 10.0.1.50", "log-level: info -> debug",
            "port: 3000 -> 3001 (left as it is until the next start)",
        ])
        {
            daemon.WaitForLog($"reload: {line}");
        }

        HandMadePeer stranger = network.AddPeer(77);
        Capture fabric = network.CaptureFabric();
        stranger.Advertise(stranger.Uid);
        daemon.WaitForLog("not on the allow list");
        Eventually.Holds("more advertisements, at the port of before", () => fabric.Frames.Count(frame =>
            frame.IsClusterDatagram && frame.SourceAddress == network[1].Address) >= 20);
        DateTime[] times =
        [
            .. fabric.Frames.Where(frame => frame.IsClusterDatagram && frame.SourceAddress == network[1].Address)
                .Select(frame => frame.Time),
        ];
        Assert.InRange((times[^1] - times[0]).TotalMilliseconds / (times.Length - 1), 40, 75);
    }

    [NamespaceFact]
    public void Timing_that_the_peers_could_not_bear_is_refused_while_there_are_any()
    {
        using var network = new TestNetwork(output, 2, 1, 2);
        (Daemon one, string config) = Start(network, 1, "vnis = 1-2");
        (Daemon two, _) = Start(network, 2, "vnis = 1-2");
        one.WaitUntilServing(2);
        Write(config, "vnis = 1-2", "interval = 20ms");
        CommandResult result = Binary.Run("reload", "--control-socket", network[1].ControlSocket);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("peers that advertise every 100 ms would be taken for dead after 60 ms", result.Errors, StringComparison.Ordinal);

        two.Terminate();
        one.WaitUntilServing();
        Assert.Equal("interval: 100ms -> 20ms\n", Reload(network, 1));
    }

    [NamespaceFact]
    public void What_the_config_does_not_name_any_more_is_fenced_too_when_the_daemon_was_killed()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 4));
        Gateway gateway = network[1];
        (Daemon daemon, string config) = Start(network, 1, "vnis = 1-3");
        daemon.WaitUntilServing();
        Write(config, "vnis = 1-4");
        Reload(network, 1);
        daemon.WaitUntilServing();

        // Changed since, and not read.
        Write(config, "vnis = 1-2");
        daemon.Kill();
        Assert.Equal(network.Vnis, gateway.Served());
        string[] by = ["--config", config, "--control-socket", gateway.ControlSocket];
        CommandResult some = Binary.RunIn(gateway.Name, ["fence", .. by, "--vnis", "1"]);
        Assert.Equal("1 interfaces held down (1 were not), 0 missing\n", some.Output);
        Assert.Equal([2u, 3, 4], gateway.Served());
        CommandResult all = Binary.RunIn(gateway.Name, ["fence", .. by]);
        Assert.Equal(
            "2 interfaces held down (1 were not), 0 missing\n"
            + "2 more held down: they were configured when the daemon read its config\n", all.Output);
        Assert.True(gateway.AllQuiet());

        // Where there is no hook, by the next start.
        (daemon, _) = Start(network, 1, "vnis = 1-4");
        daemon.WaitUntilServing();
        daemon.Kill();
        (daemon, _) = Start(network, 1, "vnis = 1-2");
        daemon.WaitUntilServing();
        Assert.Equal([1u, 2], gateway.Served());
        Assert.Single(daemon.FindLog("<4>2 interfaces held down that an earlier config had and that were up"));

        // An orderly end leaves nothing up, and so nothing to be remembered.
        Assert.Equal(0, daemon.Terminate());
        gateway.Ip($"link set {Gateway.Macvlan(2)} protodown off");
        Write(config, "vnis = 1");
        Assert.Equal("1 interfaces held down (0 were not), 0 missing\n", Binary.RunIn(gateway.Name, ["fence", .. by]).Output);
        Assert.Equal([2u], gateway.Served());
    }

    [NamespaceFact]
    public void Two_daemons_of_a_network_namespace_have_no_interface_in_common()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 5));
        Gateway gateway = network[1];
        (Daemon one, string config) = Start(network, 1, "vnis = 1-2");
        one.WaitUntilServing();
        Daemon Second(string name, string vnis, string port)
        {
            string socket = Path.Combine(network.Folder, name);
            return gateway.StartBy(
                [], [Binary.Path, "run", .. gateway.Usual("--uid", port, "--vnis", vnis, "--control-socket", socket, "--port", port)], socket);
        }

        // Refused before anything is touched.
        Daemon refused = Second("refused", "2-4", "3001");
        Assert.Equal(1, refused.WaitForExit());
        Assert.Equal(
            $"<3>wmgwd2 can't go on: process {one.Id} (wmgwd2) has the interfaces of VNIs 2; expected VNIs of its own for each daemon",
            refused.Log.Single().Text);
        Assert.Equal([1u, 2], gateway.Served());
        Daemon other = Second("other", "3-4", "3002");
        other.WaitUntilServing();
        Assert.Equal([1u, 2, 3, 4], gateway.Served());

        Write(config, "vnis = 1-3");
        CommandResult result = Binary.Run("reload", "--control-socket", gateway.ControlSocket);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"process {other.Id} (wmgwd2) has the interfaces of VNIs 3", result.Errors, StringComparison.Ordinal);
        Assert.Empty(one.FindLog("somebody"));

        // What one gives up the other can have.
        Write(config, "vnis = 1,5");
        Reload(network, 1);
        Daemon third = Second("third", "2", "3003");
        third.WaitUntilServing();
        other.Kill();
        Write(config, "vnis = 1,3-5");
        Reload(network, 1);
        one.WaitUntilServing();
        Assert.Equal(network.Vnis, gateway.Served());
    }

    [NamespaceFact]
    public void What_is_tracked_can_change()
    {
        using var network = new TestNetwork(output, 1, 1, 2);
        (Daemon daemon, string config) = Start(network, 1, "vnis = 1-2");
        daemon.WaitUntilServing();
        string health = Path.Combine(network.Folder, "health");
        File.WriteAllText(health, "no upstream");

        Write(config, "vnis = 1-2", "track-interface = uplink");
        Assert.Equal("track-interface: (none) -> uplink\n", Reload(network, 1));
        Assert.Equal(
            "tracked interface: uplink is missing", daemon.WaitFor("a fault", status => status.State == "fault").Fault);
        Write(config, "vnis = 1-2", $"track-file = {health}");
        Reload(network, 1);
        daemon.WaitFor(
            "the file's fault", status => status.Fault?.Contains("'no upstream'", StringComparison.Ordinal) == true);
        Write(config, "vnis = 1-2");
        Reload(network, 1);
        daemon.WaitUntilServing();
    }

    private static (Daemon Daemon, string Config) Start(TestNetwork network, int number, params string[] settings)
    {
        string config = Path.Combine(network.Folder, $"gw{number}.conf");
        Write(config, settings);
        Gateway gateway = network[number];
        Daemon daemon = gateway.StartBy([],
        [
            Binary.Path, "run", "--config", config, "--uid", $"{number}", "--control-socket", gateway.ControlSocket,
        ]);
        return (daemon, config);
    }

    private static void Write(string config, params string[] settings) => File.WriteAllLines(
        config, [.. settings.Any(line => line.StartsWith("interval", StringComparison.Ordinal)) ? (string[])[] : ["interval = 100ms"], .. settings]);

    private static string Reload(TestNetwork network, int number)
    {
        CommandResult result = Binary.Run("reload", "--control-socket", network[number].ControlSocket);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }
}
