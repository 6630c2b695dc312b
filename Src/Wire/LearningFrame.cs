using System;
using System.Buffers.Binary;

namespace Wmgwd2.Wire;

/// <summary>
/// A frame that a bridge learns the sender of and forwards to nobody: sent into the bridge before a take-over, it has EVPN
/// move the route while the gateway that gives the VNI up still serves it.
/// </summary>
/// <remarks>
/// <code>
/// offset  bytes  value
///  0      6      destination 01:80:c2:00:00:0e: reserved for the nearest bridge (IEEE 802.1Q, table 8-1), never forwarded
///  6      6      source: the MAC to learn
/// 12      2      EtherType 0x88b5: for local experiments (IEEE 802), so that no protocol takes it for its own
/// 14      46     zero
/// </code>
/// </remarks>
public static class LearningFrame
{
    /// <summary>The length of the frame, in bytes: the least that Ethernet allows, without the checksum.</summary>
    public const int Length = 60;

    /// <summary>The EtherType: local experimental 1.</summary>
    public const ushort EtherType = 0x88b5;

    /// <summary>Writes a frame.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    /// <param name="hardwareAddress">The MAC to learn, the first byte on the wire being the highest of 48 bits.</param>
    public static void Write(Span<byte> destination, ulong hardwareAddress)
    {
        Span<byte> frame = destination[..Length];
        frame.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(frame, 0x0180_c200_000e_0000 | hardwareAddress >> 32);
        BinaryPrimitives.WriteUInt32BigEndian(frame[8..], (uint)hardwareAddress);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], EtherType);
    }
}
