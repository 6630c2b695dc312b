using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Threading;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>Who follows the published binary, by 'monitor' and by 'status --watch', and who misuses its control socket.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class FollowTests(ITestOutputHelper output)
{
    [NamespaceFact]
    public void Monitor_tells_what_happens_as_it_happens()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 8));
        Gateway gateway = network[1];
        Daemon daemon = gateway.Start(1);
        daemon.WaitUntilServing();
        using var text = new Follower("monitor", "--control-socket", gateway.ControlSocket);
        using var json = new Follower("monitor", "--json", "--control-socket", gateway.ControlSocket);
        using var piped = new Follower("status", "--watch", "--control-socket", gateway.ControlSocket);
        json.WaitFor("initial", 1);
        JsonNode initial = JsonNode.Parse(json.Lines[0])!;
        Assert.Equal("active", (string?)initial["state"]);
        Assert.Equal(network.Vnis, initial["taken"]!.AsArray().Select(vni => (uint)vni!));

        // A peer comes and takes its share, and is gone without a word.
        Daemon peer = network[2].Start(2);
        peer.WaitUntilServing(1);
        uint[] share = [.. network.Share(2, 1)];
        json.WaitFor("\"vni_released\"", share.Length);
        peer.Kill();
        json.WaitFor("\"vni_taken\"", share.Length);
        json.WaitFor("\"peer_expired\"", 1);
        Assert.Equal(
            share,
            json.Lines.Select(line => JsonNode.Parse(line)!).Where(each => (string?)each["event"] == "vni_taken")
                .Select(each => (uint)each["vni"]!).Order());

        gateway.Ip("link set veth3 down");
        json.WaitFor("\"vni_problem\"", 1);
        gateway.Ip("link set veth3 up");
        json.WaitFor("\"vni_ok\"", 1);
        Assert.Equal(0, daemon.Terminate());

        // What is told in one format is told in the other, and both end with the daemon.
        Assert.Equal(1, json.WaitForExit());
        Assert.Equal(1, text.WaitForExit());
        Assert.Equal(1, piped.WaitForExit());
        Assert.EndsWith("\"event\":\"ended\"}", json.Lines[^1]);
        Assert.EndsWith("Z the daemon ends", text.Lines[^1]);
        Assert.Equal($"{gateway.ControlSocket}: the daemon has ended\n", text.Errors);
        foreach (string part in new[] { "peer 2 (10.0.1.12) appeared", "peer 2 (10.0.1.12) expired", "VNI 3 (vrrp4-3) problem", "VNI 3 (vrrp4-3) ok" })
        {
            Assert.Contains(text.Lines, line => line.Contains(part, StringComparison.Ordinal));
            Assert.Contains(piped.Lines, line => line.Contains(part, StringComparison.Ordinal));
        }

        CommandResult nobody = Binary.Run("monitor", "--control-socket", gateway.ControlSocket);
        Assert.Equal((1, ""), (nobody.ExitCode, nobody.Output));
        Assert.Contains("no daemon answers", nobody.Errors);
    }

    [NamespaceFact("setsid")]
    public void A_watched_status_keeps_to_the_terminal_and_gives_it_back()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        Gateway gateway = network[1];
        Daemon daemon = gateway.Start(1);
        daemon.WaitUntilServing();
        string watch = $"{Binary.Path} status --watch --control-socket {gateway.ControlSocket}";
        using (var terminal = new Terminal(watch))
        {
            int at = terminal.WaitFor(Entered + "\e[H", 0);
            at = terminal.WaitFor("\e[32mactive\e[0m", at);

            // A change is shown at once, a smaller window too.
            gateway.Ip("link set veth2 down");
            at = terminal.WaitFor("VNI 2 (vrrp4-2): owned, but its lower device is not operational", at);
            terminal.Resize(8, 40);
            at = terminal.WaitFor(" more lines", at);

            gateway.Ip("link set veth2 up");

            // Ctrl-Z gives the shell its terminal; fg takes it again.
            terminal.Type("\u001a");
            at = terminal.WaitFor(Left, at);
            Eventually.Get("stopped", () => terminal.State, state => state == 'T');
            terminal.Signal(Linux.SigCont);
            at = terminal.WaitFor(Entered, at);

            // A daemon that ends is waited for.
            daemon.Kill();
            at = terminal.WaitFor("no daemon answers", at);
            gateway.Start(1).WaitUntilServing();
            at = terminal.WaitFor("\e[32mactive\e[0m", at);
            terminal.Type("\u0003");
            Assert.Equal(0, terminal.WaitForExit());
            Assert.EndsWith(Left, terminal.Screen);
        }

        using (var terminal = new Terminal($"env NO_COLOR=1 {watch} --vni 1"))
        {
            int at = terminal.WaitFor("served here", 0);
            terminal.WaitFor("served here", at);
            terminal.Signal(Linux.SigTerm);
            Assert.Equal(0, terminal.WaitForExit());
            Assert.EndsWith(Left, terminal.Screen);
            Assert.DoesNotContain("\e[32m", terminal.Screen);
        }

        // Who names the wrong socket is told so where he is.
        using var wrong = new Terminal($"{watch}.missing");
        Assert.Equal(1, wrong.WaitForExit());
        Assert.DoesNotContain("\e[?1049h", wrong.Screen);
        Assert.Contains("no daemon answers: no such socket", wrong.Screen);
    }

    [NamespaceFact("promtool")]
    public void Promtool_finds_nothing_wrong_with_the_metrics()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        network[1].Start(1).WaitUntilServing();
        CommandResult metrics = Binary.Run("status", "--prometheus", "--per-vni", "--control-socket", network[1].ControlSocket);
        CommandResult judged = Command.Run(["promtool", "check", "metrics"], metrics.Output);
        Assert.Equal((0, "", ""), (judged.ExitCode, judged.Output, judged.Errors));
    }

    [NamespaceFact]
    public void One_VNI_and_metrics_are_what_the_kernel_shows()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        Gateway gateway = network[1];
        Daemon daemon = gateway.Start(1);
        daemon.WaitUntilServing();
        gateway.Ip("address add 192.0.2.7/24 dev vrrp4-2");
        JsonNode vni = Eventually.Get(
            "both addresses", () => JsonNode.Parse(Ask("status", "--vni", "2", "--json").Output)!,
            each => each["kernel"]!["addresses"]!.AsArray().Count == 2);
        Assert.Equal(("served", 1ul), ((string?)vni["condition"], ulong.Parse((string)vni["owner"]!)));
        Assert.Equal(Gateway.VirtualMac(2), (string?)vni["kernel"]!["mac"]);
        Assert.Contains("192.0.2.7", vni["kernel"]!["addresses"]!.AsArray().Select(address => (string?)address));
        Assert.StartsWith("VNI 2 (vrrp4-2): served here for ", Ask("status", "--vni", "2").Output);

        string metrics = Ask("status", "--prometheus").Output;
        Assert.Contains("\nwmgwd2_vnis_served 3\n", metrics);
        Assert.Contains("\nwmgwd2_takeovers_total 3\n", metrics);
        Assert.DoesNotContain("vni=", metrics);
        Assert.Contains("\nwmgwd2_vni_served{vni=\"2\"} 1\n", Ask("status", "--prometheus", "--per-vni").Output);

        CommandResult unknown = Ask("status", "--vni", "9");
        Assert.Equal((1, ""), (unknown.ExitCode, unknown.Output));
        Assert.Equal($"{gateway.ControlSocket}: VNI 9 is not configured; expected one of 1-3\n", unknown.Errors);

        CommandResult Ask(params string[] words) => Binary.Run([.. words, "--control-socket", gateway.ControlSocket]);
    }

    [NamespaceFact]
    public void A_thousand_clients_that_misbehave_harm_nobody()
    {
        const int Clients = 1000;
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 20));
        Gateway gateway = network[1];
        Daemon daemon = gateway.Start(1, "--log-level", "info");
        Daemon peer = network[2].Start(2, "--log-level", "info");
        daemon.WaitUntilServing(2);
        peer.WaitUntilServing(1);
        int descriptors = Descriptors(daemon);
        int resident = daemon.ResidentKb();
        using Capture capture = network.CaptureFabric();
        DateTime start = DateTime.UtcNow;
        var clients = new List<Socket>();
        try
        {
            string[] says = ["", "status json\n", "stat", "\0\u00ff nonsense\n", "monitor json\n", "monitor text no-initial\n", new string('x', 500)];
            for (int i = 0; i < Clients; i++)
            {
                var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                client.Connect(new UnixDomainSocketEndPoint(gateway.ControlSocket));
                clients.Add(client);
                Say(client, says[i % says.Length]);
                if (i % 200 == 100)
                {
                    Assert.Equal("active", daemon.Status().State);
                }
            }

            // Some say a byte now and then; none reads. Meanwhile VNIs move, and those who follow are told.
            for (int round = 0; round < 4; round++)
            {
                clients.ForEach(client => Say(client, "s"));
                Assert.Equal("active", daemon.Status().State);
                gateway.IpBatch(network.Share(1, 2).SelectMany(vni => new[] { $"link set veth{vni} down", $"link set veth{vni} up" }));
                Thread.Sleep(500);
            }

            Assert.InRange(Descriptors(daemon), descriptors, descriptors + 64 + 16 + 8);
            Assert.InRange(daemon.ResidentKb(), 0, resident + 12_000);
            network.Measured($"{Clients} clients, {daemon.ResidentKb() - resident} KB more, {(DateTime.UtcNow - start).TotalSeconds:0.0} s");
            daemon.WaitUntilServing(2);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        // It advertised every 100 ms all the while, so that nobody took it for dead, and has let go of all descriptors.
        DateTime end = DateTime.UtcNow;
        CapturedFrame[] sent = [.. capture.DatagramsFrom(gateway.Address).Where(frame => frame.Payload.Length == 8)];
        Assert.InRange(sent.Length, (end - start).TotalSeconds * 10 * 0.8, double.MaxValue);
        Assert.Empty(peer.FindLog("is dead"));
        Assert.Empty(daemon.FindLog("stood still"));
        Eventually.Get("as many descriptors as before", () => Descriptors(daemon), count => count <= descriptors);
        DaemonStatus status = daemon.Status();
        Assert.Equal((0, 0), (status.Counters["cluster_allocated_bytes"], status.Counters["kernel_allocated_bytes"]));
        Assert.Equal(0, daemon.Terminate());

        static void Say(Socket client, string what)
        {
            try
            {
                client.Send(System.Text.Encoding.Latin1.GetBytes(what));
            }
            catch (SocketException)
            {
                // It was dropped.
            }
        }

        static int Descriptors(Daemon of) => Directory.GetFiles($"/proc/{of.Id}/fd").Length;
    }

    // What Src/Cli/WatchScreen.cs begins and ends with: the other screen, no cursor, no wrapping.
    private const string Entered = "\e[?1049h\e[?25l\e[?7l";
    private const string Left = "\e[?7h\e[?25h\e[?1049l";

    /// <summary>A command that goes on, and its lines.</summary>
    private sealed class Follower : IDisposable
    {
        private readonly Process _process;
        private readonly Thread _reader;
        private readonly List<string> _lines = [];

        public Follower(params string[] arguments)
        {
            _process = new Process { StartInfo = Command.Describe([Binary.Path, .. arguments]) };
            _process.Start();
            _reader = new Thread(() =>
            {
                while (_process.StandardOutput.ReadLine() is { } line)
                {
                    lock (_lines)
                    {
                        _lines.Add(line);
                    }
                }
            });
            _reader.Start();
        }

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines)
                {
                    return [.. _lines];
                }
            }
        }

        public string Errors { get; private set; } = "";

        public void WaitFor(string part, int count) => Eventually.Get(
            $"{count} times {part}", () => Lines,
            lines => lines.Count(line => line.Contains(part, StringComparison.Ordinal)) >= count);

        public int WaitForExit()
        {
            Assert.True(_process.WaitForExit(Eventually.Timeout), "it does not end");
            _reader.Join();
            Errors = _process.StandardError.ReadToEnd();
            return _process.ExitCode;
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill();
            }

            _process.WaitForExit();
            _reader.Join();
            _process.Dispose();
        }
    }
}
