using System;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Threading;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>
/// A peer that speaks the first implementation's protocol and no more: eight bytes each interval, from whichever port the
/// kernel gives. It hears nobody.
/// </summary>
internal sealed class HandMadePeer : IDisposable
{
    private static readonly IPEndPoint Cluster = new(IPAddress.Parse("10.0.1.255"), 3000);

    private readonly Socket _socket;
    private readonly byte[] _advertisement = new byte[8];
    private Timer? _timer;

    public HandMadePeer(string name, string address, ulong uid)
    {
        Name = name;
        Address = address;
        Uid = uid;
        BinaryPrimitives.WriteUInt64BigEndian(_advertisement, uid);
        _socket = NetworkNamespace.Run(name, () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { EnableBroadcast = true };
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
            return socket;
        });
    }

    /// <summary>Its namespace.</summary>
    public string Name { get; }

    /// <summary>Its address.</summary>
    public string Address { get; }

    /// <summary>Its uid.</summary>
    public ulong Uid { get; }

    /// <summary>When it advertised last.</summary>
    public DateTime LastSent { get; private set; }

    /// <summary>Advertises from now on.</summary>
    public void Start(int intervalMs) => _timer = new Timer(_ => Advertise(), null, 0, intervalMs);

    /// <summary>Falls silent; when this returns, it has.</summary>
    public void Stop()
    {
        using var ended = new ManualResetEvent(false);
        if (_timer?.Dispose(ended) == true)
        {
            ended.WaitOne();
        }

        _timer = null;
    }

    /// <summary>Sends a datagram to the cluster.</summary>
    public void Send(ReadOnlySpan<byte> datagram)
    {
        lock (_socket)
        {
            _socket.SendTo(datagram, SocketFlags.None, Cluster);
        }
    }

    /// <summary>Sends the advertisement of any uid.</summary>
    public void Advertise(ulong uid)
    {
        Span<byte> datagram = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(datagram, uid);
        Send(datagram);
    }

    public void Dispose()
    {
        Stop();
        _socket.Dispose();
    }

    private void Advertise()
    {
        LastSent = DateTime.UtcNow;
        Send(_advertisement);
    }
}
