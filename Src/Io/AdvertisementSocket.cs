using System;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Wmgwd2.Config;
using Wmgwd2.Core;
using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>
/// The cluster's network: one socket that hears, bound to the broadcast address as the first implementation's is, so that
/// only broadcasts arrive; one that speaks, so that a full send queue never keeps this gateway from hearing; and one that only
/// asks whether the address is a broadcast address still.
/// </summary>
internal sealed class AdvertisementSocket : IDisposable
{
    // Class selector 6, network control (RFC 4594, section 3.1): what VRRP and routing protocols use.
    private const int NetworkControl = 0xc0;

    // linux/pkt_sched.h: TC_PRIO_INTERACTIVE, the highest that needs no privilege.
    private const int InteractivePriority = 6;

    // struct sockaddr_in (netinet/in.h): family 2, port 2, address 4, in network order, and 8 of nothing.
    private const int SocketAddressLength = 16;

    /// <summary>For a tenth of a second of a flood of 50,000 datagrams a second, while another process has the processor.</summary>
    private const int ReceiveBuffer = 2 << 20;

    /// <summary>More datagrams than are ever waiting: the kernel counts at least 512 bytes for each, and twice the buffer.</summary>
    public const int Backlog = 2 * ReceiveBuffer / 512;

    private readonly Settings _settings;
    private readonly IPEndPoint _broadcast;
    private readonly Socket _hearing;
    private readonly Socket _speaking;
    private readonly Socket _asking;
    private readonly SocketAddress _destination;

    /// <summary>Opens the sockets.</summary>
    /// <exception cref="SocketException">The broadcast address isn't one of a local subnet, or the interface isn't there.</exception>
    public AdvertisementSocket(Settings settings)
    {
        _settings = settings;
        _broadcast = new IPEndPoint(ToIpAddress(settings.Broadcast), settings.Port);
        _destination = _broadcast.Serialize();

        // Blocking: the kernel then checks a datagram before it says that there is one, so that damaged ones don't wake this
        // thread. It reads only after it was told, so it never waits.
        _hearing = OpenSocket();
        _speaking = OpenSocket();
        _asking = OpenSocket();
        try
        {
            SetOption(_hearing, Libc.SO_REUSEADDR, 1);
            SetReceiveBuffer();
            _hearing.Bind(_broadcast);
            _speaking.Blocking = false;
            _speaking.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.TypeOfService, NetworkControl);
            SetOption(_speaking, Libc.SO_PRIORITY, InteractivePriority);
            _asking.EnableBroadcast = false;
        }
        catch (SocketException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The descriptor that is readable when there is a datagram.</summary>
    public int Descriptor => (int)_hearing.Handle;

    public void Dispose()
    {
        _hearing.Dispose();
        _speaking.Dispose();
        _asking.Dispose();
    }

    /// <summary>Whether there is a datagram.</summary>
    public bool HasDatagram => _hearing.Poll(0, SelectMode.SelectRead);

    /// <summary>Receives a datagram.</summary>
    /// <param name="buffer">Receives the payload, as much of it as there is room for.</param>
    /// <param name="source">Where it came from.</param>
    /// <returns>How many bytes were received; -1 when there was nothing after all.</returns>
    public unsafe int Receive(Span<byte> buffer, out Ipv4Address source)
    {
        // Not by Socket, which allocates what it would need to wait for a datagram, and throws where there is none.
        Span<byte> sender = stackalloc byte[SocketAddressLength];
        uint senderLength = SocketAddressLength;
        nint length;
        fixed (byte* bytes = buffer, address = sender)
        {
            length = Libc.recvfrom(Descriptor, bytes, (nuint)buffer.Length, Libc.MSG_DONTWAIT, address, &senderLength);
        }

        source = new Ipv4Address(BinaryPrimitives.ReadUInt32BigEndian(sender[4..]));
        return (int)length;
    }

    /// <summary>Broadcasts a datagram.</summary>
    /// <returns>Null, or why it could not be sent.</returns>
    public string? Send(ReadOnlySpan<byte> datagram)
    {
        if (!IsBroadcast())
        {
            return "it is the broadcast address of no local subnet any more";
        }

        try
        {
            _speaking.SendTo(datagram, SocketFlags.None, _destination);
            return null;
        }
        catch (SocketException error)
        {
            return error.Message;
        }
    }

    /// <summary>The address that routing gives this gateway's datagrams.</summary>
    /// <exception cref="SocketException">It gives none.</exception>
    public Ipv4Address FindOwnAddress()
    {
        using Socket socket = OpenSocket();
        socket.Connect(_broadcast);
        Span<byte> address = stackalloc byte[4];
        ((IPEndPoint)socket.LocalEndPoint!).Address.TryWriteBytes(address, out _);
        return new Ipv4Address(BinaryPrimitives.ReadUInt32BigEndian(address));
    }

    /// <summary>
    /// Whether a datagram would be a broadcast. When the gateway loses its address, or the interface goes down, a default route or
    /// the interface that it is bound to take the datagram as if it were for some host, without an error, and no peer hears it.
    /// </summary>
    private unsafe bool IsBroadcast()
    {
        fixed (byte* address = _destination.Buffer.Span)
        {
            // A socket without SO_BROADCAST is refused where routing says that it is one; any other error the sending tells.
            if (Libc.connect((int)_asking.Handle, address, SocketAddressLength) != 0)
            {
                return true;
            }
        }

        // It keeps the source address that routing gave it, unless it is taken apart: AF_UNSPEC (0), as connect(2) has it.
        Span<byte> nowhere = stackalloc byte[SocketAddressLength];
        nowhere.Clear();
        fixed (byte* address = nowhere)
        {
            _ = Libc.connect((int)_asking.Handle, address, SocketAddressLength);
        }

        return false;
    }

    private static IPAddress ToIpAddress(Ipv4Address address)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address.Value);
        return new IPAddress(bytes);
    }

    private void SetReceiveBuffer()
    {
        try
        {
            SetOption(_hearing, Libc.SO_RCVBUFFORCE, ReceiveBuffer);
        }
        catch (SocketException)
        {
            // In a user namespace it is as much as net.core.rmem_max allows.
            _hearing.ReceiveBufferSize = ReceiveBuffer;
        }
    }

    private static void SetOption(Socket socket, int option, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BitConverter.TryWriteBytes(bytes, value);
        socket.SetRawSocketOption(Libc.SOL_SOCKET, option, bytes);
    }

    private Socket OpenSocket()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { EnableBroadcast = true };
        if (_settings.BindInterface is { } name)
        {
            try
            {
                socket.SetRawSocketOption(Libc.SOL_SOCKET, Libc.SO_BINDTODEVICE, Encoding.ASCII.GetBytes(name + '\0'));
            }
            catch (SocketException)
            {
                socket.Dispose();
                throw;
            }
        }

        return socket;
    }
}
