using System;
using System.Collections.Generic;
using Wmgwd2.Core;

namespace Wmgwd2.Check;

/// <summary>A link, as the kernel shows it.</summary>
/// <param name="name">Its name.</param>
/// <param name="state">Its state.</param>
/// <param name="details">What else it is set to.</param>
public sealed class LinkFacts(string name, LinkState state, LinkDetails details)
{
    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>Its state.</summary>
    public LinkState State => state;

    /// <summary>What else it is set to.</summary>
    public LinkDetails Details => details;

    /// <summary>Whether the operator has set it up.</summary>
    public bool IsSetUp => State.Conditions.HasFlag(LinkConditions.AdministrativelyUp);

    /// <summary>Whether it has a carrier.</summary>
    public bool HasCarrier => State.Conditions.HasFlag(LinkConditions.LowerUp);
}

/// <summary>An IPv4 address of a link.</summary>
/// <param name="ifindex">The link.</param>
/// <param name="address">The address.</param>
/// <param name="prefixLength">How many bits of it name the network.</param>
/// <param name="broadcast">The broadcast address that it was given; 0.0.0.0 for none.</param>
public sealed class AddressFacts(int ifindex, Ipv4Address address, int prefixLength, Ipv4Address broadcast)
{
    /// <summary>The link.</summary>
    public int Ifindex => ifindex;

    /// <summary>The address.</summary>
    public Ipv4Address Address => address;

    /// <summary>How many bits of it name the network.</summary>
    public int PrefixLength => prefixLength;

    /// <summary>Whether an address is the broadcast address of this one's network: the kernel has a route to both kinds.</summary>
    public bool HasBroadcast(Ipv4Address wanted) =>
        wanted.Value != 0 && (broadcast == wanted || (PrefixLength < 31 && NetworkBroadcast == wanted));

    /// <summary>Whether its network and another one's have addresses in common: then the longer prefix lies within the shorter one.</summary>
    public bool Overlaps(AddressFacts other)
    {
        int common = Math.Min(PrefixLength, other.PrefixLength);
        return common <= 0 || (Address.Value ^ other.Address.Value) >> (32 - Math.Min(common, 32)) == 0;
    }

    /// <summary>The highest address of its network.</summary>
    public Ipv4Address NetworkBroadcast =>
        new(PrefixLength >= 32 ? Address.Value : Address.Value | (uint.MaxValue >> PrefixLength));
}

/// <summary>A socket that is bound to the cluster's UDP port.</summary>
/// <param name="address">The address that it is bound to; 0.0.0.0 for all.</param>
/// <param name="process">The process that has it; 0 where that isn't known.</param>
/// <param name="name">What that process is called; empty where that isn't known.</param>
public sealed class PortUserFacts(Ipv4Address address, int process, string name)
{
    /// <summary>The address that it is bound to; 0.0.0.0 for all.</summary>
    public Ipv4Address Address => address;

    /// <summary>The process that has it; 0 where that isn't known.</summary>
    public int Process => process;

    /// <summary>What that process is called; empty where that isn't known.</summary>
    public string Name => name;

    /// <summary>Whether the process is known, and called as this program.</summary>
    /// <param name="program">The path of this program.</param>
    public bool IsDaemon(string program)
    {
        // TASK_COMM_LEN (linux/sched.h) less the closing zero.
        const int Length = 15;
        ReadOnlySpan<char> own = program.AsSpan(program.LastIndexOf('/') + 1);
        return Name == "wmgwd2" || (Name.Length > 0 && own[..Math.Min(own.Length, Length)].SequenceEqual(Name));
    }
}

/// <summary>A virtual router of FRR's vrrpd, in this network namespace.</summary>
/// <param name="interfaceName">The interface that it is configured on.</param>
/// <param name="routerId">Its number there.</param>
/// <param name="macvlan">The macvlan that it has taken; empty for none.</param>
/// <param name="pathSpace">The name that FRR was started with (-N); empty for none.</param>
public sealed class VirtualRouterFacts(string interfaceName, int routerId, string macvlan, string pathSpace)
{
    /// <summary>The name that FRR was started with (-N); empty for none.</summary>
    public string PathSpace => pathSpace;

    /// <summary>The interface that it is configured on.</summary>
    public string Interface => interfaceName;

    /// <summary>Its number there.</summary>
    public int RouterId => routerId;

    /// <summary>The macvlan that it has taken; empty for none.</summary>
    public string Macvlan => macvlan;
}

/// <summary>Where a daemon answers at the control socket.</summary>
public enum DaemonPlace
{
    /// <summary>None answers.</summary>
    Nowhere,

    /// <summary>In this network namespace.</summary>
    Here,

    /// <summary>In another network namespace, with the same control socket.</summary>
    Elsewhere,

    /// <summary>It can't be told: this user may not connect.</summary>
    Unknown,
}

/// <summary>Whether a daemon can run as another user.</summary>
public enum UserState
{
    /// <summary>It can, or need not.</summary>
    Fine,

