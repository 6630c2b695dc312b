using System;
using System.Buffers.Binary;
using Wmgwd2.Core;

namespace Wmgwd2.Benchmarks;

/// <summary>Says whether a frame is a control packet, and who sent it: the outermost IPv4 source.</summary>
internal delegate bool ControlPacketTest(ReadOnlySpan<byte> frame, out Ipv4Address source);

/// <summary>The packets by which gateways know of each other.</summary>
internal static class ControlTraffic
{
    private const int UdpProtocol = 17;
    private const int VrrpProtocol = 112; // RFC 5798, section 5.1.1.4
    private const int ClusterPort = 3000;
    private const int VxlanPort = 4789; // RFC 7348, section 5

    private const int EthernetLength = 14;
    private const int Ipv4Length = 20;
    private const int UdpLength = 8;
    private const int VxlanLength = 8;

    /// <summary>wmgwd2's datagrams.</summary>
    public static bool IsCluster(ReadOnlySpan<byte> frame, out Ipv4Address source) =>
        IsIpv4(frame, out source) && IsUdpTo(frame, ClusterPort);

    /// <summary>VRRP, bare or inside VXLAN.</summary>
    public static bool IsVrrp(ReadOnlySpan<byte> frame, out Ipv4Address source) =>
        IsIpv4(frame, out source)
        && (ProtocolOf(frame) == VrrpProtocol || (IsUdpTo(frame, VxlanPort) && IsBareVrrp(Inner(frame))));

    private static bool IsBareVrrp(ReadOnlySpan<byte> frame) => IsIpv4(frame, out _) && ProtocolOf(frame) == VrrpProtocol;

    // Neither program sends IPv4 options with UDP, nor does the kernel's VXLAN.
    private static bool IsUdpTo(ReadOnlySpan<byte> frame, int port) =>
        ProtocolOf(frame) == UdpProtocol
        && frame.Length >= EthernetLength + Ipv4Length + UdpLength
        && frame[EthernetLength] == 0x45
        && BinaryPrimitives.ReadUInt16BigEndian(frame[(EthernetLength + Ipv4Length + 2)..]) == port;

    private static ReadOnlySpan<byte> Inner(ReadOnlySpan<byte> frame) =>
        frame[Math.Min(frame.Length, EthernetLength + Ipv4Length + UdpLength + VxlanLength)..];

    private static int ProtocolOf(ReadOnlySpan<byte> frame) => frame[EthernetLength + 9];

    private static bool IsIpv4(ReadOnlySpan<byte> frame, out Ipv4Address source)
    {
        bool matches = frame.Length >= EthernetLength + Ipv4Length
            && BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) == 0x0800;
        source = matches ? new Ipv4Address(BinaryPrimitives.ReadUInt32BigEndian(frame[(EthernetLength + 12)..])) : default;
        return matches;
    }
}
