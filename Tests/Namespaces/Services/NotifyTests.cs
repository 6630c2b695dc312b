using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Wmgwd2.Tests.Io;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>What the daemon tells a service manager such as systemd (sd_notify(3)).</summary>
[Collection(NamespaceCollection.Name)]
public sealed class NotifyTests(ITestOutputHelper output)
{
    [NamespaceTheory]
    [InlineData(true)]
    [InlineData(false, "--user", "nobody", "--lock-memory", "off")]
    public void A_service_manager_is_told_of_start_state_life_and_end(bool isAbstract, params string[] flags)
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        network.AddPeer(77).Start(100);

        // Only root gets to it, so that it has to be open before the user changes.
        string folder = Directory.CreateDirectory(
            Path.Combine(network.Folder, "private"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        string name = isAbstract ? NotifyReceiver.AbstractName() : Path.Combine(folder, "notify");
        // Abstract names are a network namespace's own.
        NotifyReceiver manager = network.Own(NetworkNamespace.Run(network[1].Name, () => new NotifyReceiver(name)));
        Daemon daemon = Start(network[1], manager, "400000", flags);
        daemon.WaitUntilServing(77);
        int served = network[1].Served().Count();
        string active = $"STATUS=active; 1 live peers, owns {served} of 3 VNIs";
        var told = new List<string>();
        Wait(manager, told, active);
        int kicks = told.Count(message => message == "WATCHDOG=1");
        Wait(manager, told, "WATCHDOG=1", kicks + 3);
        Assert.Equal(0, daemon.Terminate());
        told.AddRange(manager.Take());

        output.WriteLine(string.Join('\n', told));
        Assert.Equal("READY=1", told[0]);
        Assert.StartsWith("STATUS=listening; ", told[1]);
        int end = told.FindIndex(message => message.StartsWith("STOPPING=1\n", StringComparison.Ordinal));
        Assert.Equal("STOPPING=1\nEXTEND_TIMEOUT_USEC=10300000", told[end]);
        Assert.True(told.IndexOf(active) < end);
        Assert.Single(told, message => message.Contains("READY", StringComparison.Ordinal));
        Assert.Single(told, message => message.Contains("STOPPING", StringComparison.Ordinal));

        // It goes on while it drains.
        Assert.All(told.Skip(end + 1), message => Assert.Matches("^(WATCHDOG=1|STATUS=draining; .*)$", message));
        Assert.Empty(daemon.FindLog("NOTIFY_SOCKET"));
    }

    [NamespaceFact]
    public void What_is_told_of_an_end_comes_at_once()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        network.AddPeer(77).Start(100);
        NotifyReceiver manager = network.Own(new NotifyReceiver(Path.Combine(network.Folder, "notify")));
        Daemon daemon = Start(network[1], manager, null, ["--interval", "50ms", "--dead-after", "30"]);
        daemon.WaitUntilServing(77);
        var told = new List<string>();
        Wait(manager, told, "READY=1");
        daemon.Signal(Linux.SigTerm);

        // While it serves on, for the dead interval.
        Wait(manager, told, "STOPPING=1\nEXTEND_TIMEOUT_USEC=11500000");
        Assert.True(daemon.Running);
        daemon.Signal(Linux.SigTerm);
        Assert.Equal(0, daemon.WaitForExit());
        Assert.DoesNotContain("WATCHDOG=1", told);
    }

    [NamespaceFact]
    public void A_service_manager_is_told_when_the_config_is_read_again()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        NotifyReceiver manager = network.Own(new NotifyReceiver(Path.Combine(network.Folder, "notify")));
        string config = Path.Combine(network.Folder, "conf");
        File.WriteAllText(config, "log-level = info\n");
        Daemon daemon = network[1].StartBy(
            ["env", $"NOTIFY_SOCKET={manager.Name}"],
            [Binary.Path, "run", "--config", config, "--uid", "1", .. network[1].Usual().SkipLast(2)]);
        daemon.WaitUntilServing();
        var told = new List<string>();
        Wait(manager, told, "READY=1");

        // By a signal, and by hand, with a mistake: it goes on as before.
        daemon.Signal(Linux.SigHup);
        Wait(manager, told, "READY=1", 2);
        File.WriteAllText(config, "log-level = loud\n");
        Assert.Equal(1, Binary.Run("reload", "--control-socket", network[1].ControlSocket).ExitCode);
        Wait(manager, told, "READY=1", 3);
        Assert.Equal(0, daemon.Terminate());
        Assert.Equal(
            ["READY=1", "RELOADING=1", "READY=1", "RELOADING=1", "READY=1"],
            told.Select(message => message.Split('\n')[0]).Where(message => message.EndsWith("=1", StringComparison.Ordinal)));
    }

    [NamespaceFact]
    public void A_watchdog_for_another_process_and_a_socket_that_is_not_there_change_nothing()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        NotifyReceiver manager = network.Own(new NotifyReceiver(Path.Combine(network.Folder, "notify")));
        Daemon daemon = Start(network[1], manager, "100000", [], "WATCHDOG_PID=1");
        daemon.WaitUntilServing();
        Assert.Equal(0, daemon.Terminate());
        Assert.DoesNotContain("WATCHDOG=1", manager.Take());

        manager.Dispose();
        Daemon second = Start(network[1], manager, "soon", []);
        second.WaitUntilServing();
        second.WaitForLog($"NOTIFY_SOCKET {manager.Name}: the service manager isn't told: ");
        second.WaitForLog("WATCHDOG_USEC 'soon'");
        Assert.Equal(0, second.Terminate());
    }

    private static Daemon Start(Gateway gateway, NotifyReceiver manager, string? watchdog, string[] flags, params string[] environment) =>
        gateway.StartBy(
            ["env", $"NOTIFY_SOCKET={manager.Name}", .. watchdog == null ? [] : new[] { $"WATCHDOG_USEC={watchdog}" }, .. environment],
            [Binary.Path, "run", "--uid", "1", .. gateway.Usual(flags)]);

    private static void Wait(NotifyReceiver manager, List<string> told, string message, int count = 1) => Eventually.Holds(
        $"{message}, {count} times",
        () =>
        {
            told.AddRange(manager.Take());
            return told.Count(each => each == message) >= count;
        });
}
