using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Wmgwd2.Core;
using Wmgwd2.Wire;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>Frames are taken where they arrive from the macvlan: at the other end of the veth pair, the bridge's port.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class AnnouncementTests(ITestOutputHelper output)
{
    [NamespaceFact]
    public void Every_take_over_is_announced_and_no_frame_is_lost()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 100));
        Gateway gateway = network[1];
        HandMadePeer peer = network.AddPeer(77);
        uint[] moving = [.. network.Share(77, 1)];
        Dictionary<int, uint> ports = gateway.Links()
            .Where(link => link.Name.StartsWith("vethbr", StringComparison.Ordinal))
            .ToDictionary(link => link.Ifindex, link => uint.Parse(link.Name[6..], CultureInfo.InvariantCulture));
        Capture capture = gateway.Capture();
        LinkMonitor monitor = gateway.Monitor();

        ILookup<uint, CapturedFrame> ByVni(DateTime from) => capture.Frames
            .Where(frame => frame.IsArp && !frame.Outgoing && frame.Time >= from && ports.ContainsKey(frame.Ifindex))
            .ToLookup(frame => ports[frame.Ifindex]);

        // A hundred at once; each with two echoes and two repeats, a reply and a request; then each two seconds.
        Daemon daemon = gateway.Start(1, "--arp-interval", "2s");
        daemon.WaitUntilServing();
        ILookup<uint, CapturedFrame> first = Eventually.Get(
            "six announcements of each", () => ByVni(default), seen => network.Vnis.All(vni => seen[vni].Count() >= 12));
        Assert.Equal(network.Vnis, first.Select(group => group.Key).Order());
        var gaps = new List<double>();
        var echoes = new List<double>();
        foreach (IGrouping<uint, CapturedFrame> group in first)
        {
            CapturedFrame[] frames = [.. group];
            for (int i = 0; i < 10; i++)
            {
                Assert.Equal(Expect(group.Key, i % 2 == 0 ? ArpOperation.Reply : ArpOperation.Request), frames[i].Bytes);
            }

            echoes.Add((frames[2].Time - frames[0].Time).TotalSeconds);
            echoes.Add((frames[4].Time - frames[2].Time).TotalSeconds);
            gaps.Add((frames[6].Time - frames[0].Time).TotalSeconds);
            gaps.Add((frames[8].Time - frames[6].Time).TotalSeconds);
            Assert.True((frames[10].Time - frames[8].Time).TotalSeconds < 3, $"VNI {group.Key}: announced again too late");
        }

        network.Measured($"echoes after {echoes.Min():0.000} to {echoes.Max():0.000} s, repeats after {gaps.Min():0.000} to {gaps.Max():0.000} s");
        Assert.True(echoes.Min() > 0.03);
        Assert.True(echoes.Max() < 1);
        Assert.True(gaps.Min() > 1.05);
        Assert.True(gaps.Max() < 2);
        CheckSpread(network, [.. first.SelectMany(group => group.Skip(10).Take(1)).Select(frame => frame.Time).Order()]);

        // The peer comes and goes: what it takes is taken over again.
        int takenOver = network.Vnis.Count;
        for (int round = 0; round < 2; round++)
        {
            peer.Start(100);
            daemon.WaitUntilServing(77);
            DateTime silent = DateTime.UtcNow;
            peer.Stop();
            daemon.WaitUntilServing();
            ILookup<uint, CapturedFrame> again = Eventually.Get(
                "a pair for each", () => ByVni(silent), seen => moving.All(vni => seen[vni].Count() >= 2));
            Assert.All(moving, vni => Assert.Equal(
                [Expect(vni, ArpOperation.Reply), Expect(vni, ArpOperation.Request)],
                again[vni].Take(2).Select(frame => frame.Bytes)));
            takenOver += moving.Length;
        }

        // None was sent in vain: what the daemon counts is what arrived.
        Eventually.Get(
            "all that was sent arrived",
            () => (Sent: daemon.Status().Counters["announcements_sent"], Arrived: ByVni(default).Sum(group => group.Count())),
            seen => seen.Sent == seen.Arrived);
        Assert.Equal(0, daemon.Status().Counters["announcements_not_sent"]);

        // And none before the kernel showed the interface up.
        double earliest = network.Vnis.Min(vni => (first[vni].First().Time
            - monitor.Of(Gateway.Macvlan(vni)).First(change => change.LowerUp).Time).TotalMilliseconds);
        network.Measured($"{takenOver} take-overs, all announced; earliest {earliest:0.0} ms after the kernel's notification was read by ip");
    }

    [NamespaceTheory]
    [InlineData("reply", new[] { ArpOperation.Reply })]
    [InlineData("request", new[] { ArpOperation.Request })]
    [InlineData("both", new[] { ArpOperation.Reply, ArpOperation.Request })]
    public void Each_address_is_announced_in_the_way_that_is_set(string announce, ArpOperation[] operations)
    {
        using var network = new TestNetwork(output, 1, 1);
        Gateway gateway = network[1];
        gateway.Ip("addr add 10.64.1.200/24 dev vrrp4-1");
        Capture capture = gateway.Capture("vethbr1");
        gateway.Start(1, "--announce", announce).WaitUntilServing();

        IReadOnlyList<byte[]> frames = Eventually.Get(
            "announced",
            () => capture.Frames.Where(frame => frame.IsArp && !frame.Outgoing).Select(frame => frame.Bytes).ToList(),
            frames => frames.Count >= 2 * operations.Length);
        frames = [.. frames.Take(2 * operations.Length)];
        foreach (string address in new[] { "10.64.1.1", "10.64.1.200" })
        {
            Assert.Equal(
                operations.Select(operation => Expect(1, operation, address)),
                frames.Where(frame => string.Join('.', frame[28..32]) == address));
        }
    }

    [NamespaceFact]
    public void The_frames_are_these()
    {
        using var network = new TestNetwork(output, 1, 258);
        Capture capture = network[1].Capture("vethbr258");
        network[1].Start(1, "--vnis", "258").WaitUntilServing();

        IReadOnlyList<string> frames = Eventually.Get(
            "announced",
            () => capture.Frames.Where(frame => frame.IsArp && !frame.Outgoing)
                .Select(frame => Convert.ToHexStringLower(frame.Bytes)).ToList(),
            frames => frames.Count >= 2);

        Assert.Equal(
            "ffffffffffff" + "00005e000102" + "0806" // broadcast, from the virtual MAC, ARP
            + "0001" + "0800" + "06" + "04" + "0002" // Ethernet, IPv4, their lengths, reply
            + "00005e000102" + "0a410201" // sender: the virtual MAC, 10.65.2.1
            + "000000000000" + "0a410201", // target: no MAC, the same address
            frames[0]);
        Assert.Equal(
            "ffffffffffff" + "00005e000102" + "0806"
            + "0001" + "0800" + "06" + "04" + "0001" // request
            + "00005e000102" + "0a410201"
            + "000000000000" + "0a410201",
            frames[1]);
    }

    private static byte[] Expect(uint vni, ArpOperation operation, string? address = null)
    {
        byte[] frame = new byte[GratuitousArp.Length];
        Assert.True(Ipv4Address.TryParse(address ?? Gateway.VirtualAddress(vni), out Ipv4Address parsed));
        GratuitousArp.Write(frame, operation, 0x00005e000100 | (vni % 256), parsed);
        return frame;
    }

    /// <summary>A hundred in two seconds: never many at once.</summary>
    private static void CheckSpread(TestNetwork network, DateTime[] times)
    {
        int most = times.Max(from => times.Count(time => time >= from && time < from + TimeSpan.FromMilliseconds(100)));
        network.Measured($"periodic announcements: 100 VNIs over {(times[^1] - times[0]).TotalSeconds:0.00} s, at most {most} within 100 ms");
        Assert.True(most <= 40, $"{most} within 100 ms");
        Assert.True(times[^1] - times[0] > TimeSpan.FromSeconds(1));
    }
}
