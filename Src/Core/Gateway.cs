using System;

namespace Wmgwd2.Core;

/// <summary>The states of a gateway; <see cref="Gateway"/> has the table.</summary>
public enum GatewayState
{
    /// <summary>Hears peers, owns nothing, says at the end that it joins.</summary>
    Listening,

    /// <summary>Advertises and owns its share.</summary>
    Active,

    /// <summary>Has said goodbye; serves each VNI until its heir does.</summary>
    Draining,

    /// <summary>Drained by the operator: hears peers, sends nothing, owns nothing.</summary>
    Standby,

    /// <summary>Can't serve: owns nothing, sends nothing, until the cause is gone.</summary>
    Fault,
}

/// <summary>The timing of a gateway; interval and dead-after are the same in all of a cluster.</summary>
/// <param name="Interval">From one advertisement to the next.</param>
/// <param name="DeadAfter">After how many intervals of silence a gateway is dead.</param>
/// <param name="StartupDelay">How much longer it listens after its start, when there are peers.</param>
/// <param name="HandoverLead">
/// How long before VNIs are taken from a gateway that serves them that one withdraws their MAC routes: longer than EVPN takes
/// for it.
/// </param>
public readonly record struct GatewayTiming(
    TimeSpan Interval, int DeadAfter, TimeSpan StartupDelay = default, TimeSpan HandoverLead = default)
{
    /// <summary>After this long a silence a gateway is dead.</summary>
    public TimeSpan DeadInterval => Interval * DeadAfter;

    /// <summary>
    /// Why gateways with this timing and others with that one would take each other for dead, or null: each must hear at least two
    /// advertisements of the other in its dead interval. So in a cluster that changes its timing one gateway after the other, it
    /// is changed in steps that are small enough.
    /// </summary>
    public string? FindConflict(GatewayTiming others)
    {
        if (DeadInterval < 2 * others.Interval)
        {
            return $"peers that advertise every {others.Interval.TotalMilliseconds} ms would be taken for dead after "
                + $"{DeadInterval.TotalMilliseconds} ms";
        }

        return others.DeadInterval < 2 * Interval
            ? $"peers take this gateway for dead after {others.DeadInterval.TotalMilliseconds} ms, and it would advertise every "
                + $"{Interval.TotalMilliseconds} ms"
            : null;
    }

    /// <summary>The wait of a gateway that comes back once more: twice as long, from the dead interval to the maximum.</summary>
    public TimeSpan Lengthen(TimeSpan wait)
    {
        TimeSpan longer = 2 * wait > DeadInterval ? 2 * wait : DeadInterval;
        return longer < Gateway.MaximumWait ? longer : Gateway.MaximumWait;
    }
}

/// <summary>
/// One gateway as a synchronous state machine: an event and the instant go in, commands come out. It owns no socket,
/// clock or thread; the daemon and the simulator run the same code.
/// </summary>
/// <remarks>
/// <code>
/// state      hears  sends  owns             left when                                           for
/// Listening  yes    (1)    nothing          the dead interval is over, and the wait if peers live Active
/// Active     yes    yes    its share        stop or drain requested, with a live peer           Draining
///                                           stood still for the dead interval                   Listening
/// Draining   yes    (2)    what no heir     all heirs serve, or the dead interval since its     (exit) or
///                          serves yet       latest advertisement is over                        Standby
/// Standby    yes    no     nothing          undrain requested                                   Listening
/// Fault      yes    (3)    nothing          the last cause is gone                              Listening
/// Listening, Active                         a fault is raised                                   Fault
/// any                                       stop requested with nothing to hand over, or abort  (exit)
///
/// (1) joining, when the lead begins; (2) goodbyes; (3) that it is gone, when it was active, has let go and can be heard: for
/// a tracked interface or file.
/// </code>
/// Invariants. It serves nothing that it doesn't own: <see cref="Serving"/> is, while it is active, its share by
/// <see cref="Ownership"/>, but for what it is about to take; while it drains, what is left of its share; else empty. When an
/// event comes a dead interval after the one before, or after its latest advertisement, it stood still, and its view is
/// stale: the others have taken over, so it lets go of everything first, then listens.
/// What is taken from a gateway that serves it (by a joiner at the end of its listening, by the heirs of one that said
/// goodbye) is yielded for the handover lead: still served there, without a route. Then it is taken up, and the other one is
/// told in the same moment, by the first advertisement or by a taken message, and lets go. What a dead gateway had is taken
/// up at once.
/// </remarks>
public sealed partial class Gateway
{
    /// <summary>The longest wait of a gateway that comes back often.</summary>
    public static readonly TimeSpan MaximumWait = TimeSpan.FromSeconds(60);

