using System;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>What <c>wmgwd2 monitor</c> tells of.</summary>
public enum MonitorEventKind
{
    /// <summary>This gateway is in another state now, or in a fault for another cause.</summary>
    State,

    /// <summary>A peer is there that was not, or was dead.</summary>
    PeerAppeared,

    /// <summary>A peer has not been heard for the dead interval.</summary>
    PeerExpired,

    /// <summary>A peer said goodbye.</summary>
    PeerLeft,

    /// <summary>A peer is heard from another address.</summary>
    PeerMoved,

    /// <summary>This gateway stood still, so that the others have taken over.</summary>
    Stalled,

    /// <summary>A VNI is served that was not wanted before.</summary>
    VniTaken,

    /// <summary>A VNI that was served is not wanted any more, and down.</summary>
    VniReleased,

    /// <summary>A VNI can't be taken up because others hold its interface down too.</summary>
    VniBlocked,

    /// <summary>Something else is wrong with a VNI.</summary>
    VniProblem,

    /// <summary>Nothing is wrong with a VNI any more; if it was taken, it is served again.</summary>
    VniOk,

    /// <summary>So many events are not told: there was no room for them.</summary>
    Lost,

    /// <summary>This reader is too slow: it is told nothing more.</summary>
    Dropped,

    /// <summary>The daemon ends.</summary>
    Ended,
}

/// <summary>One event, for who follows the daemon.</summary>
public readonly struct MonitorEvent
{
    /// <summary>What happened.</summary>
    public required MonitorEventKind Kind { get; init; }

    /// <summary>When, in UTC.</summary>
    public required DateTime Time { get; init; }

    /// <summary>The peer, where the kind has one.</summary>
    public NodeId Uid { get; init; }

    /// <summary>Where the peer is heard from.</summary>
    public Ipv4Address Address { get; init; }

    /// <summary>For how long the peer was silent, or this gateway stood still.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The state.</summary>
    public GatewayState State { get; init; }

    /// <summary>What is wrong: the fault, or the problem of the VNI; null when nothing is.</summary>
    public string? Text { get; init; }

    /// <summary>The VNI, where the kind has one.</summary>
    public Vni Vni { get; init; }

    /// <summary>How many.</summary>
    public long Count { get; init; }
}
