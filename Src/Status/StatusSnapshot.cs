using System;
using System.Collections.Generic;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>A peer in a status.</summary>
/// <param name="Slot">Its number in <see cref="StatusSnapshot.Owners"/>.</param>
/// <param name="Uid">Its uid.</param>
/// <param name="Address">Where its latest advertisement came from.</param>
/// <param name="Alive">Whether it takes part in the election.</param>
/// <param name="SinceHeard">How long ago its latest advertisement came.</param>
/// <param name="OwnedVnis">How many VNIs it owns.</param>
public sealed record PeerStatus(
    int Slot, NodeId Uid, Ipv4Address Address, bool Alive, TimeSpan SinceHeard, int OwnedVnis);

/// <summary>A counter in a status.</summary>
/// <param name="Name">Its name, in words joined by underscores.</param>
/// <param name="Value">Its value since the start.</param>
public readonly record struct CounterStatus(string Name, long Value);

/// <summary>What a daemon says of itself.</summary>
public sealed record StatusSnapshot
{
    /// <summary>The version of the daemon.</summary>
    public required string Version { get; init; }

    /// <summary>The own uid.</summary>
    public required NodeId Uid { get; init; }

    /// <summary>The own address; 0.0.0.0 while it isn't known.</summary>
    public required Ipv4Address Address { get; init; }

    /// <summary>The state.</summary>
    public required GatewayState State { get; init; }

    /// <summary>Why it can't serve, in words; null when it can.</summary>
    public required string? Fault { get; init; }

    /// <summary>How long it has been in that state.</summary>
    public required TimeSpan InState { get; init; }

    /// <summary>The advertisement interval.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>The peers, by uid.</summary>
    public required IReadOnlyList<PeerStatus> Peers { get; init; }

    /// <summary>The VNIs that the cluster serves.</summary>
    public required VniSet Vnis { get; init; }

    /// <summary>How their interfaces are called.</summary>
    public required InterfacePattern InterfacePattern { get; init; }

    /// <summary>
    /// The owner of each VNI by index: a peer's slot, <see cref="PeerTable.OwnSlot"/>, or <see cref="Ownership.NoOwner"/>.
    /// </summary>
    public required ushort[] Owners { get; init; }

    /// <summary>What the kernel showed for an index.</summary>
    public required Func<int, InterfaceStatus> StatusOf { get; init; }

    /// <summary>Who holds the interface of an index down.</summary>
    public required Func<int, uint> ReasonsOf { get; init; }

    /// <summary>The counters.</summary>
    public required IReadOnlyList<CounterStatus> Counters { get; init; }

    /// <summary>The name of the state, as every text of this program writes it.</summary>
    public string StateName => NameOf(State);

    /// <summary>The name of a state: listening, active, draining, standby or fault.</summary>
    public static string NameOf(GatewayState state) => state switch
    {
        GatewayState.Listening => "listening",
        GatewayState.Active => "active",
        GatewayState.Draining => "draining",
        GatewayState.Standby => "standby",
        _ => "fault",
    };
}