    /// <summary>Who served that long comes back without a wait.</summary>
    public static readonly TimeSpan Probation = 2 * MaximumWait;

    private readonly NodeId _uid;
    private readonly PeerTable _peers;
    private readonly long[] _received = new long[Enum.GetValues<AdvertisementResult>().Length];
    private GatewayTiming _timing;
    private Ownership _ownership;
    private VniBitmap _serving;
    private Ipv4Address _ownAddress;
    private Instant _lastEvent;
    private Instant _nextAdvertisement;
    private Instant _lastAdvertisement;
    private Instant _stateEnds = Instant.Never;
    private Instant _waitEnds;
    private Instant _aloneAt = Instant.Never;
    private Instant _nextDuplicateReport;
    private TimeSpan _wait;
    private bool _exiting;

    /// <summary>A gateway that starts to listen now.</summary>
    /// <param name="uid">Its uid, not 0.</param>
    /// <param name="vnis">The VNIs that the cluster serves.</param>
    /// <param name="timing">The timing.</param>
    /// <param name="now">The instant of the start.</param>
    /// <param name="wait">How much longer it listens when there are peers, because it was started often.</param>
    public Gateway(NodeId uid, VniSet vnis, GatewayTiming timing, Instant now, TimeSpan wait = default)
    {
        _uid = uid;
        _timing = timing;
        _peers = new PeerTable(uid);
        _ownership = new Ownership(vnis, PeerTable.SlotCount);
        _serving = new VniBitmap(vnis.Count);
        _yielding = new VniBitmap(vnis.Count);
        _lastEvent = now;
        StateSince = now;
        _stateEnds = now + timing.DeadInterval;
        _waitEnds = _stateEnds + timing.StartupDelay + wait;
        Deadline = NextDeadline();
    }

    /// <summary>The state.</summary>
    public GatewayState State { get; private set; } = GatewayState.Listening;

    /// <summary>Why it can't serve.</summary>
    public GatewayFaults Faults { get; private set; }

    /// <summary>Since when it is in that state.</summary>
    public Instant StateSince { get; private set; }

    /// <summary>When it takes its share, as things are: a peer that comes or goes changes it. Never while it doesn't listen.</summary>
    public Instant ListensUntil => State != GatewayState.Listening ? Instant.Never
        : _takeAt != Instant.Never ? _takeAt
        : _peers.AliveCount == 0 ? _stateEnds
        : _waitEnds + _timing.HandoverLead;

    /// <summary>The peers, dead ones too.</summary>
    public PeerTable Peers => _peers;

    /// <summary>The election among the members known here; this gateway's own slot is <see cref="PeerTable.OwnSlot"/>.</summary>
    public Ownership Ownership => _ownership;

    /// <summary>The VNIs that this gateway serves.</summary>
    public VniBitmap Serving => _serving;

    /// <summary>The address that this gateway's advertisements come from; 0.0.0.0 until it is known.</summary>
    public Ipv4Address OwnAddress => _ownAddress;

    /// <summary>When <see cref="GatewayEventKind.DeadlineReached"/> is due.</summary>
    public Instant Deadline { get; private set; }

    /// <summary>When this gateway advertises next; never while it doesn't.</summary>
    public Instant NextAdvertisement => State == GatewayState.Active ? _nextAdvertisement : Instant.Never;

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

    /// <summary>How many advertisements and handover messages came, by what became of them.</summary>
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

