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
    private readonly ManualResetEventSlim _silent = new();
    private Thread? _thread;

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

    /// <summary>Advertises from now on, from a thread of its own: other tests may keep the pool's busy for a second.</summary>
    public void Start(int intervalMs)
    {
        Stop();
        _silent.Reset();
        _thread = new Thread(() =>
        {
            do
            {
                Advertise();
            }
            while (!_silent.Wait(intervalMs));
        });
        _thread.Start();
    }

    /// <summary>Falls silent; when this returns, it has.</summary>
    public void Stop()
    {
        _silent.Set();
        _thread?.Join();
        _thread = null;
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
        _silent.Dispose();
        _socket.Dispose();
    }

    private void Advertise()
    {
        LastSent = DateTime.UtcNow;
        Send(_advertisement);
    }
}
