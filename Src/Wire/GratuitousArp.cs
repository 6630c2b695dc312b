using System;
using System.Buffers.Binary;
using Wmgwd2.Core;

namespace Wmgwd2.Wire;

/// <summary>The ARP operations (RFC 826; linux/if_arp.h).</summary>
public enum ArpOperation : ushort
{
    /// <summary>ARPOP_REQUEST: with sender and target address alike, an ARP announcement (RFC 5227, section 2.3).</summary>
    Request = 1,

    /// <summary>ARPOP_REPLY: unasked for, a gratuitous reply; what the first implementation sends.</summary>
    Reply = 2,
}

/// <summary>The frame that tells a network where a gateway's address lives now.</summary>
/// <remarks>
/// <code>
/// offset  bytes  value
///  0      6      Ethernet destination: broadcast
///  6      6      Ethernet source: the interface's MAC
/// 12      2      EtherType: ARP, 0x0806
/// 14      2      hardware type: Ethernet, 1
/// 16      2      protocol type: IPv4, 0x0800
/// 18      1      hardware address length: 6
/// 19      1      protocol address length: 4
/// 20      2      operation: request 1, reply 2
/// 22      6      sender MAC: the interface's
/// 28      4      sender IP: the announced address
/// 32      6      target MAC: zero
/// 38      4      target IP: the announced address
/// </code>
/// </remarks>
public static class GratuitousArp
{
    /// <summary>The length of the frame, in bytes, without padding: the driver pads where the medium needs it.</summary>
    public const int Length = 42;

    /// <summary>The EtherType of ARP (ETH_P_ARP, linux/if_ether.h).</summary>
    public const ushort EtherType = 0x0806;

    /// <summary>Writes a frame.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    /// <param name="operation">Request or reply.</param>
    /// <param name="hardwareAddress">The interface's MAC, the first byte on the wire being the highest of 48 bits.</param>
    /// <param name="address">The address to announce.</param>
    public static void Write(Span<byte> destination, ArpOperation operation, ulong hardwareAddress, Ipv4Address address)
    {
        Span<byte> frame = destination[..Length];
        frame[..6].Fill(0xff);
        WriteHardwareAddress(frame[6..12], hardwareAddress);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], EtherType);
        BinaryPrimitives.WriteUInt16BigEndian(frame[14..], 1);
        BinaryPrimitives.WriteUInt16BigEndian(frame[16..], 0x0800);
        frame[18] = 6;
        frame[19] = 4;
        BinaryPrimitives.WriteUInt16BigEndian(frame[20..], (ushort)operation);
        WriteHardwareAddress(frame[22..28], hardwareAddress);
        BinaryPrimitives.WriteUInt32BigEndian(frame[28..], address.Value);
        frame[32..38].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(frame[38..], address.Value);
    }

    private static void WriteHardwareAddress(Span<byte> destination, ulong hardwareAddress)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(hardwareAddress >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(destination[2..], (uint)hardwareAddress);
    }
}
