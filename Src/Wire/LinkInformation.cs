using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Wmgwd2.Core;

namespace Wmgwd2.Wire;

/// <summary>
/// Reads out of an RTM_NEWLINK what a check of a whole gateway wants to know, and the daemon's threads don't.
/// <see cref="LinkMessage"/> reads the rest.
/// </summary>
/// <remarks>
/// <code>
/// struct ifinfomsg, then attributes
///   IFLA_MTU, IFLA_MASTER
///   IFLA_LINKINFO
///     IFLA_INFO_KIND   text
///     IFLA_INFO_DATA   attributes of that kind
///     IFLA_INFO_SLAVE_KIND   text: its master's
///     IFLA_INFO_SLAVE_DATA   attributes of ports of such masters
///   IFLA_AF_SPEC
///     AF_INET
///       IFLA_INET_CONF     32 bits for each sysctl of conf/NAME, the first one being number 1 (linux/ip.h)
///     AF_INET6
///       IFLA_INET6_CONF    32 bits for each, the first one being number 0 (linux/ipv6.h)
/// </code>
/// </remarks>
public static class LinkInformation
{
    // enum of linux/ip.h.
    internal const int Ipv4Forwarding = 1;
    internal const int Ipv4RpFilter = 8;
    internal const int Ipv4ArpAnnounce = 18;
    internal const int Ipv4ArpIgnore = 19;
    internal const int Ipv4IgnoreLinkdown = 29;

    // enum of linux/ipv6.h.
    internal const int Ipv6Disabled = 26;

    /// <summary>AF_INET6 (sys/socket.h).</summary>
    internal const ushort Ipv6 = 10;

    /// <summary>Reads the payload of such a message.</summary>
    /// <param name="payload">What follows the netlink header.</param>
    /// <param name="details">What it says.</param>
    /// <returns>None, or why it can't be read.</returns>
    public static WireError TryRead(ReadOnlySpan<byte> payload, out LinkDetails details)
    {
        details = default;
        if (payload.Length < LinkMessage.HeaderLength)
        {
            return WireError.Truncated;
        }

        var found = default(LinkDetails);
        var attributes = new AttributeReader(payload[LinkMessage.HeaderLength..]);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            switch ((LinkAttribute)type)
            {
                case LinkAttribute.Mtu:
                    found = found with { Mtu = attributes.ReadValue<int>(value) };
                    break;
                case LinkAttribute.Master:
                    found = found with { Master = attributes.ReadValue<int>(value) };
                    break;
                case LinkAttribute.Information:
                    found = ReadInformation(found, value, ref attributes);
                    break;
                case LinkAttribute.FamilySettings when payload[0] != LinkMessage.Bridge:
                    found = ReadFamilies(found, value, ref attributes);
                    break;
            }
        }

        if (attributes.Error != WireError.None)
        {
            return attributes.Error;
        }

