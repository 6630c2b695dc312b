using System;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Wmgwd2.Config;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Wmgwd2.Wire;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>
/// The cluster thread, turn by turn, on the loopback interface: its broadcast address needs no privilege and leaves no machine.
/// </summary>
public sealed class ClusterThreadTests : IDisposable
{
    private const string Broadcast = "127.255.255.255";

    private static readonly NodeId Peer = new(9);

    private readonly int _port = FindFreePort();
    private readonly OwnershipMailbox _mailbox = new(TestSettings.Read());
    private readonly HealthBoard _health = new();
    private readonly Socket _peer = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { EnableBroadcast = true };
    private ClusterThread? _cluster;
    private long _allocated;

    public void Dispose()
    {
        _cluster?.Dispose();
        _mailbox.Dispose();
        _health.Dispose();
        _peer.Dispose();
    }

    [Fact]
    public void Turns_allocate_nothing()
    {
        Start();
        var destination = new IPEndPoint(IPAddress.Parse(Broadcast), _port);
        byte[] datagram = new byte[8];
        int turns = 0;
        long allocated = 0;

        // The first second warms up. The peers change each 200 turns, so that the share changes again and again.
        for (Instant start = MonotonicClock.Now; turns < 5000 || Sent < 150; turns++)
        {
            for (ulong i = 0; i < 8; i++)
            {
                BinaryPrimitives.WriteUInt64BigEndian(datagram, 100 + i + (ulong)(turns / 200 % 5));
                _peer.SendTo(datagram, destination);
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            _cluster!.Turn();
            bool warm = MonotonicClock.Now - start > TimeSpan.FromSeconds(1);
            allocated += warm ? GC.GetAllocatedBytesForCurrentThread() - before : 0;
            turns = warm ? turns : 0;
        }

        Assert.Equal(0, allocated);
        Assert.True(Count(AdvertisementResult.Accepted) > 10_000);
        Assert.True(Count(AdvertisementResult.Own) > 50);
    }

    [Fact]
    public void Peers_that_come_and_go_are_logged_and_nothing_is_allocated()
    {
        using var logger = new FormattingLogger(LogLevel.Information);
        Start(logger);
        TurnUntil(() => Wanted() == 100);

        // The first time is to warm up.
        ComeAndGo();
        (long allocated, int lines) = (_allocated, logger.Count);
        const int Rounds = 20;
        for (int i = 0; i < Rounds; i++)
        {
            ComeAndGo();
        }

        Assert.Equal(0, _allocated - allocated);

        // More, where this machine makes a thread with a dead interval of 30 ms stand still: that is logged too.
        Assert.InRange(logger.Count - lines, 4 * Rounds, 8 * Rounds);
    }

    [Fact]
    public void Datagrams_that_are_no_advertisement_are_counted()
    {
        Start();
        Send(new byte[7]);
        Send(new byte[9]);
        Send([]);
        Send(new byte[1400]);
        Send(new byte[8]);
        TurnUntil(() => Count(AdvertisementResult.ZeroUid) == 1);
        Assert.Equal(4, _cluster!.Refused[AdvertisementResult.WrongLength]);
    }

    [Fact]
    public void Others_than_those_allowed_are_counted_and_the_own_are_heard()
    {
        Start("allow=10.0.1.11,127.0.0.3");
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { EnableBroadcast = true };
        other.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.3"), 0));
        _peer.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        Send([0, 0, 0, 0, 0, 0, 0, 9]);
        other.SendTo([0, 0, 0, 0, 0, 0, 0, 10], new IPEndPoint(IPAddress.Parse(Broadcast), _port));
        TurnUntil(() => Count(AdvertisementResult.Own) > 0);
        Assert.Equal(1, _cluster!.Refused[AdvertisementResult.NotAllowed]);
        Assert.Equal(1, Count(AdvertisementResult.Accepted));
    }

    [Fact]
    public void Network_that_is_not_there_is_a_fault()
    {
        // Reserved (RFC 1112, section 4): nobody's.
        Start("broadcast=240.0.0.255");
        TurnUntil(() => _cluster!.ReadGateway(gateway => gateway.Faults) == GatewayFaults.NoNetwork);
    }

    [Fact]
    public void Stop_without_peers_ends_at_once()
    {
        Start();
        TurnUntil(() => Wanted() == 100);
        _cluster!.RequestStop();
        TurnUntil(() => Wanted() == 0);
        _cluster.Run();
    }

    /// <summary>A peer joins and falls silent; it joins again and says goodbye.</summary>
    private void ComeAndGo()
    {
        Join();
        TurnUntil(() => Wanted() == 100);
        Join();
        byte[] goodbye = new byte[HandoverMessage.Length];
        new HandoverMessage(HandoverKind.Gone, Peer, Peer).Write(goodbye);
        Send(goodbye);
        TurnUntil(() => Wanted() == 100);

        // What it said last is in effect for a dead interval.
        Instant end = MonotonicClock.Now + TimeSpan.FromMilliseconds(40);
        TurnUntil(() => MonotonicClock.Now > end);

        void Join()
        {
            byte[] advertisement = new byte[Advertisement.Length];
            Advertisement.Write(advertisement, Peer);
            Send(advertisement);
            TurnUntil(() => Wanted() < 100);
        }
    }

    private long Sent => _cluster!.Counters[ClusterCounter.AdvertisementsSent];

    private static int FindFreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private void Start(params string[] flags) => Start(NullLogger.Instance, flags);

    private void Start(ILogger logger, params string[] flags)
    {
        string[] all = [$"port={_port}", "interval=10ms", .. flags];
        Settings settings = TestSettings.Read(Array.Exists(all, flag => flag.StartsWith("broadcast", StringComparison.Ordinal))
            ? all : [.. all, $"broadcast={Broadcast}"]);
        _cluster = new ClusterThread(settings, new NodeId(7), TimeSpan.Zero, _mailbox, _health, logger);
        _cluster.Start();
    }

    private void Send(byte[] datagram) => _peer.SendTo(datagram, new IPEndPoint(IPAddress.Parse(Broadcast), _port));

    private long Count(AdvertisementResult result) => _cluster!.ReadGateway(gateway => gateway.CountReceived(result));

    private int Wanted()
    {
        var wanted = new VniBitmap(100);
        _mailbox.Latest.Read(wanted);
        return wanted.Count;
    }

    private void TurnUntil(Func<bool> reached)
    {
        for (Instant limit = MonotonicClock.Now + TimeSpan.FromSeconds(10); !reached();)
        {
            Assert.True(MonotonicClock.Now < limit, "It didn't come to that in 10 s.");
            long before = GC.GetAllocatedBytesForCurrentThread();
            _cluster!.Turn();
            _allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