    /// <summary>
    /// Goes on with other VNIs and another timing. VNIs that stay keep their owners; what is new is owned at once, and what is
    /// gone is served no longer. Allocates.
    /// </summary>
    /// <param name="vnis">The VNIs that the cluster serves; the same object when they have not changed.</param>
    /// <param name="timing">The timing; peers must be able to bear it: see <see cref="GatewayTiming.FindConflict"/>.</param>
    /// <param name="now">The instant.</param>
    /// <param name="commands">Is appended to; an ownership that is published has the new set's indexes.</param>
    public void Reconfigure(VniSet vnis, GatewayTiming timing, Instant now, GatewayCommandList commands)
    {
        // Deadlines that have passed are passed by the timing that they were set by.
        Handle(new GatewayEvent(GatewayEventKind.DeadlineReached), now, commands);
        if (_exiting)
        {
            return;
        }

        _peers.ShiftExpiry(timing.DeadInterval - _timing.DeadInterval);
        _timing = timing;
        _nextAdvertisement = Instant.Min(_nextAdvertisement, now + timing.Interval);
        if (State == GatewayState.Active && _nextAdvertisement + timing.Interval > LeaseEnds)
        {
            // By the timing of before its latest advertisement was in time; by this one it would have stood still.
            _nextAdvertisement = now;
            Advertise(now, commands);
        }

        if (vnis != _ownership.Vnis)
        {
            ChangeVnis(vnis, commands);
        }

        Deadline = NextDeadline();
    }

    private void ChangeVnis(VniSet vnis, GatewayCommandList commands)
    {
        int[] newIndexes = vnis.FindIndexesOf(_ownership.Vnis);
        _ownership = new Ownership(vnis, _ownership);
        _serving = Move(_serving);
        _yielding = Move(_yielding);
        if (State == GatewayState.Active && _takeAt == Instant.Never)
        {
            _ownership.CopyOwned(PeerTable.OwnSlot, _serving);
        }

        commands.Add(new GatewayCommand(GatewayCommandKind.PublishOwnership));

        VniBitmap Move(VniBitmap before)
        {
            var moved = new VniBitmap(vnis.Count);
            moved.SetFrom(before, newIndexes);
            return moved;
        }
    }

    private void Dispatch(in GatewayEvent happened, Instant now, GatewayCommandList commands)
    {
        switch (happened.Kind)
        {
            case GatewayEventKind.AdvertisementReceived:
                Count(HandleAdvertisement(happened.Uid, happened.Address, now, commands));
                break;
            case GatewayEventKind.GoodbyeReceived:
                Count(HandleGoodbye(happened.Uid, happened.Address, _timing.HandoverLead, now, commands));
                break;
            case GatewayEventKind.GoneReceived:
                Count(HandleGoodbye(happened.Uid, happened.Address, TimeSpan.Zero, now, commands));
                break;
            case GatewayEventKind.TakenReceived:
                Count(HandleTaken(happened.Uid, happened.Address, happened.Subject, now, commands));
                break;
            case GatewayEventKind.JoiningReceived:
                Count(HandleJoining(happened.Uid, happened.Address, now, commands));
                break;
            case GatewayEventKind.HeardReceived:
                Count(HandleHeard(happened.Uid, happened.Address, commands));
                break;
            case GatewayEventKind.DeadlineReached:
                ExpirePeers(now, commands);
                if (!_exiting)
                {
                    Advance(now, commands);
                }

                break;
            case GatewayEventKind.AdvertisementDue when State == GatewayState.Active:
                Advertise(now, commands);
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
            case GatewayEventKind.DrainRequested:
                _returning = false;
                Leave(stop: false, now, commands);
                break;
            case GatewayEventKind.UndrainRequested when State == GatewayState.Draining:
                _returning = true;
                break;
            case GatewayEventKind.UndrainRequested when State == GatewayState.Standby:
                EnterListening(now, _timing.StartupDelay, commands);
                break;
            case GatewayEventKind.StopRequested:
                Leave(stop: true, now, commands);
                break;
            case GatewayEventKind.AbortRequested:
                if (State is GatewayState.Active or GatewayState.Draining)
                {
                    commands.Add(new GatewayCommand(GatewayCommandKind.SendGone));
                }

                Exit(commands);
                break;
        }
    }

