using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

[Collection(NamespaceCollection.Name)]
public sealed class CrashTests(ITestOutputHelper output)
{
    [NamespaceTheory]
    [InlineData(50)]
    [InlineData(100)]
    [InlineData(1000)]
    public void Peers_take_over_what_a_crashed_gateway_owned_and_nothing_else_moves(int intervalMs)
    {
        TimeSpan deadInterval = TimeSpan.FromMilliseconds(3 * intervalMs);
        string[] flags = ["--interval", $"{intervalMs}ms"];
        using var network = new TestNetwork(output, 3, TestNetwork.Range(1, 12));
        Daemon[] daemons = [network[1].Start(1, flags), network[2].Start(2, flags), network[3].Start(3, flags)];
        daemons[0].WaitUntilServing(2, 3);
        daemons[2].WaitUntilServing(1, 2);
        uint[] crashed = [.. network.Share(2, 1, 3)];
        Assert.NotEmpty(crashed);
        (DaemonStatus Before, Capture Frames)[] others =
        [
            .. new[] { 1, 3 }.Select(number => (daemons[number - 1].Status(), network[number].Capture())),
        ];
        Capture fabric = network.CaptureFabric();
        Eventually.Holds("heard", () => fabric.DatagramsFrom("10.0.1.12").Count > 0);

        network[2].Ip("link set fabric down");
        daemons[1].Kill();
        Eventually.Holds("all is served by two", () =>
            network[1].Served().Concat(network[3].Served()).Order().SequenceEqual(network.Vnis));

        DaemonStatus[] after = [daemons[0].WaitUntilServing(3), daemons[2].WaitUntilServing(1)];
        Assert.Equal(network.Share(1, 3), network[1].Served());
        Assert.Equal(network.Share(3, 1), network[3].Served());
        Assert.All(after, status => Assert.All(
            status.Vnis, vni => Assert.Equal(TestNetwork.Owner(vni.Vni, 1, 3), vni.Owner)));
        PeerEntry dead = after[0].Peers.Single(peer => peer.Uid == 2);
        Assert.False(dead.Alive);
        Assert.Equal(0, dead.OwnedVnis);

        // Only those move: nothing was held down, and no more was taken than is owned now.
        for (int i = 0; i < 2; i++)
        {
            DaemonStatus before = others[i].Before;
            uint[] gained = [.. after[i].Owned.Except(before.Owned)];
            Assert.Subset(crashed.ToHashSet(), gained.ToHashSet());
            Assert.Empty(before.Owned.Except(after[i].Owned));
            Assert.Equal(before.Counters["protodown_set"], after[i].Counters["protodown_set"]);
            Assert.Equal(gained.Length, after[i].Counters["protodown_cleared"] - before.Counters["protodown_cleared"]);
        }

        // Not before the dead interval is over, and soon after it.
        DateTime lastHeard = fabric.DatagramsFrom("10.0.1.12")[^1].Time;
        foreach (Capture capture in others.Select(other => other.Frames))
        {
            DateTime[] taken = [.. FirstAnnouncements(capture, crashed)];
            if (taken.Length > 0)
            {
                TimeSpan late = taken.Max() - lastHeard - deadInterval;
                network.Measured($"{taken.Length} VNIs announced {late.TotalMilliseconds:0.0} ms after the dead interval, the last of them");
                Assert.True(taken.Min() - lastHeard > deadInterval - TimeSpan.FromMilliseconds(20), "sooner than the dead interval");
                Assert.True(late < TimeSpan.FromSeconds(1));
            }
        }
    }

    [NamespaceFact("setpriv")]
    public void Fence_holds_down_what_a_killed_daemon_left_up()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 5));
        Gateway gateway = network[1];
        Daemon daemon = gateway.Start(1);
        daemon.WaitUntilServing();
        daemon.Kill();
        Assert.Equal(network.Vnis, gateway.Served());

        // Without the privilege it changes nothing and says which one it lacks.
        foreach (string[] by in new string[][]
        {
            ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-all"], ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
        })
        {
            CommandResult refused = Binary.RunIn(gateway.Name, by, "fence", "--vnis", "1-5");
            Assert.Equal(1, refused.ExitCode);
            Assert.StartsWith("fence failed: CAP_NET_ADMIN missing", refused.Errors);
            Assert.Equal(network.Vnis, gateway.Served());
        }

        // Only what is configured.
        CommandResult two = Binary.RunIn(gateway.Name, "fence", "--vnis", "1-2");
        Assert.Equal(0, two.ExitCode);
        Assert.Equal("2 interfaces held down (2 were not), 0 missing\n", two.Output);
        Assert.Equal([3u, 4, 5], gateway.Served());

        var watch = Stopwatch.StartNew();
        CommandResult all = Binary.RunIn(gateway.Name, "fence", "--minvni", "1", "--maxvni", "5");
        network.Measured($"the hook took {watch.Elapsed.TotalMilliseconds:0} ms");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1));
        Assert.Equal(0, all.ExitCode);
        Assert.Equal("", all.Errors);
        Assert.Equal("5 interfaces held down (3 were not), 0 missing\n", all.Output);
        Assert.True(gateway.AllQuiet());

        // Protodown is on, and yet there is a carrier: the kernel's own doing when a lower device flaps.
        gateway.IpBatch(["link set veth4 down", "link set veth4 up"]);
        Eventually.Holds("a carrier in spite of protodown", () => gateway.Macvlans()[4] is { Protodown: true, LowerUp: true });
        CommandResult flapped = Binary.RunIn(gateway.Name, "fence", "--vnis", "1-5");
        Assert.Equal("5 interfaces held down (1 were not), 0 missing\n", flapped.Output);
        Assert.True(gateway.AllQuiet());

        gateway.Ip("link del vrrp4-2");
        CommandResult missing = Binary.RunIn(gateway.Name, "fence", "--vnis", "1-5,900-901");
        Assert.Equal(0, missing.ExitCode);
        Assert.Equal("4 interfaces held down (0 were not), 3 missing\n", missing.Output);

        // A hook can be the daemon's own line.
        CommandResult likewise = Binary.RunIn(gateway.Name, ["fence", .. gateway.Usual("--uid", "1")]);
        Assert.Equal("4 interfaces held down (0 were not), 1 missing\n", likewise.Output);
    }

    private static IEnumerable<DateTime> FirstAnnouncements(Capture capture, uint[] vnis) => vnis
        .Select(vni => capture.Frames.FirstOrDefault(
            frame => frame.IsArp && string.Join('.', frame.Bytes[28..32]) == Gateway.VirtualAddress(vni))?.Time)
        .Where(time => time != null)
        .Select(time => time!.Value);
}
