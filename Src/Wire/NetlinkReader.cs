using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Wmgwd2.Core;

namespace Wmgwd2.Wire;

/// <summary>One netlink message.</summary>
public readonly ref struct NetlinkMessage
{
    /// <summary>The type.</summary>
    public NetlinkMessageType Type { get; init; }

    /// <summary>The flags.</summary>
    public NetlinkFlags Flags { get; init; }

    /// <summary>The sequence number of the request that it answers, or that caused what it notifies of.</summary>
    public uint Sequence { get; init; }

    /// <summary>The port that the request came from.</summary>
    public uint Port { get; init; }

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }
}

/// <summary>Goes through the messages of one receive. <see cref="NetlinkWriter"/> has the layout.</summary>
public ref struct NetlinkReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Starts at the beginning of <paramref name="received"/>.</summary>
    public NetlinkReader(ReadOnlySpan<byte> received) => _rest = received;

    /// <summary>Why reading ended: <see cref="WireError.None"/> at the end of the bytes.</summary>
    public WireError Error { get; private set; }

    /// <summary>Reads the next message.</summary>
    /// <returns>False at the end, or when a length lies; nothing after that is read.</returns>
    public bool TryRead(out NetlinkMessage message)
    {
        message = default;
        if (_rest.IsEmpty || Error != WireError.None)
        {
            return false;
        }

        if (_rest.Length < NetlinkWriter.HeaderLength)
        {
            Error = WireError.Truncated;
            return false;
        }

        uint length = MemoryMarshal.Read<uint>(_rest);
        if (length < NetlinkWriter.HeaderLength || length > _rest.Length)
        {
            Error = WireError.BadLength;
            return false;
        }

        message = new NetlinkMessage
        {
            Type = (NetlinkMessageType)MemoryMarshal.Read<ushort>(_rest[4..]),
            Flags = (NetlinkFlags)MemoryMarshal.Read<ushort>(_rest[6..]),
            Sequence = MemoryMarshal.Read<uint>(_rest[8..]),
            Port = MemoryMarshal.Read<uint>(_rest[12..]),
            Payload = _rest[NetlinkWriter.HeaderLength..(int)length],
        };
        _rest = _rest[Math.Min(NetlinkWriter.Align((int)length), _rest.Length)..];
        return true;
    }
}

/// <summary>Goes through attributes. <see cref="NetlinkWriter"/> has the layout.</summary>
public ref struct AttributeReader
{
    // NLA_F_NESTED and NLA_F_NET_BYTEORDER (linux/netlink.h) stand in the two highest bits of the type.
    private const ushort TypeMask = 0x3fff;

    private ReadOnlySpan<byte> _rest;

    /// <summary>Starts at the beginning of <paramref name="attributes"/>.</summary>
    public AttributeReader(ReadOnlySpan<byte> attributes) => _rest = attributes;

    /// <summary>Why reading ended: <see cref="WireError.None"/> at the end of the bytes.</summary>
    public WireError Error { get; private set; }

    /// <summary>Reads the next attribute.</summary>
    /// <param name="type">Its type, without flags.</param>
    /// <param name="value">Its value, without padding.</param>
    /// <returns>False at the end, or when a length lies; nothing after that is read.</returns>
    public bool TryRead(out ushort type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (_rest.IsEmpty || Error != WireError.None)
        {
            return false;
        }

        if (_rest.Length < NetlinkWriter.AttributeHeaderLength)
        {
            Error = WireError.Truncated;
            return false;
        }

        int length = MemoryMarshal.Read<ushort>(_rest);
        if (length < NetlinkWriter.AttributeHeaderLength || length > _rest.Length)
        {
            Error = WireError.BadLength;
            return false;
        }

        type = (ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & TypeMask);
        value = _rest[NetlinkWriter.AttributeHeaderLength..length];
        _rest = _rest[Math.Min(NetlinkWriter.Align(length), _rest.Length)..];
        return true;
    }

    /// <summary>Reads a value of a fixed size, or notes that it has another one.</summary>
    internal T ReadValue<T>(ReadOnlySpan<byte> value)
        where T : unmanaged
    {
        if (MemoryMarshal.TryRead(value, out T result) && value.Length == System.Runtime.CompilerServices.Unsafe.SizeOf<T>())
        {
            return result;
        }

        Error = WireError.BadValueSize;
        return default;
    }

    /// <summary>Reads an IPv4 address, which stands in network byte order.</summary>
    internal Ipv4Address ReadAddress(ReadOnlySpan<byte> value)
    {
        uint read = ReadValue<uint>(value);
        return new Ipv4Address(BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(read) : read);
    }

    /// <summary>Reads one attribute among those that are nested in one of these; the default where it isn't there.</summary>
    internal T ReadNested<T>(ReadOnlySpan<byte> nested, ushort wanted)
        where T : unmanaged
    {
        T found = default;
        var attributes = new AttributeReader(nested);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            if (type == wanted)
            {
                found = attributes.ReadValue<T>(value);
            }
        }

        Fail(attributes.Error);
        return found;
    }

    /// <summary>Notes what was wrong with attributes nested in these.</summary>
    internal void Fail(WireError error) => Error = error == WireError.None ? Error : error;
}
