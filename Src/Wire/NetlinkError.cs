using System;
using System.Runtime.InteropServices;

namespace Wmgwd2.Wire;

/// <summary>What an NLMSG_ERROR says: an error, or with errno 0 that a request was carried out.</summary>
/// <remarks>
/// <code>
/// struct nlmsgerr (linux/netlink.h)
/// offset  bytes
///  0      4   error: negative errno, or 0
///  4      16  header of the request
/// 20      …   rest of the request, unless capped; then, when flagged, attributes
/// </code>
/// </remarks>
public readonly ref struct NetlinkError
{
    private const int FixedLength = 4 + NetlinkWriter.HeaderLength;

    /// <summary>The errno, positive; 0 for no error.</summary>
    public int Errno { get; private init; }

    /// <summary>What the kernel has to say about it, without the closing zero; often nothing.</summary>
    public ReadOnlySpan<byte> Text { get; private init; }

    /// <summary>Reads such a message, or the NLMSG_DONE that ends a dump, which has the errno alone.</summary>
    /// <param name="message">The message.</param>
    /// <param name="error">What it says; its text lies within the message.</param>
    /// <returns>None, or why it can't be read.</returns>
    public static WireError TryRead(in NetlinkMessage message, out NetlinkError error)
    {
        error = default;
        ReadOnlySpan<byte> payload = message.Payload;
        bool done = message.Type == NetlinkMessageType.Done;
        int fixedLength = done ? sizeof(int) : FixedLength;
        if (payload.Length < fixedLength)
        {
            return WireError.Truncated;
        }

        int errno = -MemoryMarshal.Read<int>(payload);
        if (errno < 0)
        {
            return WireError.Incomplete;
        }

        error = new NetlinkError { Errno = errno };
        if (!message.Flags.HasFlag(NetlinkFlags.AcknowledgeAttributes))
        {
            return WireError.None;
        }

        int attributesAt = fixedLength;
        if (!done && !message.Flags.HasFlag(NetlinkFlags.Capped))
        {
            uint requestLength = MemoryMarshal.Read<uint>(payload[4..]);
            if (requestLength < NetlinkWriter.HeaderLength || requestLength > payload.Length - sizeof(int))
            {
                return WireError.BadLength;
            }

            attributesAt = Math.Min(sizeof(int) + NetlinkWriter.Align((int)requestLength), payload.Length);
        }

        ReadOnlySpan<byte> text = default;
        var attributes = new AttributeReader(payload[attributesAt..]);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            if ((ErrorAttribute)type == ErrorAttribute.Message)
            {
                text = value.TrimEnd((byte)0);
            }
        }

        error = new NetlinkError { Errno = errno, Text = text };
        return attributes.Error;
    }
}
