using System;

namespace Wmgwd2.Core;

/// <summary>The states of a gateway; <see cref="Gateway"/> has the table.</summary>
public enum GatewayState
{
    /// <summary>Hears peers, sends nothing, owns nothing.</summary>
    Listening,

    /// <summary>Advertises and owns its share.</summary>
    Active,

    /// <summary>Advertises no longer; serves its share until the peers have taken it over.</summary>
    Draining,

    /// <summary>Drained by the operator: hears peers, sends nothing, owns nothing.</summary>
    Standby,

    /// <summary>Can't serve: owns nothing, sends nothing, until the cause is gone.</summary>
    Fault,
}

/// <summary>The timing that all gateways of a cluster share.</summary>
/// <param name="Interval">From one advertisement to the next.</param>
/// <param name="DeadAfter">After how many intervals of silence a gateway is dead.</param>
public readonly record struct GatewayTiming(TimeSpan Interval, int DeadAfter)
{
    /// <summary>After this long a silence a gateway is dead.</summary>
    public TimeSpan DeadInterval => Interval * DeadAfter;
}

/// <summary>
/// One gateway as a synchronous state machine: an event and the instant go in, commands come out. It owns no socket,
/// clock or thread; the daemon and the simulator run the same code.
/// </summary>
/// <remarks>
/// <code>
/// state      hears  sends  owns         left when                                       for
/// Listening  yes    no     nothing      the dead interval is over                       Active
///                                       a fault is raised                               Fault
/// Active     yes    yes    its share    stop requested, with a live peer                Draining
///                                       stop requested, without; or abort requested     (exit)
///                                       a fault is raised                               Fault
///                                       stood still for the dead interval               Listening
/// Draining   yes    no     its share    the peers have taken over; or a second request  (exit)
/// Fault      yes    no     nothing      the last cause is gone                          Listening
/// any                                   stop requested, without anything to hand over   (exit)
/// </code>
/// Invariants. It owns nothing that it doesn't serve: in Listening and Fault it is no member of the election. Its share is
/// what <see cref="Ownership"/> says, with itself and all live peers as members. When an event
/// comes a dead interval after the one before, or after its latest advertisement, it stood still, and its view is stale: the
/// others have taken over, so it lets go of everything first, then listens.
/// </remarks>
public sealed class Gateway
{
    /// <summary>
    /// How much longer than the dead interval a draining gateway serves. Its peers take over at that instant and need a
    /// moment for it; letting go sooner would leave nobody.
    /// </summary>
    public static readonly TimeSpan HandoverOverlap = TimeSpan.FromMilliseconds(20);

    private readonly NodeId _uid;
    private readonly GatewayTiming _timing;
    private readonly PeerTable _peers;
    private readonly Ownership _ownership;
    private readonly long[] _received = new long[Enum.GetValues<AdvertisementResult>().Length];
    private Ipv4Address _ownAddress;
    private Instant _lastEvent;
    private Instant _nextAdvertisement;
    private Instant _lastAdvertisement;
    private Instant _stateEnds = Instant.Never;
    private Instant _aloneAt = Instant.Never;
    private Instant _nextDuplicateReport;
    private bool _exiting;

    /// <summary>A gateway that starts to listen now.</summary>
    /// <param name="uid">Its uid, not 0.</param>
    /// <param name="vnis">The VNIs that the cluster serves.</param>
    /// <param name="timing">The cluster's timing.</param>
    /// <param name="now">The instant of the start.</param>
    public Gateway(NodeId uid, VniSet vnis, GatewayTiming timing, Instant now)
    {
        _uid = uid;
        _timing = timing;
        _peers = new PeerTable(uid);
        _ownership = new Ownership(vnis, PeerTable.SlotCount);
        _lastEvent = now;
        StateSince = now;
        _stateEnds = now + timing.DeadInterval;
        Deadline = NextDeadline();
    }

    /// <summary>The state.</summary>
    public GatewayState State { get; private set; } = GatewayState.Listening;

    /// <summary>Why it can't serve.</summary>
    public GatewayFaults Faults { get; private set; }

    /// <summary>Since when it is in that state.</summary>
    public Instant StateSince { get; private set; }

    /// <summary>The peers, dead ones too.</summary>
    public PeerTable Peers => _peers;

    /// <summary>
    /// The election among the members known here. This gateway serves the VNIs whose owner is
    /// <see cref="PeerTable.OwnSlot"/>.
    /// </summary>
    public Ownership Ownership => _ownership;

    /// <summary>The address that this gateway's advertisements come from; 0.0.0.0 until it is known.</summary>
    public Ipv4Address OwnAddress => _ownAddress;

    /// <summary>When <see cref="GatewayEventKind.DeadlineReached"/> is due.</summary>
    public Instant Deadline { get; private set; }

