using System;

namespace Wmgwd2.Core;

/// <summary>What can happen to a gateway.</summary>
public enum GatewayEventKind
{
    /// <summary>An advertisement came, with its uid and source address.</summary>
    AdvertisementReceived,

    /// <summary>A goodbye came, with the leaver's uid and source address: it serves until the heirs do.</summary>
    GoodbyeReceived,

    /// <summary>A gateway (uid, source address) says that it has let go already.</summary>
    GoneReceived,

    /// <summary>
    /// A peer (uid, source address) says that it takes up what it inherits of a leaver (subject).
    /// </summary>
    TakenReceived,

    /// <summary>A gateway (uid, source address) says that it joins in a moment.</summary>
    JoiningReceived,

    /// <summary>A peer (uid, source address) says that it hears somebody whom it didn't hear before.</summary>
    HeardReceived,

    /// <summary>
    /// <see cref="Gateway.Deadline"/> has come. Whoever says so has first delivered every advertisement that was waiting:
    /// a peer whose advertisement is already here isn't dead.
    /// </summary>
    DeadlineReached,

    /// <summary>
    /// <see cref="Gateway.NextAdvertisement"/> has come, and there is more to deliver before anything can be said of the peers.
    /// </summary>
    AdvertisementDue,

    /// <summary>This gateway's own address on the cluster's network is known, or another one now.</summary>
    OwnAddressChanged,

    /// <summary>This gateway can't serve, for the cause given.</summary>
    FaultRaised,

    /// <summary>The cause given is gone.</summary>
    FaultCleared,

    /// <summary>The operator asked to hand over and stand by.</summary>
    DrainRequested,

    /// <summary>The operator asked to take part again.</summary>
    UndrainRequested,

    /// <summary>The operator asked for an orderly end: hand over, then let go.</summary>
    StopRequested,

    /// <summary>The operator asked for an end at once: let go now.</summary>
    AbortRequested,
}

/// <summary>Why a gateway can't serve.</summary>
[Flags]
public enum GatewayFaults
{
    /// <summary>It can.</summary>
    None = 0,

    /// <summary>Another gateway, with a lower address, has the same uid.</summary>
    DuplicateUid = 1,

    /// <summary>The cluster's network isn't there: its broadcast address belongs to no local subnet.</summary>
    NoNetwork = 2,

    /// <summary>A tracked interface has no carrier.</summary>
    TrackedInterface = 4,

    /// <summary>The tracked file says that something else is wrong.</summary>
    TrackedFile = 8,

    /// <summary>The kernel thread is stuck: this gateway can neither take up nor let go.</summary>
    KernelStuck = 16,
}

/// <summary>One event.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Uid">The uid, where the kind has one.</param>
/// <param name="Address">The source or own address, where the kind has one.</param>
/// <param name="Fault">The cause, where the kind has one.</param>
/// <param name="Subject">Whom it is about, where that is somebody else than the uid.</param>
public readonly record struct GatewayEvent(
    GatewayEventKind Kind,
    NodeId Uid = default,
    Ipv4Address Address = default,
    GatewayFaults Fault = default,
    NodeId Subject = default)
{
    /// <summary>An advertisement of <paramref name="uid"/> came from <paramref name="source"/>.</summary>
    public static GatewayEvent AdvertisementReceived(NodeId uid, Ipv4Address source) =>
        new(GatewayEventKind.AdvertisementReceived, uid, source);

    /// <summary>The own address is <paramref name="address"/>.</summary>
    public static GatewayEvent OwnAddressChanged(Ipv4Address address) =>
        new(GatewayEventKind.OwnAddressChanged, default, address);
}

/// <summary>What a gateway wants done, or said.</summary>
public enum GatewayCommandKind
{
    /// <summary>Broadcast the uid.</summary>
    SendAdvertisement,

    /// <summary>Broadcast that this gateway leaves, and serves until the heirs do.</summary>
    SendGoodbye,

    /// <summary>Broadcast that this gateway has let go already.</summary>
    SendGone,

    /// <summary>Broadcast that this gateway takes up what it inherits of a leaver (uid).</summary>
    SendTaken,

    /// <summary>The VNIs that this gateway serves have changed: have the kernel show it.</summary>
    PublishOwnership,

    /// <summary>Broadcast that this gateway joins in a moment.</summary>
    SendJoining,

    /// <summary>Broadcast that this gateway hears somebody whom it didn't hear before.</summary>
    SendHeard,

    /// <summary>
    /// Another gateway will serve <see cref="Gateway.Yielding"/> in a moment: let EVPN forget where they are, and serve them.
    /// </summary>
    YieldOwnership,

    /// <summary>Announce the VNIs that this gateway keeps, at once and twice more.</summary>
    AnnounceOwned,

    /// <summary>Everything is let go of: once the kernel shows it, end the process.</summary>
    Exit,

    /// <summary>Say that the state is another one (<see cref="Gateway.State"/>).</summary>
    ReportStateChanged,

    /// <summary>Say that a peer (uid, address) is there that was not, or was dead.</summary>
    ReportPeerAppeared,

    /// <summary>Say that a peer (uid, address) is dead; the duration is how long it has been silent.</summary>
    ReportPeerExpired,

    /// <summary>Say that a peer (uid, address) said goodbye.</summary>
    ReportPeerLeft,

    /// <summary>Say that a handover message of a peer came from another address than its advertisements.</summary>
    ReportForgedHandover,

    /// <summary>Say that a peer's advertisements come from another address than before.</summary>
    ReportPeerMoved,

    /// <summary>Say that there is no room for a peer (uid, address).</summary>
    ReportPeerTableFull,

    /// <summary>Say that another gateway (address) has this gateway's uid.</summary>
    ReportDuplicateUid,

    /// <summary>Say that this gateway stood still for a duration.</summary>
    ReportStalled,
}

/// <summary>One command.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Uid">The uid, where the kind has one.</param>
/// <param name="Address">The address, where the kind has one.</param>
/// <param name="Duration">The duration, where the kind has one.</param>
public readonly record struct GatewayCommand(
    GatewayCommandKind Kind, NodeId Uid = default, Ipv4Address Address = default, TimeSpan Duration = default);

/// <summary>The commands of one event, in the order in which they are to be carried out.</summary>
public sealed class GatewayCommandList
{
    // An event makes at most one report and one answer for each peer and a handful of other commands.
    private readonly GatewayCommand[] _commands = new GatewayCommand[2 * PeerTable.PeerLimit + 16];
    private int _count;

    /// <summary>The commands so far.</summary>
    public ReadOnlySpan<GatewayCommand> Commands => _commands.AsSpan(0, _count);

    /// <summary>Appends a command.</summary>
    public void Add(in GatewayCommand command) => _commands[_count++] = command;

    /// <summary>Forgets the commands.</summary>
    public void Clear() => _count = 0;
}
