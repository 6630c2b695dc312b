using System;
using Wmgwd2.Core;

namespace Wmgwd2.Config;

/// <summary>Which frames announce an address.</summary>
public enum AnnounceKinds
{
    /// <summary>The gratuitous ARP reply of the first implementation.</summary>
    Reply,

    /// <summary>The ARP announcement of RFC 5227.</summary>
    Request,

    /// <summary>Both, the reply first.</summary>
    Both,
}

/// <summary>From which severity on lines are logged.</summary>
public enum LogThreshold
{
    /// <summary>Everything, each VNI that moves too.</summary>
    Debug,

    /// <summary>What an operator wants to know of.</summary>
    Info,

    /// <summary>What an operator should look at.</summary>
    Warning,

    /// <summary>What keeps the daemon from doing its work.</summary>
    Error,
}

/// <summary>All settings of a daemon, valid each and together. <see cref="SettingKey.All"/> describes them.</summary>
public sealed record Settings
{
    /// <summary>The uid; null to read it from <see cref="UidFile"/>.</summary>
    public required NodeId? Uid { get; init; }

    /// <summary>Where the uid is kept that was drawn at random.</summary>
    public required string UidFile { get; init; }

    /// <summary>The VNIs that the cluster serves.</summary>
    public required VniSet Vnis { get; init; }

    /// <summary>Advertisement interval and dead interval.</summary>
    public required GatewayTiming Timing { get; init; }

    /// <summary>Where advertisements are sent.</summary>
    public required Ipv4Address Broadcast { get; init; }

    /// <summary>The UDP port of the cluster.</summary>
    public required ushort Port { get; init; }

    /// <summary>The only interface to talk to the cluster on; null for whichever routing chooses.</summary>
    public required string? BindInterface { get; init; }

    /// <summary>The addresses that are listened to; empty for all.</summary>
    public required Ipv4Address[] Allow { get; init; }

    /// <summary>How the macvlan of a VNI is called.</summary>
    public required InterfacePattern InterfacePattern { get; init; }

    /// <summary>From one periodic announcement of a VNI to its next.</summary>
    public required TimeSpan ArpInterval { get; init; }

    /// <summary>Which frames announce an address.</summary>
    public required AnnounceKinds Announce { get; init; }

    /// <summary>The interfaces without whose carrier this gateway can't serve.</summary>
    public required string[] TrackInterface { get; init; }

    /// <summary>The file in which a health check says whether this gateway can serve; null for none.</summary>
    public required string? TrackFile { get; init; }

    /// <summary>For how long the kernel may leave the kernel thread without an answer.</summary>
    public required TimeSpan StuckAfter { get; init; }

    /// <summary>The cluster thread's SCHED_FIFO priority; 0 for none.</summary>
    public required int RealtimePriority { get; init; }

    /// <summary>Whether memory is to be locked where that is allowed.</summary>
    public required bool LockMemory { get; init; }

    /// <summary>The user to run as; null for whoever started it.</summary>
    public required string? User { get; init; }

    /// <summary>The path of the control socket.</summary>
    public required string ControlSocket { get; init; }

    /// <summary>From which severity on lines are logged.</summary>
    public required LogThreshold LogLevel { get; init; }
}
