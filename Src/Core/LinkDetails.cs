namespace Wmgwd2.Core;

/// <summary>The kinds of links that the chain of a VNI is made of.</summary>
public enum LinkKind
{
    /// <summary>None of the others: a physical one, for example.</summary>
    Other,

    /// <summary>A macvlan.</summary>
    Macvlan,

    /// <summary>One end of a veth pair.</summary>
    Veth,

    /// <summary>A bridge.</summary>
    Bridge,

    /// <summary>A VXLAN device.</summary>
    Vxlan,
}

/// <summary>How a macvlan treats the others on its lower device; the kernel's numbers (linux/if_link.h).</summary>
public enum MacvlanMode : uint
{
    /// <summary>The kernel didn't say.</summary>
    Unknown = 0,

    /// <summary>MACVLAN_MODE_PRIVATE: they don't hear each other.</summary>
    Private = 1,

    /// <summary>MACVLAN_MODE_VEPA: they hear each other by way of the switch outside.</summary>
    Vepa = 2,

    /// <summary>MACVLAN_MODE_BRIDGE: they hear each other.</summary>
    Bridge = 4,

    /// <summary>MACVLAN_MODE_PASSTHRU: there is one, and it has the lower device's MAC address.</summary>
    Passthru = 8,

    /// <summary>MACVLAN_MODE_SOURCE: hears the stations that are listed.</summary>
    Source = 16,
}

/// <summary>What a VXLAN device is set to.</summary>
public readonly struct VxlanDetails
{
    /// <summary>Its VNI.</summary>
    public uint Id { get; init; }

    /// <summary>The address that it sends from; 0.0.0.0 for none or an IPv6 one.</summary>
    public Ipv4Address Local { get; init; }

    /// <summary>The index of the device that it sends by; 0 for whichever routing chooses.</summary>
    public int Link { get; init; }

    /// <summary>The UDP port that it sends to.</summary>
    public ushort Port { get; init; }

    /// <summary>Whether it learns from what it receives where stations are.</summary>
    public bool Learning { get; init; }

    /// <summary>Whether it carries many VNIs, each of which comes with the packet.</summary>
    public bool External { get; init; }

    /// <summary>Whether it sends from an IPv6 address.</summary>
    public bool OverIpv6 { get; init; }
}

/// <summary>What a link is set to in /proc/sys/net/ipv4/conf.</summary>
public readonly struct Ipv4Switches
{
    /// <summary>forwarding.</summary>
    public int Forwarding { get; init; }

    /// <summary>rp_filter.</summary>
    public int RpFilter { get; init; }

    /// <summary>arp_announce.</summary>
    public int ArpAnnounce { get; init; }

    /// <summary>arp_ignore.</summary>
    public int ArpIgnore { get; init; }

    /// <summary>ignore_routes_with_linkdown.</summary>
    public int IgnoreLinkdown { get; init; }
}

/// <summary>What the kernel showed of one link beyond its <see cref="LinkState"/>.</summary>
public readonly struct LinkDetails
{
    /// <summary>Its kind.</summary>
    public LinkKind Kind { get; init; }

    /// <summary>The index of the bridge, or other device, that it is a port of; 0 for none.</summary>
    public int Master { get; init; }

    /// <summary>Whether it is a bridge's port that the bridge doesn't learn from.</summary>
    public bool NotLearnedFrom { get; init; }

    /// <summary>Its MTU in bytes.</summary>
    public int Mtu { get; init; }

    /// <summary>The mode, where it is a macvlan.</summary>
    public MacvlanMode Mode { get; init; }

    /// <summary>What it is set to, where it is a VXLAN device.</summary>
    public VxlanDetails Vxlan { get; init; }

    /// <summary>For how long it remembers a MAC address, where it is a bridge: in hundredths of a second.</summary>
    public uint AgeingTime { get; init; }

    /// <summary>What it is set to for IPv4.</summary>
    public Ipv4Switches Ipv4 { get; init; }

    /// <summary>Whether IPv6 is on for it.</summary>
    public bool Ipv6On { get; init; }
}