    private void Count(AdvertisementResult result) => _received[(int)result]++;

    private void NoticeStall(Instant now, GatewayCommandList commands)
    {
        TimeSpan stood = now - LastSign;
        if (stood < _timing.DeadInterval)
        {
            return;
        }

        commands.Add(new GatewayCommand(GatewayCommandKind.ReportStalled, Duration: stood));
        _peers.GrantUntil(now + _timing.DeadInterval);
        _goodbyesWaitedUntil = now + _timing.Interval;
        switch (State)
        {
            case GatewayState.Active:
            case GatewayState.Listening:
                TimeSpan wait = State == GatewayState.Listening ? _waitEnds - _stateEnds : TimeSpan.Zero;
                LetGo(commands);
                EnterListening(now, wait, commands);
                break;
            case GatewayState.Draining:
                EndDrain(now, commands);
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

        if (now < _peers[slot].LeftUntil)
        {
            return AdvertisementResult.Accepted;
        }

        _peers.Touch(slot, source, now, _timing.DeadInterval);
        if (!wasAlive)
        {
            _peers.SetAlive(slot, true);
            _ownership.Add(slot, uid);
            commands.Add(new GatewayCommand(GatewayCommandKind.ReportPeerAppeared, uid, source));
            FollowElection(now, commands);

            // What it owns may have been announced here; and it may have had it all the while, not knowing that it wasn't heard.
            _heardsLeft = HeardCount;

            // It may come out of a partition in which it owned what is owned here: the last word must be the owner's.
            commands.Add(new GatewayCommand(GatewayCommandKind.AnnounceOwned));
            if (State == GatewayState.Draining)
            {
                // A joiner speaks when it takes its share; it has never heard of this gateway but by the goodbye. (One that was
                // only out of hearing does serve; one of the first implementation will, and the gap is its own.)
                _confirmed[slot] = true;
                ReleaseConfirmed(now, commands);
            }
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
        bool another = State == GatewayState.Fault && !Faults.HasFlag(fault);
        Faults |= fault;
        if (another)
        {
            commands.Add(new GatewayCommand(GatewayCommandKind.ReportStateChanged));
        }

        // A gateway that hands over says nothing any more and is about to let go: nothing is gained by a gap.
        if (State is not (GatewayState.Draining or GatewayState.Standby or GatewayState.Fault))
        {
            // Who served long and well comes back at once; who flaps waits longer each time.
            bool active = State == GatewayState.Active;
            _wait = active && now - StateSince >= Probation ? TimeSpan.Zero : _wait;
            LetGo(commands);
            Enter(GatewayState.Fault, Instant.Never, now, commands);
            if (active && (fault & ~(GatewayFaults.TrackedInterface | GatewayFaults.TrackedFile)) == 0)
            {
                // It lets go at once and can say so: the peers need not find out by the silence.
                BeginGoodbyes(GatewayCommandKind.SendGone, now, commands);
            }
        }
    }

    private void ClearFault(GatewayFaults fault, Instant now, GatewayCommandList commands)
    {
        Faults &= ~fault;
        if (State == GatewayState.Fault && Faults == GatewayFaults.None)
        {
            EnterListening(now, _wait, commands);
            _wait = _timing.Lengthen(_wait);
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

        FollowElection(now, commands);
        if (State == GatewayState.Draining)
        {
            // Other heirs take over what the dead one inherited, in this moment too.
            ReleaseConfirmed(now, commands);
        }
    }

    private void Advance(Instant now, GatewayCommandList commands)
    {
        switch (State)
        {
            case GatewayState.Listening when _takeAt != Instant.Never:
                TakeUp(now, commands);
                break;
            case GatewayState.Listening when now >= _stateEnds && (now >= _waitEnds || _peers.AliveCount == 0):
                _ownership.Add(PeerTable.OwnSlot, _uid);
                Prepare(_peers.AliveCount == 0 ? TimeSpan.Zero : _timing.HandoverLead, now, commands);
                break;
            case GatewayState.Active:
                TakeUp(now, commands);
                Advertise(now, commands);
                RepeatTakens(now, commands);
                break;
            case GatewayState.Draining when now >= _stateEnds || _peers.AliveCount == 0:
                EndDrain(now, commands);
                break;
            case GatewayState.Draining when now >= _nextGoodbye:
                SayGoodbye(GatewayCommandKind.SendGoodbye, now, commands);
                EndDrainWhenDone(now, commands);
                break;
            case GatewayState.Fault when now >= _nextGoodbye:
                SayGoodbye(GatewayCommandKind.SendGone, now, commands);
                break;
        }

        if (now >= _aloneAt)
        {
            _aloneAt = Instant.Never;
            ClearFault(GatewayFaults.DuplicateUid, now, commands);
        }
    }

    /// <summary>
    /// Speaks first, then takes its share: the others let go when they hear it, and if nobody can hear it nothing is taken.
    /// </summary>
    private void BecomeActive(Instant now, GatewayCommandList commands)
    {
        _nextAdvertisement = now;
        Enter(GatewayState.Active, Instant.Never, now, commands);
        Advertise(now, commands);
        FollowElection(now, commands);
    }

    private void Advertise(Instant now, GatewayCommandList commands)
    {
        if (now >= _nextAdvertisement)
        {
            commands.Add(new GatewayCommand(GatewayCommandKind.SendAdvertisement));
            if (_heardsLeft > 0)
            {
                _heardsLeft--;
                commands.Add(new GatewayCommand(GatewayCommandKind.SendHeard));
            }

            _lastAdvertisement = now;

            // Keeps the beat; but what was missed is not made up for.
            _nextAdvertisement += _timing.Interval;
            _nextAdvertisement = _nextAdvertisement > now ? _nextAdvertisement : now + _timing.Interval;
        }
    }

    private void EnterListening(Instant now, TimeSpan wait, GatewayCommandList commands)
    {
        if (Faults != GatewayFaults.None)
        {
            Enter(GatewayState.Fault, Instant.Never, now, commands);
            return;
        }

        Enter(GatewayState.Listening, now + _timing.DeadInterval, now, commands);
        _waitEnds = _stateEnds + wait;
    }

    private void Enter(GatewayState state, Instant ends, Instant now, GatewayCommandList commands)
    {
        State = state;
        StateSince = now;
        _nextGoodbye = Instant.Never;
        _stateEnds = ends;
        commands.Add(new GatewayCommand(GatewayCommandKind.ReportStateChanged));
    }

    /// <summary>After the members changed: serves its share of what they elect, if it takes part.</summary>
    private void FollowElection(Instant now, GatewayCommandList commands)
    {
        if (State == GatewayState.Active)
        {
            _takeAt = Instant.Never;
            SendOwedTakens(now, commands);
            if (_ownership.CopyOwned(PeerTable.OwnSlot, _serving))
            {
                commands.Add(new GatewayCommand(GatewayCommandKind.PublishOwnership));
            }
        }
    }

    private void LetGo(GatewayCommandList commands)
    {
        ForgetHandover();
        if (_ownership.IsMember(PeerTable.OwnSlot))
        {
            _ownership.Remove(PeerTable.OwnSlot);
        }

        if (!_serving.IsEmpty)
        {
            _serving.Clear();
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
        Instant next = Instant.Min(_lastEvent + _timing.Interval, Instant.Min(_nextGoodbye, _aloneAt));
        next = Instant.Min(next, Instant.Min(_takeAt, _peers.NextExpiry));
        return State switch
        {
            GatewayState.Active when _takeAt == Instant.Never => Instant.Min(next, Instant.Min(NextAdvertisement, _nextTaken)),
            GatewayState.Active => Instant.Min(next, NextAdvertisement),
            GatewayState.Listening when _takeAt != Instant.Never => next,
            GatewayState.Listening when _lastEvent >= _stateEnds =>
                Instant.Min(next, _peers.AliveCount == 0 ? _lastEvent : _waitEnds),
            _ => Instant.Min(next, _stateEnds),
        };
    }
}
