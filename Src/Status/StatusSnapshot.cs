using System;
using System.Collections.Generic;
using System.Globalization;
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

/// <summary>What the kernel showed of a VNI's interface, for who looks at one.</summary>
/// <param name="HardwareAddress">Its MAC address, the first byte on the wire being the highest of 48 bits.</param>
/// <param name="LowerIfindex">The device that it stands on; 0 for none that is to be seen from here.</param>
/// <param name="Addresses">Its IPv4 addresses.</param>
public sealed record InterfaceDetails(ulong HardwareAddress, int LowerIfindex, Ipv4Address[] Addresses)
{
    /// <summary>More addresses than these are not shown.</summary>
    public const int AddressLimit = 32;

    /// <summary>The MAC address as <c>ip link</c> writes it.</summary>
    public string HardwareAddressText
    {
        get
        {
            string digits = HardwareAddress.ToString("x12", CultureInfo.InvariantCulture);
            for (int at = 10; at > 0; at -= 2)
            {
                digits = digits.Insert(at, ":");
            }

            return digits;
        }
    }
}

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

    /// <summary>How long it goes on listening, as things are; null while it doesn't.</summary>
    public TimeSpan? ListensFor { get; init; }

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

    /// <summary>Since when it stands with an index as it does.</summary>
    public required Func<int, Instant> SinceOf { get; init; }

    /// <summary>When an index was announced last; never, if it wasn't.</summary>
    public required Func<int, Instant> AnnouncedAtOf { get; init; }

    /// <summary>What else the kernel showed for an index.</summary>
    public required Func<int, InterfaceDetails> DetailsOf { get; init; }

    /// <summary>The counters.</summary>
    public required IReadOnlyList<CounterStatus> Counters { get; init; }

    /// <summary>When this was.</summary>
    public required Instant Now { get; init; }

    /// <summary>When the daemon started.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>Whether this gateway takes part in the election.</summary>
    public required bool IsElected { get; init; }

    /// <summary>How long the last movement of VNIs took; null without any.</summary>
    public required TimeSpan? LastMovement { get; init; }

    /// <summary>How many events of the cluster this is the outcome of.</summary>
    public long EventCount { get; init; }

    /// <summary>The value of a counter; 0 when there is no such counter.</summary>
    public long Count(string name)
    {
        foreach (CounterStatus counter in Counters)
        {
            if (counter.Name == name)
            {
                return counter.Value;
            }
        }

        return 0;
    }

    /// <summary>The uid of who owns an index, or null.</summary>
    public string? NameOwner(int index)
    {
        ushort owner = Owners[index];
        if (owner == PeerTable.OwnSlot)
        {
            return Uid.ToString();
        }

        foreach (PeerStatus peer in Peers)
        {
            if (peer.Slot == owner)
            {
                return peer.Uid.ToString();
            }
        }

        return null;
    }

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

    /// <summary>The name of a condition: held, rising, served, interrupted, lowering or wrong.</summary>
    public static string NameOf(VniCondition condition) => condition switch
    {
        VniCondition.Held => "held",
        VniCondition.Rising => "rising",
        VniCondition.Served => "served",
        VniCondition.Interrupted => "interrupted",
        VniCondition.Lowering => "lowering",
        _ => "wrong",
    };
}
