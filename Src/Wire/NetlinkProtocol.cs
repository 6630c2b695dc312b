using System;

namespace Wmgwd2.Wire;

/// <summary>Types of netlink messages (nlmsg_type: linux/netlink.h below 16, linux/rtnetlink.h from there on).</summary>
public enum NetlinkMessageType : ushort
{
    /// <summary>NLMSG_NOOP: to be ignored.</summary>
    Noop = 1,

    /// <summary>NLMSG_ERROR: an error, or with error 0 an acknowledgement.</summary>
    Error = 2,

    /// <summary>NLMSG_DONE: the end of a dump.</summary>
    Done = 3,

    /// <summary>NLMSG_OVERRUN: data lost.</summary>
    Overrun = 4,

    /// <summary>RTM_NEWLINK: a link is as follows.</summary>
    NewLink = 16,

    /// <summary>RTM_DELLINK: a link is gone.</summary>
    DelLink = 17,

    /// <summary>RTM_GETLINK: asks for a link, or for all.</summary>
    GetLink = 18,

    /// <summary>RTM_SETLINK: changes a link.</summary>
    SetLink = 19,

    /// <summary>RTM_NEWADDR: a link has an address.</summary>
    NewAddress = 20,

    /// <summary>RTM_DELADDR: a link has an address no longer.</summary>
    DelAddress = 21,

    /// <summary>RTM_GETADDR: asks for addresses.</summary>
    GetAddress = 22,
}

/// <summary>Flags of a netlink message (nlmsg_flags, linux/netlink.h).</summary>
[Flags]
public enum NetlinkFlags : ushort
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>NLM_F_REQUEST.</summary>
    Request = 0x01,

    /// <summary>NLM_F_MULTI: part of a dump, which a Done message ends.</summary>
    Multi = 0x02,

    /// <summary>NLM_F_ACK: asks for an acknowledgement.</summary>
    Acknowledge = 0x04,

    /// <summary>NLM_F_DUMP_INTR: what is dumped changed meanwhile; dump again.</summary>
    DumpInterrupted = 0x10,

    /// <summary>NLM_F_CAPPED, of an error: only the header of the request follows.</summary>
    Capped = 0x100,

    /// <summary>NLM_F_ACK_TLVS, of an error: attributes follow (the extended acknowledgement).</summary>
    AcknowledgeAttributes = 0x200,

    /// <summary>NLM_F_DUMP: asks for all there are.</summary>
    Dump = 0x300,
}

/// <summary>Attributes of a link (linux/if_link.h).</summary>
public enum LinkAttribute : ushort
{
    /// <summary>IFLA_ADDRESS: the hardware address.</summary>
    Address = 1,

    /// <summary>IFLA_IFNAME: the name, closed by a zero.</summary>
    Name = 3,

    /// <summary>IFLA_MTU: the MTU in bytes, 32 bits.</summary>
    Mtu = 4,

    /// <summary>IFLA_LINK: the index of the device it stands on, 32 bits.</summary>
    Link = 5,

    /// <summary>IFLA_MASTER: the index of the device that it is a port of, 32 bits.</summary>
    Master = 10,

    /// <summary>IFLA_PROTINFO: what a bridge's port has of its own, nested.</summary>
    PortInformation = 12,

    /// <summary>IFLA_OPERSTATE: the operational state, 8 bits.</summary>
    OperationalState = 16,

    /// <summary>IFLA_LINKINFO: its kind and what links of that kind have, nested.</summary>
    Information = 18,

    /// <summary>IFLA_AF_SPEC: what it is set to for each address family, nested.</summary>
    FamilySettings = 26,

    /// <summary>IFLA_EXT_MASK: what a dump is to hold, 32 bits.</summary>
    ExtendedMask = 29,

    /// <summary>IFLA_LINK_NETNSID: the namespace that <see cref="Link"/> is in, when it is another one.</summary>
    LinkNamespace = 37,

    /// <summary>IFLA_PROTO_DOWN: held down by a protocol, 8 bits.</summary>
    Protodown = 39,

    /// <summary>IFLA_PROTO_DOWN_REASON: who holds it down, nested.</summary>
    ProtodownReason = 55,
}

/// <summary>Attributes within <see cref="LinkAttribute.Information"/> (linux/if_link.h).</summary>
public enum LinkInformationAttribute : ushort
{
    /// <summary>IFLA_INFO_KIND: the name of the kind, closed by a zero or not.</summary>
    Kind = 1,

    /// <summary>IFLA_INFO_DATA: what links of that kind have, nested.</summary>
    Data = 2,

    /// <summary>IFLA_INFO_SLAVE_KIND: the name of its master's kind, closed by a zero or not.</summary>
    MasterKind = 4,

    /// <summary>IFLA_INFO_SLAVE_DATA: what ports of masters of that kind have, nested.</summary>
    PortData = 5,
}

