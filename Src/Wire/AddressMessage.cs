using System;
using System.Runtime.InteropServices;
using Wmgwd2.Core;

namespace Wmgwd2.Wire;

/// <summary>
/// What an RTM_NEWADDR or RTM_DELADDR says about an IPv4 address. <see cref="NetlinkWriter.PutAddressHeader"/> has the
/// fixed part.
/// </summary>
/// <param name="Ifindex">The link that has the address.</param>
/// <param name="Family">The address family: <see cref="Ipv4"/>; in any other the address isn't read.</param>
/// <param name="Address">The link's own address.</param>
/// <param name="PrefixLength">How many bits of it name the network.</param>
/// <param name="Broadcast">The broadcast address that it was given; 0.0.0.0 for none.</param>
public readonly record struct AddressMessage(
    int Ifindex, byte Family, Ipv4Address Address, byte PrefixLength = 0, Ipv4Address Broadcast = default)
{
    /// <summary>AF_INET (sys/socket.h).</summary>
    public const byte Ipv4 = 2;

    internal const int HeaderLength = 8;

    /// <summary>Reads the payload of such a message.</summary>
    /// <param name="payload">What follows the netlink header.</param>
    /// <param name="message">What it says.</param>
    /// <returns>None, or why it can't be read.</returns>
    public static WireError TryRead(ReadOnlySpan<byte> payload, out AddressMessage message)
    {
        message = default;
        if (payload.Length < HeaderLength)
        {
            return WireError.Truncated;
        }

        byte family = payload[0];
        int ifindex = MemoryMarshal.Read<int>(payload[4..]);
        if (ifindex <= 0)
        {
            return WireError.Incomplete;
        }

        if (family != Ipv4)
        {
            message = new AddressMessage(ifindex, family, default);
            return WireError.None;
        }

        // IFA_ADDRESS is the other end's on a point-to-point link; IFA_LOCAL is always the own.
        Ipv4Address? local = null;
        Ipv4Address broadcast = default;
        var attributes = new AttributeReader(payload[HeaderLength..]);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            switch ((AddressAttribute)type)
            {
                case AddressAttribute.Local:
                    local = attributes.ReadAddress(value);
                    break;
                case AddressAttribute.Broadcast:
                    broadcast = attributes.ReadAddress(value);
                    break;
            }
        }

        if (attributes.Error != WireError.None)
        {
            return attributes.Error;
        }

        message = new AddressMessage(ifindex, family, local.GetValueOrDefault(), payload[1], broadcast);
        return local is null ? WireError.Incomplete : WireError.None;
    }

    /// <summary>Writes a request for all IPv4 addresses.</summary>
    public static void WriteDump(ref NetlinkWriter writer, uint sequence)
    {
        writer.BeginMessage(NetlinkMessageType.GetAddress, NetlinkFlags.Request | NetlinkFlags.Dump, sequence);
        writer.PutAddressHeader(Ipv4);
        writer.EndMessage();
    }
}
