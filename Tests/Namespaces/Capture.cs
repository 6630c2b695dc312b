using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>A frame as it went by.</summary>
/// <param name="Time">When, by the kernel's clock.</param>
/// <param name="Ifindex">On which interface.</param>
/// <param name="Outgoing">Whether it left there, rather than arrived.</param>
/// <param name="Bytes">The frame.</param>
internal sealed record CapturedFrame(DateTime Time, int Ifindex, bool Outgoing, byte[] Bytes)
{
    /// <summary>The EtherType, at offset 12.</summary>
    public ushort EtherType => BinaryPrimitives.ReadUInt16BigEndian(Bytes.AsSpan(12));

    public bool IsArp => EtherType == 0x0806;

    /// <summary>Whether it is a datagram to the cluster's port: IPv4 without options, UDP.</summary>
    public bool IsClusterDatagram => EtherType == 0x0800 && Bytes.Length >= 42 && Bytes[14] == 0x45 && Bytes[23] == 17
        && DestinationPort == 3000;

    public string SourceAddress => string.Join('.', Bytes[26..30]);

    public string DestinationAddress => string.Join('.', Bytes[30..34]);

    public int SourcePort => BinaryPrimitives.ReadUInt16BigEndian(Bytes.AsSpan(34));

    public int DestinationPort => BinaryPrimitives.ReadUInt16BigEndian(Bytes.AsSpan(36));

    /// <summary>The datagram's payload, without what the medium padded.</summary>
    public byte[] Payload => Bytes[42..(34 + BinaryPrimitives.ReadUInt16BigEndian(Bytes.AsSpan(38)))];

    public override string ToString() => $"{Time:HH:mm:ss.ffffff} on {Ifindex}: {Convert.ToHexStringLower(Bytes)}";
}

/// <summary>
/// Takes every frame in a namespace, of one interface or of all, from the moment that the constructor returns: a packet
/// socket, read by a thread of its own.
/// </summary>
internal sealed class Capture : IDisposable
{
    private const byte PacketOutgoing = 4; // linux/if_packet.h

    private readonly int _descriptor;
    private readonly Thread _reader;
    private readonly List<CapturedFrame> _frames = [];
    private volatile bool _ends;

    /// <param name="name">The namespace.</param>
    /// <param name="interfaceName">The interface; null for all.</param>
    public Capture(string name, string? interfaceName = null)
    {
        _descriptor = NetworkNamespace.Run(
            name, () => Linux.OpenPacketSocket(interfaceName == null ? 0 : Linux.IndexOf(interfaceName)));
        _reader = new Thread(Read);
        _reader.Start();
    }

    /// <summary>What has been read so far.</summary>
    public IReadOnlyList<CapturedFrame> Frames
    {
        get
        {
            lock (_frames)
            {
                return [.. _frames];
            }
        }
    }

    /// <summary>The datagrams to the cluster's port from an address.</summary>
    public IReadOnlyList<CapturedFrame> DatagramsFrom(string address) =>
        [.. Frames.Where(frame => frame.IsClusterDatagram && frame.SourceAddress == address)];

    public void Dispose()
    {
        if (!_ends)
        {
            _ends = true;
            _reader.Join();
            _ = Linux.Close(_descriptor);
        }
    }

    private void Read()
    {
        byte[] buffer = new byte[70_000];
        while (!_ends)
        {
            var ready = new Linux.PollDescriptor { Descriptor = _descriptor, Events = Linux.PollIn };
            if (Linux.Poll(ref ready, 1, 50) <= 0)
            {
                continue;
            }

            int length = Linux.Receive(_descriptor, buffer, out Linux.LinkAddress source, out DateTime time);
            if (length >= 14)
            {
                lock (_frames)
                {
                    _frames.Add(new CapturedFrame(
                        time, source.Ifindex, source.PacketType == PacketOutgoing, buffer[..length]));
                }
            }
        }
    }
}