        details = found;
        return found.Mtu >= 0 && found.Master >= 0 && found.Vxlan.Link >= 0 ? WireError.None : WireError.Incomplete;
    }

    private static LinkDetails ReadInformation(LinkDetails found, ReadOnlySpan<byte> nested, ref AttributeReader outer)
    {
        ReadOnlySpan<byte> data = default;
        ReadOnlySpan<byte> portData = default;
        var kind = LinkKind.Other;
        var masterKind = LinkKind.Other;
        var attributes = new AttributeReader(nested);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            switch ((LinkInformationAttribute)type)
            {
                case LinkInformationAttribute.Kind:
                    kind = ReadKind(value.TrimEnd((byte)0));
                    break;
                case LinkInformationAttribute.Data:
                    data = value;
                    break;
                case LinkInformationAttribute.MasterKind:
                    masterKind = ReadKind(value.TrimEnd((byte)0));
                    break;
                case LinkInformationAttribute.PortData:
                    portData = value;
                    break;
            }
        }

        found = found with { Kind = kind, NotLearnedFrom = masterKind == LinkKind.Bridge && IsLearningOff(portData, ref attributes) };
        found = kind switch
        {
            LinkKind.Macvlan => found with { Mode = (MacvlanMode)attributes.ReadNested<uint>(data, (ushort)MacvlanAttribute.Mode) },
            LinkKind.Bridge => found with { AgeingTime = attributes.ReadNested<uint>(data, (ushort)BridgeAttribute.AgeingTime) },
            LinkKind.Vxlan => found with { Vxlan = ReadVxlan(data, ref attributes) },
            _ => found,
        };
        outer.Fail(attributes.Error);
        return found;
    }

    private static LinkKind ReadKind(ReadOnlySpan<byte> kind) =>
        kind.SequenceEqual("macvlan"u8) ? LinkKind.Macvlan
        : kind.SequenceEqual("veth"u8) ? LinkKind.Veth
        : kind.SequenceEqual("bridge"u8) ? LinkKind.Bridge
        : kind.SequenceEqual("vxlan"u8) ? LinkKind.Vxlan
        : LinkKind.Other;

    private static VxlanDetails ReadVxlan(ReadOnlySpan<byte> nested, ref AttributeReader outer)
    {
        var found = default(VxlanDetails);
        var attributes = new AttributeReader(nested);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            switch ((VxlanAttribute)type)
            {
                case VxlanAttribute.Id:
                    found = found with { Id = attributes.ReadValue<uint>(value) };
                    break;
                case VxlanAttribute.Link:
                    found = found with { Link = attributes.ReadValue<int>(value) };
                    break;
                case VxlanAttribute.Local:
                    found = found with { Local = attributes.ReadAddress(value) };
                    break;
                case VxlanAttribute.Learning:
                    found = found with { Learning = attributes.ReadValue<byte>(value) != 0 };
                    break;
                case VxlanAttribute.Port:
                    found = found with { Port = FromNetwork(attributes.ReadValue<ushort>(value)) };
                    break;
                case VxlanAttribute.Local6:
                    found = found with { OverIpv6 = true };
                    break;
                case VxlanAttribute.CollectMetadata:
                    found = found with { External = attributes.ReadValue<byte>(value) != 0 };
                    break;
            }
        }

        outer.Fail(attributes.Error);
        return found;
    }

    /// <summary>Off only where the kernel says so.</summary>
    private static bool IsLearningOff(ReadOnlySpan<byte> nested, ref AttributeReader outer)
    {
        bool off = false;
        var attributes = new AttributeReader(nested);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            if ((PortAttribute)type == PortAttribute.Learning)
            {
                off = attributes.ReadValue<byte>(value) == 0;
            }
        }

        // A value that couldn't be read says nothing.
        outer.Fail(attributes.Error);
        return off && attributes.Error == WireError.None;
    }

    private static LinkDetails ReadFamilies(LinkDetails found, ReadOnlySpan<byte> nested, ref AttributeReader outer)
    {
        var families = new AttributeReader(nested);
        while (families.TryRead(out ushort family, out ReadOnlySpan<byte> settings))
        {
            var attributes = new AttributeReader(settings);
            while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
            {
                if (family == AddressMessage.Ipv4 && (Ipv4LinkAttribute)type == Ipv4LinkAttribute.Settings)
                {
                    found = found with
                    {
                        Ipv4 = new Ipv4Switches
                        {
                            Forwarding = Element(value, Ipv4Forwarding - 1),
                            RpFilter = Element(value, Ipv4RpFilter - 1),
                            ArpAnnounce = Element(value, Ipv4ArpAnnounce - 1),
                            ArpIgnore = Element(value, Ipv4ArpIgnore - 1),
                            IgnoreLinkdown = Element(value, Ipv4IgnoreLinkdown - 1),
                        },
                    };
                }
                else if (family == Ipv6 && (Ipv6LinkAttribute)type == Ipv6LinkAttribute.Settings)
                {
                    found = found with { Ipv6On = Element(value, Ipv6Disabled) == 0 };
                }
            }

            families.Fail(attributes.Error);
        }

        outer.Fail(families.Error);
        return found;
    }

    /// <summary>One of an array of 32 bits each; 0 where the kernel is too old to have it.</summary>
    private static int Element(ReadOnlySpan<byte> array, int index)
    {
        int at = index * sizeof(int);
        return at + sizeof(int) <= array.Length ? MemoryMarshal.Read<int>(array[at..]) : 0;
    }

    private static ushort FromNetwork(ushort value) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;
}
