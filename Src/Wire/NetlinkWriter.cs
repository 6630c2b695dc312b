using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Wmgwd2.Wire;

/// <summary>
/// Writes netlink messages, one after the other, into the caller's bytes. All fields are in the machine's own byte order;
/// messages and attributes are padded with zeros to 4 bytes. Once something doesn't fit, nothing more is written and
/// <see cref="TryFinish"/> fails; so the puts in between need no check.
/// </summary>
/// <remarks>
/// <code>
/// struct nlmsghdr (linux/netlink.h)          struct nlattr (linux/netlink.h)
/// offset  bytes                              offset  bytes
///  0      4  length, header included          0      2  length, header included, padding not
///  4      2  type                             2      2  type
///  6      2  flags                            4      …  value, padded to 4 bytes
///  8      4  sequence
/// 12      4  port
/// 16      …  payload, padded to 4 bytes
/// </code>
/// </remarks>
public ref struct NetlinkWriter
{
    internal const int HeaderLength = 16;
    internal const int AttributeHeaderLength = 4;

    /// <summary>NLA_F_NESTED (linux/netlink.h), without which the kernel takes a port's attributes for its state.</summary>
    internal const ushort Nested = 1 << 15;

    private readonly Span<byte> _buffer;
    private int _length;
    private int _message;
    private bool _overflowed;

    /// <summary>Starts at the beginning of <paramref name="buffer"/>.</summary>
    public NetlinkWriter(Span<byte> buffer) => _buffer = buffer;

    /// <summary>Begins a message; <see cref="EndMessage"/> ends it.</summary>
    public void BeginMessage(NetlinkMessageType type, NetlinkFlags flags, uint sequence)
    {
        _message = _length;
        Span<byte> header = Take(HeaderLength);
        if (!header.IsEmpty)
        {
            MemoryMarshal.Write(header[4..], (ushort)type);
            MemoryMarshal.Write(header[6..], (ushort)flags);
            MemoryMarshal.Write(header[8..], sequence);
        }
    }

    /// <summary>Puts the fixed part that messages about links begin with.</summary>
    /// <param name="ifindex">The link.</param>
    /// <param name="family">0 for the link itself, AF_BRIDGE for a bridge's port.</param>
    /// <remarks>
    /// <code>
    /// struct ifinfomsg (linux/rtnetlink.h): family 1, pad 1, type 2, index 4, flags 4, change 4
    /// </code>
    /// </remarks>
    public void PutLinkHeader(int ifindex, byte family = 0)
    {
        Span<byte> header = Take(LinkMessage.HeaderLength);
        if (!header.IsEmpty)
        {
            header[0] = family;
            MemoryMarshal.Write(header[4..], ifindex);
        }
    }

    /// <summary>Puts the fixed part that messages about addresses begin with.</summary>
    /// <remarks>
    /// <code>
    /// struct ifaddrmsg (linux/if_addr.h): family 1, prefix length 1, flags 1, scope 1, index 4
    /// </code>
    /// </remarks>
    public void PutAddressHeader(byte family)
    {
        Span<byte> header = Take(AddressMessage.HeaderLength);
        if (!header.IsEmpty)
        {
            header[0] = family;
        }
    }

    /// <summary>Puts an attribute of 8 bits.</summary>
    public void Put<TAttribute>(TAttribute attribute, byte value)
        where TAttribute : unmanaged, Enum => PutAttribute(attribute, [value]);

    /// <summary>Puts an attribute of 32 bits.</summary>
    public void Put<TAttribute>(TAttribute attribute, uint value)
        where TAttribute : unmanaged, Enum => PutAttribute(attribute, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in value)));

    /// <summary>Puts an attribute of any bytes.</summary>
    public void PutAttribute<TAttribute>(TAttribute attribute, scoped ReadOnlySpan<byte> value)
        where TAttribute : unmanaged, Enum
    {
        Span<byte> bytes = Take(AttributeHeaderLength + value.Length);
        if (!bytes.IsEmpty)
        {
            MemoryMarshal.Write(bytes, (ushort)(AttributeHeaderLength + value.Length));
            MemoryMarshal.Write(bytes[2..], Unsafe.BitCast<TAttribute, ushort>(attribute));
            value.CopyTo(bytes[AttributeHeaderLength..]);
        }
    }

    /// <summary>Begins an attribute of attributes.</summary>
    /// <returns>What <see cref="EndNested"/> wants.</returns>
    public int BeginNested<TAttribute>(TAttribute attribute)
        where TAttribute : unmanaged, Enum
    {
        int start = _length;
        Span<byte> bytes = Take(AttributeHeaderLength);
        if (!bytes.IsEmpty)
        {
            MemoryMarshal.Write(bytes[2..], (ushort)(Unsafe.BitCast<TAttribute, ushort>(attribute) | Nested));
        }

        return start;
    }

    /// <summary>Ends an attribute of attributes: its length is known now.</summary>
    public readonly void EndNested(int start)
    {
        if (!_overflowed)
        {
            MemoryMarshal.Write(_buffer[start..], (ushort)(_length - start));
        }
    }

    /// <summary>Ends the message that was begun: its length is known now.</summary>
    public readonly void EndMessage()
    {
        if (!_overflowed)
        {
            MemoryMarshal.Write(_buffer[_message..], _length - _message);
        }
    }

    /// <summary>The only way to the bytes.</summary>
    /// <param name="messages">All messages.</param>
    /// <returns>False when they did not fit.</returns>
    public readonly bool TryFinish(out ReadOnlySpan<byte> messages)
    {
        messages = _overflowed ? default : _buffer[.._length];
        return !_overflowed;
    }

    internal static int Align(int length) => (length + 3) & ~3;

    /// <summary>The next bytes, zeroed, padding included; none when they don't fit.</summary>
    private Span<byte> Take(int length)
    {
        int aligned = Align(length);
        if (_overflowed || aligned > _buffer.Length - _length)
        {
            _overflowed = true;
            return default;
        }

        Span<byte> bytes = _buffer.Slice(_length, aligned);
        bytes.Clear();
        _length += aligned;
        return bytes[..length];
    }
}