    /// <summary>
    /// Until when what this gateway owns holds without another event. Whoever serves for it lets go then: it stands still,
    /// and the peers have taken over.
    /// </summary>
    public Instant LeaseEnds => LastSign + _timing.DeadInterval;

    /// <summary>
    /// When this gateway was last known to live: while it is active the peers count from its latest advertisement.
    /// </summary>
    private Instant LastSign =>
        State == GatewayState.Active ? Instant.Min(_lastEvent, _lastAdvertisement) : _lastEvent;

    /// <summary>How many advertisements came, by what became of them.</summary>
    public long CountReceived(AdvertisementResult result) => _received[(int)result];

    /// <summary>Takes one event and appends what follows from it.</summary>
    public void Handle(in GatewayEvent happened, Instant now, GatewayCommandList commands)
    {
        if (_exiting)
        {
            return;
        }

        NoticeStall(now, commands);
        _lastEvent = now;
        if (!_exiting)
        {
            Dispatch(happened, now, commands);
        }

        Deadline = _exiting ? Instant.Never : NextDeadline();
    }

    private void Dispatch(in GatewayEvent happened, Instant now, GatewayCommandList commands)
    {
        switch (happened.Kind)
        {
            case GatewayEventKind.AdvertisementReceived:
                AdvertisementResult result = HandleAdvertisement(happened.Uid, happened.Address, now, commands);
                _received[(int)result]++;
                break;
            case GatewayEventKind.DeadlineReached:
                ExpirePeers(now, commands);
                Advance(now, commands);
                break;
            case GatewayEventKind.OwnAddressChanged:
                _ownAddress = happened.Address;
                break;
            case GatewayEventKind.FaultRaised:
                RaiseFault(happened.Fault, now, commands);
                break;
            case GatewayEventKind.FaultCleared:
                ClearFault(happened.Fault, now, commands);
                break;
            case GatewayEventKind.StopRequested when State == GatewayState.Active && _peers.AliveCount > 0:
                // The peers count from the latest advertisement, so its age is already behind us.
                Enter(GatewayState.Draining, _lastAdvertisement + _timing.DeadInterval + HandoverOverlap, now, commands);
                break;
            case GatewayEventKind.StopRequested:
            case GatewayEventKind.AbortRequested:
                Exit(commands);
                break;
        }
    }

    private void NoticeStall(Instant now, GatewayCommandList commands)
    {
        TimeSpan stood = now - LastSign;
        if (stood < _timing.DeadInterval)
        {
            return;
        }

        commands.Add(new GatewayCommand(GatewayCommandKind.ReportStalled, Duration: stood));
        _peers.GrantUntil(now + _timing.DeadInterval);
        switch (State)
        {
            case GatewayState.Active:
            case GatewayState.Listening:
                LetGo(commands);
                Enter(GatewayState.Listening, now + _timing.DeadInterval, now, commands);
                break;
            case GatewayState.Draining:
                Exit(commands);
                break;
        }
    }

    private AdvertisementResult HandleAdvertisement(
        NodeId uid, Ipv4Address source, Instant now, GatewayCommandList commands)
    {
        if (uid.Value == 0)
        {
            return AdvertisementResult.ZeroUid;
        }

        if (uid == _uid)
        {
            return HandleOwnUid(source, now, commands);
        }

        int slot = _peers.Find(uid);
        if (slot < 0)
        {
            slot = _peers.Allocate(uid);
        }

        if (slot < 0)
        {
            commands.Add(new GatewayCommand(GatewayCommandKind.ReportPeerTableFull, uid, source));
            return AdvertisementResult.PeerTableFull;
        }

        bool wasAlive = _peers[slot].Alive;
        if (wasAlive && _peers[slot].Address != source)
        {
            commands.Add(new GatewayCommand(GatewayCommandKind.ReportPeerMoved, uid, source));
        }

        _peers.Touch(slot, source, now, _timing.DeadInterval);
        if (!wasAlive)
        {
            _peers.SetAlive(slot, true);
            _ownership.Add(slot, uid);
            commands.Add(new GatewayCommand(GatewayCommandKind.ReportPeerAppeared, uid, source));
            commands.Add(new GatewayCommand(GatewayCommandKind.PublishOwnership));

            // It may come out of a partition in which it owned what is owned here: the last word must be the owner's.
            commands.Add(new GatewayCommand(GatewayCommandKind.AnnounceOwned));
        }

        return AdvertisementResult.Accepted;
    }

