using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Wmgwd2.Core;

namespace Wmgwd2.Wire;

/// <summary>What an RTM_NEWLINK or RTM_DELLINK says. <see cref="NetlinkWriter.PutLinkHeader"/> has the fixed part.</summary>
public readonly ref struct LinkMessage
{
    internal const int HeaderLength = 16;

    /// <summary>AF_BRIDGE (linux/socket.h): the message is about a port of a bridge.</summary>
    internal const byte Bridge = 7;

    /// <summary>
    /// AF_UNSPEC (0) where the message is about the link itself; AF_BRIDGE (7) where it is about a bridge's port, and then a
    /// RTM_DELLINK does not mean that the link is gone.
    /// </summary>
    public byte Family { get; private init; }

    /// <summary>The link's name, in the kernel's bytes.</summary>
    public ReadOnlySpan<byte> Name { get; private init; }

    /// <summary>Whether the bridge learns from the port, where the message is about one.</summary>
    public bool Learning { get; private init; }

    /// <summary>Its state.</summary>
    public LinkState State { get; private init; }

    /// <summary>The message as it was received, for <see cref="LinkInformation"/>.</summary>
    public ReadOnlySpan<byte> Payload { get; private init; }

    /// <summary>Reads the payload of such a message.</summary>
    /// <param name="payload">What follows the netlink header.</param>
    /// <param name="message">What it says; its name lies within <paramref name="payload"/>.</param>
    /// <returns>None, or why it can't be read.</returns>
    public static WireError TryRead(ReadOnlySpan<byte> payload, out LinkMessage message)
    {
        message = default;
        if (payload.Length < HeaderLength)
        {
            return WireError.Truncated;
        }

        int ifindex = MemoryMarshal.Read<int>(payload[4..]);
        var flags = (LinkFlags)MemoryMarshal.Read<uint>(payload[8..]);
        ReadOnlySpan<byte> name = default;
        ulong hardwareAddress = 0;
        int lower = 0;
        bool lowerElsewhere = false;
        bool protodown = false;
        uint reasons = 0;
        bool learning = false;
        var state = OperationalState.Unknown;
        var attributes = new AttributeReader(payload[HeaderLength..]);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            switch ((LinkAttribute)type)
            {
                case LinkAttribute.Address:
                    hardwareAddress = ReadHardwareAddress(value);
                    break;
                case LinkAttribute.Name:
                    name = value.TrimEnd((byte)0);
                    break;
                case LinkAttribute.Link:
                    lower = attributes.ReadValue<int>(value);
                    break;
                case LinkAttribute.LinkNamespace:
                    lowerElsewhere = true;
                    break;
                case LinkAttribute.OperationalState:
                    state = (OperationalState)attributes.ReadValue<byte>(value);
                    break;
                case LinkAttribute.Protodown:
                    protodown = attributes.ReadValue<byte>(value) != 0;
                    break;
                case LinkAttribute.ProtodownReason:
                    reasons = attributes.ReadNested<uint>(value, (ushort)ProtodownReasonAttribute.Value);
                    break;
                case LinkAttribute.PortInformation when payload[0] == Bridge:
                    learning = attributes.ReadNested<byte>(value, (ushort)PortAttribute.Learning) != 0;
                    break;
            }
        }

        if (attributes.Error != WireError.None)
        {
            return attributes.Error;
        }

        LinkConditions conditions = (flags.HasFlag(LinkFlags.Up) ? LinkConditions.AdministrativelyUp : 0)
            | (flags.HasFlag(LinkFlags.LowerUp) ? LinkConditions.LowerUp : 0)
            | (state is OperationalState.Up or OperationalState.Unknown ? LinkConditions.OperationallyUp : 0)
            | (protodown ? LinkConditions.Protodown : 0);
        message = new LinkMessage
        {
            Family = payload[0],
            Name = name,
            Learning = learning,
            Payload = payload,
            State = new LinkState(
                ifindex, lowerElsewhere || lower == ifindex ? 0 : lower, conditions, hardwareAddress, reasons),
        };
        return ifindex > 0 && lower >= 0 ? WireError.None : WireError.Incomplete;
    }

    /// <summary>Writes a request for the state of one link.</summary>
    public static void WriteQuery(ref NetlinkWriter writer, uint sequence, int ifindex)
    {
        writer.BeginMessage(NetlinkMessageType.GetLink, NetlinkFlags.Request, sequence);
        writer.PutLinkHeader(ifindex);
        writer.Put(LinkAttribute.ExtendedMask, SkipStatistics);
        writer.EndMessage();
    }

    /// <summary>Writes a request for the states of all links.</summary>
    public static void WriteDump(ref NetlinkWriter writer, uint sequence)
    {
        writer.BeginMessage(NetlinkMessageType.GetLink, NetlinkFlags.Request | NetlinkFlags.Dump, sequence);
        writer.PutLinkHeader(ifindex: 0);
        writer.Put(LinkAttribute.ExtendedMask, SkipStatistics);
        writer.EndMessage();
    }

    /// <summary>Writes a request to change the protodown flag of a link, to be acknowledged.</summary>
    public static void WriteProtodown(ref NetlinkWriter writer, uint sequence, int ifindex, bool protodown)
    {
        writer.BeginMessage(NetlinkMessageType.SetLink, NetlinkFlags.Request | NetlinkFlags.Acknowledge, sequence);
        writer.PutLinkHeader(ifindex);
        writer.Put(LinkAttribute.Protodown, protodown ? (byte)1 : (byte)0);
        writer.EndMessage();
    }

    /// <summary>Writes a request to a bridge to learn from one of its ports, or to stop that and forget; to be acknowledged.</summary>
    public static void WriteLearning(ref NetlinkWriter writer, uint sequence, int ifindex, bool learning)
    {
        writer.BeginMessage(NetlinkMessageType.SetLink, NetlinkFlags.Request | NetlinkFlags.Acknowledge, sequence);
        writer.PutLinkHeader(ifindex, Bridge);
        int nested = writer.BeginNested(LinkAttribute.PortInformation);
        writer.Put(PortAttribute.Learning, learning ? (byte)1 : (byte)0);
        if (!learning)
        {
            writer.PutAttribute(PortAttribute.Flush, []);
        }

        writer.EndNested(nested);
        writer.EndMessage();
    }

    /// <summary>Writes a request for all ports of all bridges.</summary>
    public static void WritePortDump(ref NetlinkWriter writer, uint sequence)
    {
        writer.BeginMessage(NetlinkMessageType.GetLink, NetlinkFlags.Request | NetlinkFlags.Dump, sequence);
        writer.PutLinkHeader(ifindex: 0, Bridge);
        writer.EndMessage();
    }

    // RTEXT_FILTER_SKIP_STATS (linux/rtnetlink.h): counters are half of what a link's message holds.
    private const uint SkipStatistics = 1 << 3;

    private static ulong ReadHardwareAddress(ReadOnlySpan<byte> value) => value.Length == 6
        ? (ulong)BinaryPrimitives.ReadUInt16BigEndian(value) << 32 | BinaryPrimitives.ReadUInt32BigEndian(value[2..])
        : 0; // A tunnel's or another medium's: nothing that ARP is spoken on.
}
