using System;
using System.Buffers.Binary;
using Wmgwd2.Core;

namespace Wmgwd2.Wire;

/// <summary>What a handover message says.</summary>
public enum HandoverKind : byte
{
    /// <summary>The sender leaves, and serves until its heirs take up what it has.</summary>
    Goodbye = 1,

    /// <summary>The sender has heard a goodbye of the subject and takes up what it inherits now.</summary>
    Taken = 2,

    /// <summary>The sender takes its share in a moment: let EVPN forget where it is.</summary>
    Joining = 3,

    /// <summary>The sender has let go already: take up now what it had.</summary>
    Gone = 4,

    /// <summary>The sender hears somebody who is new to it, or whom it had taken for dead: owners, announce what you have.</summary>
    Heard = 5,
}

/// <summary>
/// The datagrams of an orderly handover, on the port of the advertisements. They are not 8 bytes long, so the first
/// implementation logs and ignores them; there the handover is the leaver's expiry.
/// </summary>
/// <remarks>
/// <code>
/// offset  bytes  value
///  0      4      "WMG2", 57 4d 47 32
///  4      1      version: 1
///  5      1      kind: 1 goodbye, 2 taken, 3 joining, 4 gone, 5 heard
///  6      2      zero
///  8      8      uid of the sender, big-endian
/// 16      8      uid of the subject, big-endian: of a taken the one that leaves, else the sender again
/// </code>
/// </remarks>
/// <param name="Kind">What it says.</param>
/// <param name="Sender">Who says it.</param>
/// <param name="Subject">Of whom.</param>
public readonly record struct HandoverMessage(HandoverKind Kind, NodeId Sender, NodeId Subject)
{
    /// <summary>The length of the payload, in bytes.</summary>
    public const int Length = 24;

    private const byte Version = 1;

    private static ReadOnlySpan<byte> Magic => "WMG2"u8;

    /// <summary>Writes the message.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    public void Write(Span<byte> destination)
    {
        destination[..Length].Clear();
        Magic.CopyTo(destination);
        destination[4] = Version;
        destination[5] = (byte)Kind;
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Sender.Value);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], Subject.Value);
    }

    /// <summary>Reads a message.</summary>
    /// <param name="datagram">The payload.</param>
    /// <param name="message">The message.</param>
    /// <returns>False when it is none: another length, another beginning, an unknown version or kind.</returns>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out HandoverMessage message)
    {
        message = default;
        if (datagram.Length != Length || !datagram.StartsWith(Magic) || datagram[4] != Version
            || datagram[5] is < (byte)HandoverKind.Goodbye or > (byte)HandoverKind.Heard
            || datagram[6..8].IndexOfAnyExcept((byte)0) >= 0)
        {
            return false;
        }

        message = new HandoverMessage(
            (HandoverKind)datagram[5],
            new NodeId(BinaryPrimitives.ReadUInt64BigEndian(datagram[8..])),
            new NodeId(BinaryPrimitives.ReadUInt64BigEndian(datagram[16..])));
        return message.Kind == HandoverKind.Taken || message.Sender == message.Subject;
    }
}
