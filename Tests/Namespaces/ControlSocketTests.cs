using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

[Collection(NamespaceCollection.Name)]
public sealed class ControlSocketTests(ITestOutputHelper output)
{
    [NamespaceFact]
    public void A_second_daemon_on_the_same_socket_is_refused_and_touches_nothing()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        Gateway gateway = network[1];
        Daemon first = gateway.Start(1);
        first.WaitUntilServing();
        LinkMonitor monitor = gateway.Monitor();

        Daemon second = gateway.Start(2);
        Assert.Equal(1, second.WaitForExit());
        Assert.Contains($"{gateway.ControlSocket}: another daemon answers there", second.LogText);

        Assert.All(network.Vnis, vni => Assert.Empty(monitor.Of(Gateway.Macvlan(vni))));
        Assert.Equal(network.Vnis, gateway.Served());
        DaemonStatus status = first.Status();
        Assert.Equal(1ul, status.Uid);
        Assert.Equal(0, status.Counters["protodown_set"]);
    }

    [NamespaceFact]
    public void A_socket_that_nobody_answers_is_replaced()
    {
        using var network = new TestNetwork(output, 1, 1);
        Gateway gateway = network[1];
        Daemon killed = gateway.Start(1);
        killed.WaitUntilServing();
        killed.Kill();
        Assert.True(File.Exists(gateway.ControlSocket));

        CommandResult nobody = Binary.Run("status", "--control-socket", gateway.ControlSocket);
        Assert.Equal(1, nobody.ExitCode);
        Assert.Contains($"{gateway.ControlSocket}: no daemon answers", nobody.Errors);
        Assert.Equal("", nobody.Output);

        Daemon next = gateway.Start(2);
        Assert.Equal(2ul, next.WaitUntilServing().Uid);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite,
            File.GetUnixFileMode(gateway.ControlSocket));
        Assert.Equal(0, next.Terminate());
        Assert.False(File.Exists(gateway.ControlSocket));

        CommandResult none = Binary.Run("status", "--control-socket", gateway.ControlSocket);
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("no such socket", none.Errors);
    }

    [NamespaceFact]
    public void A_file_that_is_no_socket_is_not_replaced()
    {
        using var network = new TestNetwork(output, 1, 1);
        File.WriteAllText(network[1].ControlSocket, "precious");

        Daemon daemon = network[1].Start(1);
        Assert.Equal(1, daemon.WaitForExit());
        Assert.Contains(network[1].ControlSocket, daemon.LogText);
        Assert.Equal("precious", File.ReadAllText(network[1].ControlSocket));
    }

    [NamespaceFact]
    public void A_socket_that_can_not_be_opened_is_named()
    {
        using var network = new TestNetwork(output, 1, 1);
        string path = Path.Combine(network.Folder, "missing", "wmgwd2.sock");
        Daemon daemon = network[1].Start(1, "--control-socket", path);
        Assert.Equal(1, daemon.WaitForExit());
        Assert.Contains($"{path}: the control socket can't be opened: bind: No such file or directory (errno 2)", daemon.LogText);
        Assert.DoesNotContain("   at ", daemon.LogText);
    }

    [NamespaceFact]
    public void Clients_that_misbehave_are_answered_or_dropped_and_hold_up_nobody()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        Gateway gateway = network[1];
        Daemon daemon = gateway.Start(1);
        daemon.WaitUntilServing();

        Assert.StartsWith("error unknown request", Ask(gateway, "nonsense\n"));
        Assert.StartsWith("error unknown request", Ask(gateway, "\n"));
        Assert.StartsWith("error unknown request", Ask(gateway, "status text -1\n"));
        Assert.StartsWith("error unknown request", Ask(gateway, "status text 99999999999\n"));
        Assert.StartsWith("error", Ask(gateway, new string('x', 5000)));
        Assert.StartsWith("ok\n{", Ask(gateway, "status json\r\n"));
        Assert.StartsWith("ok\ngateway 1", Ask(gateway, "status text 80\n"));

        // More than it keeps, that say nothing; and one that doesn't read its answer.
        var silent = new List<Socket>();
        try
        {
            for (int i = 0; i < 100; i++)
            {
                silent.Add(Connect(gateway));
            }

            silent[^1].Send("status json\n"u8);
            Assert.Equal("active", daemon.Status().State);
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }

        DaemonStatus status = daemon.Status();
        Assert.Equal("active", status.State);
        Assert.Equal(network.Vnis, gateway.Served());
        Assert.Equal(0, daemon.Terminate());
    }

    [NamespaceFact("prlimit")]
    public void Without_descriptors_nobody_is_listened_to_for_a_moment_and_no_processor_is_busy_with_that()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        Gateway gateway = network[1];
        Daemon daemon = gateway.Start(1);
        daemon.WaitUntilServing();
        SetLimit(3);
        using (Socket waiting = Connect(gateway))
        {
            daemon.WaitForLog("a client of the control socket failed: Too many open files (errno 24)");
            TimeSpan before = CpuTime();
            Thread.Sleep(2000);
            TimeSpan used = CpuTime() - before;
            Assert.True(used < TimeSpan.FromSeconds(0.6), $"{used.TotalSeconds} s of 2 s");

            // Who has waited is served too.
            SetLimit(1024);
            waiting.Send("status text 80\n"u8);
            Assert.Equal(1, waiting.Receive(new byte[1]));
        }

        Assert.Equal("active", daemon.Status().State);
        Assert.Single(daemon.FindLog("a client of the control socket failed"));

        void SetLimit(int soft) => Command.Must(["prlimit", $"--pid={daemon.Id}", $"--nofile={soft}:"]);

        TimeSpan CpuTime()
        {
            using var process = Process.GetProcessById(daemon.Id);
            return process.TotalProcessorTime;
        }
    }

    [NamespaceFact("setpriv")]
    public void Who_may_not_ask_is_told_so()
    {
        using var network = new TestNetwork(output, 1, 1);
        Gateway gateway = network[1];
        gateway.Start(1).WaitUntilServing();
        CommandResult refused = Binary.RunIn(
            gateway.Name, ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--reuid=65534", "--clear-groups"],
            "status", "--control-socket", gateway.ControlSocket);
        Assert.Equal(1, refused.ExitCode);
        Assert.Equal(
            $"{gateway.ControlSocket}: permission denied; expected root, or a user who may write to the control socket\n",
            refused.Errors);
    }

    [NamespaceFact]
    public void Whoever_reads_later_than_the_daemon_has_patience_gets_all_of_it()
    {
        using var network = new TestNetwork(output, 1, 1);
        Gateway gateway = network[1];
        Daemon daemon = gateway.Start(1, "--vnis", "1-20000");
        daemon.WaitFor("active", status => status.State == "active");
        CommandResult late = Command.Run(
        [
            "sh", "-c", "\"$1\" status --json --control-socket \"$2\" | (sleep 12; cat)", "sh", Binary.Path, gateway.ControlSocket,
        ]);
        Assert.Equal((0, ""), (late.ExitCode, late.Errors));
        Assert.Equal(20_000, JsonNode.Parse(late.Output)!["vnis"]!.AsArray().Count);

        // Who goes in the middle of it leaves an error, not a shorter answer.
        using Socket waiting = Connect(gateway);
        waiting.Send("status json\n"u8);
        waiting.Receive(new byte[1]);
        daemon.Kill();
        Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() =>
        {
            while (waiting.Receive(new byte[4096]) > 0)
            {
            }
        }).SocketErrorCode);
    }

    [NamespaceFact]
    public void Drain_of_the_last_one_alive_is_done_and_said()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 3));
        Gateway gateway = network[1];
        Daemon daemon = gateway.Start(1);
        daemon.WaitUntilServing();
        CommandResult alone = Ask("drain");
        Assert.Equal(
            (0, "no peer is alive: nobody serves 3 VNIs until 'wmgwd2 undrain'\n", ""),
            (alone.ExitCode, alone.Output, alone.Errors));
        daemon.WaitForLog("<4>asked to drain, and no peer is alive: nobody serves 3 VNIs until 'wmgwd2 undrain'");
        daemon.WaitFor("standby", status => status.State == "standby");

        Assert.Equal("", Ask("undrain").Output);
        daemon.WaitUntilServing();
        network[2].Start(2).WaitUntilServing(1);
        CommandResult inherited = Ask("drain");
        Assert.Equal((0, "", ""), (inherited.ExitCode, inherited.Output, inherited.Errors));
        Assert.Single(daemon.FindLog("asked to drain"));

        CommandResult Ask(string command) => Binary.Run(command, "--control-socket", gateway.ControlSocket);
    }

    [NamespaceFact]
    public void The_uid_is_drawn_once_and_kept()
    {
        using var network = new TestNetwork(output, 1, 1);
        Gateway gateway = network[1];
        string file = Path.Combine(network.Folder, "state", "uid");
        string[] words = [Binary.Path, "run", "--uid-file", file, .. gateway.Usual()];

        Daemon first = gateway.StartBy([], words);
        ulong uid = first.WaitUntilServing().Uid;
        Assert.NotEqual(0ul, uid);
        Assert.Equal($"{uid}\n", File.ReadAllText(file));
        first.WaitForLog($"the uid {uid} was drawn at random and written to {file}");
        Assert.Equal(0, first.Terminate());

        Daemon second = gateway.StartBy([], words);
        Assert.Equal(uid, second.WaitUntilServing().Uid);
        Assert.Empty(second.FindLog("drawn"));
        Assert.Equal(0, second.Terminate());

        // By hand; with spaces around it.
        File.WriteAllText(file, " 0xabc \n");
        Daemon third = gateway.StartBy([], words);
        Assert.Equal(0xabcul, third.WaitUntilServing().Uid);
        Assert.Equal(0, third.Terminate());

        // The flag wins, and the file stays.
        Daemon fourth = gateway.Start(5, "--uid-file", file);
        Assert.Equal(5ul, fourth.WaitUntilServing().Uid);
        Assert.Equal(0, fourth.Terminate());
        Assert.Equal(" 0xabc \n", File.ReadAllText(file));

        // What isn't one is not guessed at.
        foreach (string content in new[] { "", "0", "seven", "1 2" })
        {
            File.WriteAllText(file, content);
            Daemon refused = gateway.StartBy([], words);
            Assert.Equal(1, refused.WaitForExit());
            Assert.Contains($"{file}:1: ", refused.LogText);
            Assert.Equal(content, File.ReadAllText(file));
        }
    }

    [NamespaceFact]
    public void A_uid_that_can_not_be_kept_is_no_reason_not_to_serve()
    {
        using var network = new TestNetwork(output, 1, 1);
        Gateway gateway = network[1];
        Daemon daemon = gateway.StartBy([], [Binary.Path, "run", "--uid-file", "/proc/wmgwd2/uid", .. gateway.Usual()]);
        ulong uid = daemon.WaitUntilServing().Uid;
        Assert.Contains("/proc/wmgwd2/uid can't be written", daemon.WaitForLog($"<4>the uid {uid}").Text);
    }

    private static Socket Connect(Gateway gateway)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 5000 };
        socket.Connect(new UnixDomainSocketEndPoint(gateway.ControlSocket));
        return socket;
    }

    private static string Ask(Gateway gateway, string request)
    {
        using Socket socket = Connect(gateway);
        socket.Send(Encoding.UTF8.GetBytes(request));
        var answer = new StringBuilder();
        byte[] buffer = new byte[4096];
        try
        {
            for (int length; (length = socket.Receive(buffer)) > 0;)
            {
                answer.Append(Encoding.UTF8.GetString(buffer, 0, length));
            }
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            // It was not read to its end.
        }

        return answer.ToString();
    }
}
