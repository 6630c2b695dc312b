using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

[Collection(NamespaceCollection.Name)]
public sealed class StopTests(ITestOutputHelper output)
{
    private static readonly TimeSpan DeadInterval = TimeSpan.FromMilliseconds(300);

    [NamespaceFact]
    public void A_gateway_that_stops_serves_until_its_peer_has_taken_over()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 6));
        Daemon leaving = network[1].Start(1);
        Daemon staying = network[2].Start(2);
        leaving.WaitUntilServing(2);
        staying.WaitUntilServing(1);
        uint[] moving = [.. network.Share(1, 2)];
        Assert.NotEmpty(moving);
        LinkMonitor monitor = network[1].Monitor();
        Capture fabric = network.CaptureFabric();
        Capture announcements = network[2].Capture();
        Eventually.Holds("an advertisement", () => fabric.DatagramsFrom("10.0.1.11").Count > 0);

        leaving.Signal(Linux.SigTerm);
        int exit = leaving.WaitForExit();

        Assert.Equal(0, exit);
        Assert.True(network[1].AllQuiet());
        staying.WaitUntilServing();
        Assert.Equal(network.Vnis, network[2].Served());

        // It says goodbye, three times; the peer answers when it takes up, and both happen in the same moment.
        Assert.Equal(3, CountHandover(fabric, "10.0.1.11", kind: 1));
        Assert.InRange(CountHandover(fabric, "10.0.1.12", kind: 2), 1, 3);
        DateTime[] down = [.. moving.Select(vni => monitor.Of(Gateway.Macvlan(vni)).First(change => !change.LowerUp).Time)];
        DateTime[] announced =
        [
            .. moving.Select(vni => announcements.Frames.First(frame =>
                frame.IsArp && string.Join('.', frame.Bytes[28..32]) == Gateway.VirtualAddress(vni)).Time),
        ];
        double[] overlaps = [.. down.Zip(announced, (one, other) => (one - other).TotalMilliseconds)];
        network.Measured($"let go {overlaps.Min():0.0} to {overlaps.Max():0.0} ms after the peer's announcements");
        Assert.InRange(overlaps.Min(), -100, 500);
        Assert.Empty(leaving.FindLog("<3>"));
        Assert.Contains("6 interfaces are held down", leaving.Log[^1].Text);
    }

    // Ethernet, IPv4 and UDP take 42 bytes.
    private static int CountHandover(Capture fabric, string sender, byte kind) => fabric.DatagramsFrom(sender).Count(frame =>
        frame.Bytes.Length >= 42 + 24 && frame.Bytes[42..46].SequenceEqual("WMG2"u8.ToArray()) && frame.Bytes[47] == kind);

    [NamespaceTheory]
    [InlineData(Linux.SigInt, "SIGINT")]
    [InlineData(Linux.SigQuit, "SIGQUIT")]
    public void Other_signals_end_it_likewise(int signal, string name)
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        HandMadePeer peer = network.AddPeer(77);
        peer.Start(100);
        Daemon daemon = network[1].Start(1);
        uint[] owned = [.. daemon.WaitUntilServing(77).Owned];
        Assert.NotEmpty(owned);

        daemon.Signal(signal);
        daemon.WaitForLog(name);
        Assert.Equal(owned, network[1].Served());
        Assert.Equal(0, daemon.WaitForExit());
        Assert.True(network[1].AllQuiet());
        Assert.False(File.Exists(network[1].ControlSocket));
    }

    /// <summary>As a limit of processes or of memory may have it; the runtime's own way takes a thread for each signal.</summary>
    [NamespaceFact("prlimit")]
    public void It_ends_in_good_order_when_no_thread_can_be_started_any_more()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        Daemon daemon = network[1].Start(1);
        daemon.WaitUntilServing();
        string id = daemon.Id.ToString(CultureInfo.InvariantCulture);
        string size = File.ReadLines($"/proc/{id}/status").Single(line => line.StartsWith("VmSize:", StringComparison.Ordinal));
        long limit = (long.Parse(string.Concat(size.Where(char.IsAsciiDigit)), CultureInfo.InvariantCulture) + 100) << 10;
        Command.Must(["prlimit", "--pid", id, string.Create(CultureInfo.InvariantCulture, $"--as={limit}")]);

        daemon.Signal(Linux.SigHup);
        daemon.WaitForLog("reload");
        Assert.Equal(0, daemon.Terminate());
        Assert.True(network[1].AllQuiet());
    }

    [NamespaceFact]
    public void Signals_that_nobody_asked_for_do_not_end_it_and_no_thread_but_one_takes_the_others()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        Daemon daemon = network[1].Start(1);
        daemon.WaitUntilServing();

        // USR1, USR2, ALRM, XFSZ, VTALRM, PROF, IO, PWR (signal(7)).
        foreach (int signal in (int[])[10, 12, 14, 25, 26, 27, 29, 30])
        {
            daemon.Signal(signal);
        }

        // HUP, INT, QUIT, TERM and XCPU, of the thread too that the runtime starts before this program.
        const ulong Kept = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 23;
        Assert.All(daemon.Tasks().Where(task => !task.EndsWith($"/{daemon.FindThread("signals")}", StringComparison.Ordinal)), task =>
        {
            string blocked = File.ReadLines(Path.Combine(task, "status")).Single(line => line.StartsWith("SigBlk:", StringComparison.Ordinal));
            Assert.Equal(Kept, ulong.Parse(blocked[7..], NumberStyles.HexNumber | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture) & Kept);
        });
        Assert.Equal("active", daemon.Status().State);
        Assert.Equal(network.Vnis, network[1].Served());
        Assert.Equal(0, daemon.Terminate());
    }

    [NamespaceTheory("prlimit")]
    [InlineData("20:20", 1)]
    [InlineData("20:300", 0)]
    public void Descriptors_must_suffice_before_anything_is_touched(string limit, int expected)
    {
        using var network = new TestNetwork(output, 1, 1);
        Daemon daemon = network[1].StartBy(
            ["prlimit", $"--nofile={limit}"], [Binary.Path, "run", "--uid", "1", .. network[1].Usual()]);
        if (expected == 0)
        {
            daemon.WaitUntilServing();
            Assert.Equal(0, daemon.Terminate());
            return;
        }

        Assert.Equal(expected, daemon.WaitForExit());
        Assert.Equal("<3>wmgwd2 can't go on: RLIMIT_NOFILE is 20; expected at least 64 (ulimit -n, systemd: LimitNOFILE=)", daemon.Log.Single().Text);
    }

    [NamespaceFact]
    public void A_second_signal_ends_it_at_once()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        HandMadePeer peer = network.AddPeer(77);
        peer.Start(100);

        // Two seconds would be served.
        Daemon daemon = network[1].Start(1, "--interval", "50ms", "--dead-after", "40");
        daemon.WaitUntilServing(77);
        daemon.Signal(Linux.SigTerm);
        daemon.WaitForLog("SIGTERM");
        DaemonStatus draining = daemon.Status();
        Assert.Equal("draining", draining.State);
        Assert.NotEmpty(network[1].Served());

        var watch = Stopwatch.StartNew();
        daemon.Signal(Linux.SigTerm);
        Assert.Equal(0, daemon.WaitForExit());
        network.Measured($"ended {watch.ElapsedMilliseconds} ms after the second signal");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1.2), "it went on serving");
        Assert.True(network[1].AllQuiet());
    }

    [NamespaceFact]
    public void A_gateway_that_is_alone_ends_at_once()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        Daemon daemon = network[1].Start(1, "--interval", "50ms", "--dead-after", "40");
        daemon.WaitUntilServing();
        Assert.Equal(network.Vnis, network[1].Served());

        var watch = Stopwatch.StartNew();
        Assert.Equal(0, daemon.Terminate());
        network.Measured($"ended {watch.ElapsedMilliseconds} ms after the signal");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1.2), "it waited for nobody");
        Assert.True(network[1].AllQuiet());
    }

    [NamespaceFact]
    public void A_gateway_that_still_listens_ends_at_once()
    {
        using var network = new TestNetwork(output, 1, 1);
        Daemon daemon = network[1].Start(1, "--interval", "10s");
        daemon.WaitForLog("starts:");
        daemon.WaitFor("listening", status => status.State == "listening");
        Assert.Equal(0, daemon.Terminate());
    }

    [NamespaceFact]
    public void A_gateway_that_stood_still_lets_go_before_it_does_anything_else()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 6));
        Gateway gateway = network[1];
        Daemon stopped = gateway.Start(1);
        Daemon other = network[2].Start(2);
        stopped.WaitUntilServing(2);
        other.WaitUntilServing(1);
        uint[] owned = [.. network.Share(1, 2)];
        Capture frames = gateway.Capture();

        // The repeats of the first announcement, 1.1 s and 2.2 s after it, become due while it stands.
        stopped.Signal(Linux.SigStop);
        other.WaitUntilServing();
        Thread.Sleep(1200);
        LinkMonitor monitor = gateway.Monitor();
        int sentBefore = frames.Frames.Count(frame => frame.IsArp);
        DateTime continued = DateTime.UtcNow;
        stopped.Signal(Linux.SigCont);

        stopped.WaitForLog("stood still");
        stopped.WaitForLog("state listening");
        stopped.WaitUntilServing(2);
        other.WaitUntilServing(1);
        DateTime down = owned.Max(vni => monitor.Of(Gateway.Macvlan(vni)).First(change => !change.LowerUp).Time);
        DateTime[] announced = [.. frames.Frames.Where(frame => frame.IsArp).Skip(sentBefore).Select(frame => frame.Time)];
        network.Measured($"let go {(down - continued).TotalMilliseconds:0.0} ms after it went on; first announcement after {(announced.Min() - continued).TotalMilliseconds:0} ms");
        Assert.True(announced.Min() - continued > DeadInterval - TimeSpan.FromMilliseconds(10), "announced from a stale view");
        Assert.True(down < announced.Min());
        Assert.Equal(owned, gateway.Served());
        Assert.Equal(network.Share(2, 1), network[2].Served());
    }
}
