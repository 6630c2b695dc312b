using System;
using System.Buffers.Binary;
using Wmgwd2.Core;

namespace Wmgwd2.Wire;

/// <summary>
/// The datagram by which a gateway says that it lives: UDP, broadcast, payload exactly 8 bytes, as the first implementation
/// has it.
/// </summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                    uid, big-endian, 64 bits                   |
/// |                                                               |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// </code>
/// </remarks>
public static class Advertisement
{
    /// <summary>The length of the payload, in bytes.</summary>
    public const int Length = 8;

    /// <summary>Writes an advertisement.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    /// <param name="uid">The sender's uid.</param>
    public static void Write(Span<byte> destination, NodeId uid) =>
        BinaryPrimitives.WriteUInt64BigEndian(destination, uid.Value);

    /// <summary>Reads an advertisement. Does not check that the uid is one that a gateway can have.</summary>
    /// <param name="datagram">The payload.</param>
    /// <param name="uid">The sender's uid.</param>
    /// <returns>False when the payload has another length.</returns>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out NodeId uid)
    {
        uid = datagram.Length == Length ? new NodeId(BinaryPrimitives.ReadUInt64BigEndian(datagram)) : default;
        return datagram.Length == Length;
    }
}