    /// <summary>There is no such user.</summary>
    Missing,

    /// <summary>That user is root, or its entry can't be read.</summary>
    Unfit,

    /// <summary>Only root can become another user.</summary>
    NotRoot,
}

/// <summary>What is known of the uid.</summary>
public enum UidState
{
    /// <summary>It is given, or kept in the uid file, or can be drawn and kept there.</summary>
    Known,

    /// <summary>The uid file holds something else.</summary>
    Malformed,

    /// <summary>The uid file can be neither read nor written: each start would draw another one.</summary>
    NotKept,
}

/// <summary>All that a check looks at: what is configured, and what was found. Gathered once; the rules are functions of it.</summary>
public sealed class GatewayFacts
{
    /// <summary>The path of this program, for commands that concern it.</summary>
    public required string Program { get; init; }

    /// <summary>The config file; null for none.</summary>
    public required string? ConfigFile { get; init; }

    /// <summary>Whether neither a config file nor a flag names VNIs: those that are checked may be no daemon's.</summary>
    public bool VnisAreDefaults { get; init; }

    /// <summary>The VNIs that the cluster serves.</summary>
    public required VniSet Vnis { get; init; }

    /// <summary>How their macvlans are called.</summary>
    public required InterfacePattern Pattern { get; init; }

    /// <summary>The cluster's broadcast address.</summary>
    public required Ipv4Address Broadcast { get; init; }

    /// <summary>The cluster's UDP port.</summary>
    public required int Port { get; init; }

    /// <summary>The only interface to talk to the cluster on; null for whichever routing chooses.</summary>
    public required string? BindInterface { get; init; }

    /// <summary>The interfaces without whose carrier the gateway can't serve.</summary>
    public required string[] TrackInterfaces { get; init; }

    /// <summary>From one periodic announcement of a VNI to its next.</summary>
    public required TimeSpan ArpInterval { get; init; }

    /// <summary>The user to run as; null for whoever starts it.</summary>
    public required string? User { get; init; }

    /// <summary>Where the uid is kept.</summary>
    public required string UidFile { get; init; }

    /// <summary>The path of the control socket.</summary>
    public required string ControlSocket { get; init; }

    /// <summary>The capabilities that a daemon with these settings needs.</summary>
    public string[] NeededCapabilities { get; init; } = [];

    /// <summary>Those of them that this process doesn't have.</summary>
    public string[] MissingCapabilities { get; init; } = [];

    /// <summary>Whether it can become <see cref="User"/>.</summary>
    public UserState UserState { get; init; }

    /// <summary>Whether memory is to be locked and can't be.</summary>
    public bool MemoryNotLockable { get; init; }

    /// <summary>What is known of the uid.</summary>
    public UidState Uid { get; init; }

    /// <summary>Where a daemon answers.</summary>
    public DaemonPlace Daemon { get; init; }

    /// <summary>Its process; 0 where that isn't known.</summary>
    public int DaemonProcess { get; init; }

    /// <summary>
    /// Whether a daemon may be serving: nothing may be said then that is true only where none runs. Besides one that answers, that
    /// is one that can't be asked, and whoever has the cluster's port as a daemon has it.
    /// </summary>
    public bool DaemonMayServe => Daemon is DaemonPlace.Here or DaemonPlace.Unknown
        || Array.Exists(PortUsers, user => user.IsDaemon(Program) || (user.Process == 0 && user.Address == Broadcast));

    /// <summary>Whether the folder of the control socket is there.</summary>
    public bool HasControlFolder { get; init; } = true;

    /// <summary>All links of this network namespace.</summary>
    public LinkFacts[] Links { get; init; } = [];

    /// <summary>Their IPv4 addresses.</summary>
    public AddressFacts[] Addresses { get; init; } = [];

    /// <summary>The links that have an IPv6 address that somebody gave them.</summary>
    public HashSet<int> Ipv6Users { get; init; } = [];

    /// <summary>
    /// The ends of veth pairs that a bridge learned nothing from, twice, so far apart that no planned handover lasts as long.
    /// </summary>
    public HashSet<int> NotLearnedFrom { get; init; } = [];

    /// <summary>Whether /proc/sys could be read; what follows is meaningless where it could not.</summary>
    public bool HasSysctls { get; init; } = true;

    /// <summary>net.ipv4.ip_forward.</summary>
    public int IpForward { get; init; } = 1;

    /// <summary>net.ipv4.conf.all.</summary>
    public Ipv4Switches All { get; init; }

    /// <summary>net.ipv4.conf.default: what a link that is made begins with.</summary>
    public Ipv4Switches Default { get; init; }

    /// <summary>Who is bound to the cluster's port, where broadcasts to it arrive.</summary>
    public PortUserFacts[] PortUsers { get; init; } = [];

    /// <summary>The virtual routers of FRR's vrrpd.</summary>
    public VirtualRouterFacts[] VirtualRouters { get; init; } = [];
}
