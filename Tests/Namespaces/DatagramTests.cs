using System;
using System.Buffers.Binary;
using System.Linq;
using System.Threading;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>What arrives on the cluster's port and is no advertisement, or far too many of them. A real peer must stay one.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class DatagramTests : IDisposable
{
    private readonly TestNetwork _network;
    private readonly HandMadePeer _sender;
    private readonly Daemon _first;
    private readonly Daemon _second;

    public DatagramTests(ITestOutputHelper output)
    {
        _network = new TestNetwork(output, 2, TestNetwork.Range(1, 4));
        try
        {
            _sender = _network.AddPeer(77);
            _first = _network[1].Start(1);
            _second = _network[2].Start(2);
            _first.WaitUntilServing(2);
            _second.WaitUntilServing(1);
        }
        catch
        {
            _network.Dispose();
            throw;
        }
    }

    public void Dispose() => _network.Dispose();

    [NamespaceFact]
    public void Datagrams_of_every_wrong_length_are_counted_and_ignored()
    {
        var random = new Random(1);
        int[] lengths = [.. Enumerable.Range(0, 65).Where(length => length != 8), 512, 1472, 1473, 9000, 65507];
        foreach (int length in lengths)
        {
            byte[] datagram = new byte[length];
            random.NextBytes(datagram);
            _sender.Send(datagram);
        }

        DaemonStatus status = _first.WaitFor(
            "all counted", status => status.Counters["received_wrong_length"] == lengths.Length);
        CheckUndisturbed(status);
        Assert.Single(_first.FindLog("is ignored"));
    }

    [NamespaceFact]
    public void Uid_zero_is_counted_and_ignored()
    {
        for (int i = 0; i < 10; i++)
        {
            _sender.Advertise(0);
        }

        DaemonStatus status = _first.WaitFor("all counted", status => status.Counters["received_zero_uid"] == 10);
        CheckUndisturbed(status);
        Assert.Contains("10.0.1.77", Assert.Single(_first.FindLog("uid 0")).Text);
    }

    [NamespaceFact]
    public void Damaged_datagrams_neither_count_nor_stop_it()
    {
        int ifindex = NetworkNamespace.Run(_sender.Name, () => Linux.IndexOf("fabric"));
        int descriptor = NetworkNamespace.Run(_sender.Name, () => Linux.OpenPacketSocket(ifindex));
        try
        {
            for (int i = 0; i < 100; i++)
            {
                Linux.SendFrame(descriptor, ifindex, MakeDatagram(uid: 99, checksum: 0x1234));
            }

            Thread.Sleep(700);
            CheckUndisturbed(_first.Status());
            CheckUndisturbed(_second.Status());

            // The same without a checksum, which is valid, is heard: it was the damage that made the difference.
            Linux.SendFrame(descriptor, ifindex, MakeDatagram(uid: 99, checksum: 0));
            _first.WaitFor("heard", status => status.Peers.Any(peer => peer.Uid == 99));
        }
        finally
        {
            _ = Linux.Close(descriptor);
        }
    }

    [NamespaceFact]
    public void A_flood_of_uids_leaves_the_real_peer_alive()
    {
        const int Flood = 2000;
        DaemonStatus before = _first.Status();
        for (ulong uid = 1; uid <= Flood; uid++)
        {
            _sender.Advertise(1_000_000 + uid);
        }

        DaemonStatus flooded = _first.WaitFor("the table is full", status => status.Counters["received_peer_table_full"] > 0);
        Assert.InRange(flooded.Peers.Count, 1, 255);
        Assert.True(flooded.Peers.Single(peer => peer.Uid == 2).Alive);
        Assert.True(_second.Status().Peers.Single(peer => peer.Uid == 1).Alive);
        Assert.Single(_first.FindLog("no room for peer"));

        // They are dead soon, and everything is as before; the real peer never was.
        _first.WaitUntilServing(2);
        _second.WaitUntilServing(1);
        Assert.Empty(_first.FindLog("peer 2 (10.0.1.12) is dead"));
        Assert.Empty(_second.FindLog("peer 1 (10.0.1.11) is dead"));
        DaemonStatus after = _first.Status();
        Assert.InRange(after.Peers.Count, 1, 255);
        long accepted = after.Counters["received_accepted"] - before.Counters["received_accepted"];
        long refused = after.Counters["received_peer_table_full"];
        _network.Measured($"of {Flood} uids {refused} were refused, {accepted} accepted (the real peer's among them)");
        Assert.True(accepted + refused >= 1000, "most of the flood was lost before it was counted");

        // A slot of a dead peer is free for one that comes.
        _sender.Start(100);
        _first.WaitUntilServing(2, 77);
    }

    /// <summary>Ethernet, IPv4 and UDP by hand, from 10.0.1.77 to 10.0.1.255, port 3000.</summary>
    private static byte[] MakeDatagram(ulong uid, ushort checksum)
    {
        byte[] frame =
        [
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0, 0, 0, 0, 0x4d, 0x08, 0x00,
            0x45, 0, 0, 36, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 1, 77, 10, 0, 1, 255,
            0x30, 0x39, 0x0b, 0xb8, 0, 16, (byte)(checksum >> 8), (byte)checksum,
            0, 0, 0, 0, 0, 0, 0, 0,
        ];
        uint sum = 0;
        for (int i = 14; i < 34; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(i));
        }

        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(24), (ushort)~((sum & 0xffff) + (sum >> 16)));
        BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(42), uid);
        return frame;
    }

    private void CheckUndisturbed(DaemonStatus status)
    {
        Assert.Equal("active", status.State);
        PeerEntry peer = Assert.Single(status.Peers);
        Assert.True(peer.Alive);
        Assert.Equal(_network.Share(status.Uid, peer.Uid), status.Owned);
        Assert.Empty(_first.FindLog("is dead"));
        Assert.Empty(_second.FindLog("is dead"));
    }
}