    /// <summary>
    /// The own uid: an own advertisement that looped back, or another gateway that was given the same uid. Two such would
    /// own the same VNIs; so the one with the lower address goes on, and the other one stops until it is alone.
    /// </summary>
    private AdvertisementResult HandleOwnUid(Ipv4Address source, Instant now, GatewayCommandList commands)
    {
        if (source == _ownAddress)
        {
            return AdvertisementResult.Own;
        }

        if (now >= _nextDuplicateReport)
        {
            _nextDuplicateReport = now + TimeSpan.FromMinutes(1);
            commands.Add(new GatewayCommand(GatewayCommandKind.ReportDuplicateUid, _uid, source));
        }

        if (source < _ownAddress)
        {
            _aloneAt = now + _timing.DeadInterval;
            RaiseFault(GatewayFaults.DuplicateUid, now, commands);
        }

        return AdvertisementResult.DuplicateUid;
    }

    private void RaiseFault(GatewayFaults fault, Instant now, GatewayCommandList commands)
    {
        // A gateway that hands over says nothing any more and is about to let go: nothing is gained by a gap.
        if (State == GatewayState.Draining)
        {
            return;
        }

        Faults |= fault;
        if (State != GatewayState.Fault)
        {
            LetGo(commands);
            Enter(GatewayState.Fault, Instant.Never, now, commands);
        }
    }

    private void ClearFault(GatewayFaults fault, Instant now, GatewayCommandList commands)
    {
        Faults &= ~fault;
        if (State == GatewayState.Fault && Faults == GatewayFaults.None)
        {
            Enter(GatewayState.Listening, now + _timing.DeadInterval, now, commands);
        }
    }

    private void ExpirePeers(Instant now, GatewayCommandList commands)
    {
        if (_peers.NextExpiry > now)
        {
            return;
        }

        for (int slot = 1; slot < PeerTable.SlotCount; slot++)
        {
            Peer peer = _peers[slot];
            if (peer.Alive && peer.ExpiresAt <= now)
            {
                _peers.SetAlive(slot, false);
                _ownership.Remove(slot);
                commands.Add(new GatewayCommand(
                    GatewayCommandKind.ReportPeerExpired, peer.Uid, peer.Address, now - peer.LastHeard));
            }
        }

        commands.Add(new GatewayCommand(GatewayCommandKind.PublishOwnership));
    }

    private void Advance(Instant now, GatewayCommandList commands)
    {
        if (now >= _stateEnds)
        {
            switch (State)
            {
                case GatewayState.Listening:
                    BecomeActive(now, commands);
                    return;
                case GatewayState.Draining:
                    Exit(commands);
                    return;
            }
        }

        if (now >= _aloneAt)
        {
            _aloneAt = Instant.Never;
            ClearFault(GatewayFaults.DuplicateUid, now, commands);
        }

        if (State == GatewayState.Active && now >= _nextAdvertisement)
        {
            Advertise(now, commands);
        }
    }

    /// <summary>
    /// Speaks first, then takes its share: the others let go when they hear it, and if nobody can hear it nothing is taken.
    /// </summary>
    private void BecomeActive(Instant now, GatewayCommandList commands)
    {
        _nextAdvertisement = now;
        _ownership.Add(PeerTable.OwnSlot, _uid);
        Enter(GatewayState.Active, Instant.Never, now, commands);
        Advertise(now, commands);
        commands.Add(new GatewayCommand(GatewayCommandKind.PublishOwnership));
    }

    private void Advertise(Instant now, GatewayCommandList commands)
    {
        commands.Add(new GatewayCommand(GatewayCommandKind.SendAdvertisement));
        _lastAdvertisement = now;

        // Keeps the beat; but what was missed is not made up for.
        _nextAdvertisement += _timing.Interval;
        _nextAdvertisement = _nextAdvertisement > now ? _nextAdvertisement : now + _timing.Interval;
    }

    private void Enter(GatewayState state, Instant ends, Instant now, GatewayCommandList commands)
    {
        State = state;
        StateSince = now;
        _stateEnds = ends;
        commands.Add(new GatewayCommand(GatewayCommandKind.ReportStateChanged));
    }

    private void LetGo(GatewayCommandList commands)
    {
        if (_ownership.IsMember(PeerTable.OwnSlot))
        {
            _ownership.Remove(PeerTable.OwnSlot);
            commands.Add(new GatewayCommand(GatewayCommandKind.PublishOwnership));
        }
    }

    private void Exit(GatewayCommandList commands)
    {
        LetGo(commands);
        _exiting = true;
        commands.Add(new GatewayCommand(GatewayCommandKind.Exit));
    }

    private Instant NextDeadline()
    {
        // Woken each interval whatever the state, so that a longer silence of this gateway's own means that it stood still.
        Instant next = Instant.Min(_lastEvent + _timing.Interval, _stateEnds);
        next = Instant.Min(next, Instant.Min(_aloneAt, _peers.NextExpiry));
        return State == GatewayState.Active ? Instant.Min(next, _nextAdvertisement) : next;
    }
}