/// <summary>Attributes of a macvlan within <see cref="LinkInformationAttribute.Data"/> (linux/if_link.h).</summary>
public enum MacvlanAttribute : ushort
{
    /// <summary>IFLA_MACVLAN_MODE: the mode, 32 bits.</summary>
    Mode = 1,
}

/// <summary>Attributes of a bridge within <see cref="LinkInformationAttribute.Data"/> (linux/if_link.h).</summary>
public enum BridgeAttribute : ushort
{
    /// <summary>IFLA_BR_AGEING_TIME: for how long a MAC address is remembered, in hundredths of a second, 32 bits.</summary>
    AgeingTime = 4,
}

/// <summary>Attributes of a VXLAN device within <see cref="LinkInformationAttribute.Data"/> (linux/if_link.h).</summary>
public enum VxlanAttribute : ushort
{
    /// <summary>IFLA_VXLAN_ID: the VNI, 32 bits.</summary>
    Id = 1,

    /// <summary>IFLA_VXLAN_LINK: the index of the device that it sends by, 32 bits.</summary>
    Link = 3,

    /// <summary>IFLA_VXLAN_LOCAL: the IPv4 address that it sends from, 32 bits in network order.</summary>
    Local = 4,

    /// <summary>IFLA_VXLAN_LEARNING: whether it learns where stations are, 8 bits.</summary>
    Learning = 7,

    /// <summary>IFLA_VXLAN_PORT: the UDP port that it sends to, 16 bits in network order.</summary>
    Port = 15,

    /// <summary>IFLA_VXLAN_LOCAL6: the IPv6 address that it sends from.</summary>
    Local6 = 17,

    /// <summary>IFLA_VXLAN_COLLECT_METADATA: whether the VNI comes with each packet, 8 bits.</summary>
    CollectMetadata = 25,
}

/// <summary>Attributes of AF_INET within <see cref="LinkAttribute.FamilySettings"/> (linux/if_link.h).</summary>
public enum Ipv4LinkAttribute : ushort
{
    /// <summary>IFLA_INET_CONF: the sysctls, 32 bits each.</summary>
    Settings = 1,
}

/// <summary>Attributes of AF_INET6 within <see cref="LinkAttribute.FamilySettings"/> (linux/if_link.h).</summary>
public enum Ipv6LinkAttribute : ushort
{
    /// <summary>IFLA_INET6_CONF: the sysctls, 32 bits each.</summary>
    Settings = 2,
}

/// <summary>
/// Attributes of a bridge's port, within <see cref="LinkAttribute.PortInformation"/> or
/// <see cref="LinkInformationAttribute.PortData"/> (linux/if_link.h).
/// </summary>
public enum PortAttribute : ushort
{
    /// <summary>IFLA_BRPORT_LEARNING: whether the bridge learns from what the port receives, 8 bits.</summary>
    Learning = 8,

    /// <summary>IFLA_BRPORT_FLUSH: forget what was learned from the port; no value.</summary>
    Flush = 24,
}

/// <summary>Attributes within <see cref="LinkAttribute.ProtodownReason"/> (linux/if_link.h).</summary>
public enum ProtodownReasonAttribute : ushort
{
    /// <summary>IFLA_PROTO_DOWN_REASON_MASK: the bits to change, 32 bits.</summary>
    Mask = 1,

    /// <summary>IFLA_PROTO_DOWN_REASON_VALUE: the bits, 32 bits.</summary>
    Value = 2,
}

/// <summary>Attributes of an address (linux/if_addr.h).</summary>
public enum AddressAttribute : ushort
{
    /// <summary>IFA_ADDRESS: the address, or on a point-to-point link the other end's.</summary>
    Address = 1,

    /// <summary>IFA_LOCAL: the own address.</summary>
    Local = 2,

    /// <summary>IFA_BROADCAST: the broadcast address that it was given.</summary>
    Broadcast = 4,
}

/// <summary>Attributes of an extended acknowledgement (enum nlmsgerr_attrs, linux/netlink.h).</summary>
public enum ErrorAttribute : ushort
{
    /// <summary>NLMSGERR_ATTR_MSG: what the kernel has to say, text closed by a zero.</summary>
    Message = 1,
}

/// <summary>Flags of a link (ifi_flags, linux/if.h).</summary>
[Flags]
public enum LinkFlags : uint
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>IFF_UP: set up by the operator.</summary>
    Up = 0x1,

    /// <summary>IFF_LOWER_UP: has a carrier.</summary>
    LowerUp = 0x10000,
}

/// <summary>The operational state of a link (linux/if.h; RFC 2863, section 3.1.14).</summary>
public enum OperationalState : byte
{
    /// <summary>IF_OPER_UNKNOWN: the driver keeps none.</summary>
    Unknown = 0,

    /// <summary>IF_OPER_DOWN.</summary>
    Down = 2,

    /// <summary>IF_OPER_LOWERLAYERDOWN.</summary>
    LowerLayerDown = 3,

    /// <summary>IF_OPER_UP.</summary>
    Up = 6,
}
