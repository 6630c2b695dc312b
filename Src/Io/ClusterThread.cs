using System;
using System.Linq;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading;
using Microsoft.Extensions.Logging;
using Wmgwd2.Config;
using Wmgwd2.Core;
using Wmgwd2.Status;
using Wmgwd2.Wire;

namespace Wmgwd2.Io;

/// <summary>
/// Hears and sends advertisements and elects: runs the <see cref="Gateway"/> over a socket and a timer. Never waits for
/// rtnl, a log or a client.
/// </summary>
internal sealed class ClusterThread : IDisposable
{
    private const int WakeupTag = 0;
    private const int TimerTag = 1;
    private const int SocketTag = 2;

    /// <summary>
    /// How many datagrams are read before deadlines are looked at: more than the socket's buffer holds, so that those of live
    /// peers are among them whatever else arrives.
    /// </summary>
    private const int DatagramsPerTurn = AdvertisementSocket.Backlog;

    private const int DrainRequest = 1;
    private const int UndrainRequest = 2;

    /// <summary>More than any cluster's gateways have to say; a flood of uids is counted instead.</summary>
    private const int PeerLinesAMinute = 64;

    private static readonly TimeSpan OpenRetry = TimeSpan.FromSeconds(1);

    private readonly NodeId _uid;
    private readonly OwnershipMailbox _mailbox;
    private readonly HealthBoard _health;
    private readonly ILogger _logger;
    private readonly Gateway _gateway;
    private readonly GatewayCommandList _commands = new();
    private readonly EventPoll _poll = new();
    private readonly Timer _timer = new();
    private readonly Readiness[] _ready = new Readiness[4];
    private readonly byte[] _received = new byte[64];
    private readonly byte[] _advertisement = new byte[Advertisement.Length];
    private readonly byte[] _handover = new byte[HandoverMessage.Length];
    private Settings _settings;
    private Settings? _newSettings;
    private AdvertisementSocket? _socket;
    private Instant _nextOpen;
    private Instant _nextAddressLookup;
    private RateLimit _wrongLength = new(1);
    private RateLimit _notAllowed = new(1);
    private RateLimit _zeroUid = new(1);
    private RateLimit _tableFull = new(1);
    private RateLimit _moved = new(1);
    private RateLimit _forged = new(1);
    private RateLimit _notSent = new(1);
    private RateLimit _noNetwork = new(1);
    private RateLimit _appeared = new(PeerLinesAMinute);
    private RateLimit _expired = new(PeerLinesAMinute);
    private RateLimit _left = new(PeerLinesAMinute);
    private int _advertisementsMissed;
    private bool _sendFailed;
    private int _stopRequests;
    private int _stopsHandled;
    private int _drainRequest;
    private GatewayFaults _faultsSeen;
    private bool _withheld;
    private bool _ended;
    private int _version;

    public ClusterThread(
        Settings settings, NodeId uid, TimeSpan wait, OwnershipMailbox mailbox, HealthBoard health, ILogger logger)
    {
        _settings = settings;
        _uid = uid;
        _mailbox = mailbox;
        _health = health;
        _logger = logger;
        Instant now = MonotonicClock.Now;
        _gateway = new Gateway(uid, settings.Vnis, settings.Timing, now, wait);
        Advertisement.Write(_advertisement, uid);
        _poll.Add(health.Wakeup.Descriptor, WakeupTag);
        _poll.Add(_timer.Descriptor, TimerTag);
    }

    /// <summary>What has been counted beside the gateway's own counters.</summary>
    public Counters<ClusterCounter> Counters { get; } = new();

    /// <summary>Where what happens is told to who follows.</summary>
    public EventFeed? Events { get; init; }

    /// <summary>Datagrams that the gateway never got to see.</summary>
    public Counters<AdvertisementResult> Refused { get; } = new();

    public void Dispose()
    {
        _poll.Dispose();
        _timer.Dispose();
        _socket?.Dispose();
    }

    /// <summary>Asks for the end; from any thread. The second time, at once.</summary>
    public void RequestStop()
    {
        Interlocked.Increment(ref _stopRequests);
        _health.Wakeup.Signal();
    }

    /// <summary>Asks to hand over and stand by, or to take part again; from any thread.</summary>
    public void RequestDrain(bool drain)
    {
        Volatile.Write(ref _drainRequest, drain ? DrainRequest : UndrainRequest);
        _health.Wakeup.Signal();
    }

    /// <summary>The settings that it goes by.</summary>
    public Settings Settings => Volatile.Read(ref _settings);

    /// <summary>Asks to go by other settings; from any thread. <see cref="Settings"/> are those when it does.</summary>
    public void RequestChange(Settings settings)
    {
        Volatile.Write(ref _newSettings, settings);
        _health.Wakeup.Signal();
    }

    /// <summary>Runs until the gateway has nothing more to do.</summary>
    public void Run()
    {
        if (_settings.RealtimePriority > 0)
        {
            Privileges.SetRealtimePriority(_settings.RealtimePriority);
        }

        // What is made when it is first used is made now: a turn allocates nothing.
        LogLine.Prepare();
        RuntimeHelpers.RunClassConstructor(typeof(Gateway).TypeHandle);
        long before = GC.GetAllocatedBytesForCurrentThread();
        while (!_ended)
        {
            Turn();
            Counters.Set(ClusterCounter.ClusterAllocatedBytes, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    /// <summary>
    /// Reads the gateway from another thread, which it never makes wait: the reader tries again when the gateway changed
    /// meanwhile.
    /// </summary>
    /// <param name="read">Copies what is wanted; what it sees may be half changed, and it is called again then.</param>
    public T ReadGateway<T>(Func<Gateway, T> read)
    {
        while (true)
        {
            int before = Volatile.Read(ref _version);
            if ((before & 1) == 0)
            {
                T result = read(_gateway);
                Interlocked.MemoryBarrier();
                if (Volatile.Read(ref _version) == before)
                {
                    return result;
                }
            }

            Thread.Yield();
        }
    }

    /// <summary>
    /// Whether the peers have taken over because nothing that this gateway sent has left it for the dead interval. Only an
    /// advertisement that does leave it ends that.
    /// </summary>
    private bool IsUnheard => _gateway.State == GatewayState.Active && _advertisementsMissed >= _settings.Timing.DeadAfter;

    /// <summary>Opens the socket, before the first turn.</summary>
    public void Start()
    {
        _mailbox.Renew(_gateway.LeaseEnds);
        TryOpen(MonotonicClock.Now);
    }

    /// <summary>Waits for something to do, and does a bounded part of it.</summary>
    internal void Turn()
    {
        Instant stuck = _faultsSeen.HasFlag(GatewayFaults.KernelStuck) ? Instant.Never : FindWhenStuck();
        _timer.Set(Instant.Min(Instant.Min(_gateway.Deadline, stuck), _socket == null ? _nextOpen : Instant.Never));
        int count = _poll.Wait(_ready, -1);
        for (int i = 0; i < count; i++)
        {
            switch (_ready[i].Tag)
            {
                case WakeupTag:
                    _health.Wakeup.Acknowledge();
                    break;
                case TimerTag:
                    _timer.Acknowledge();
                    break;
            }
        }

        HandleRequests();
        HandleFaults(MonotonicClock.Now);
        if (_socket == null)
        {
            TryOpen(MonotonicClock.Now);
        }
        else
        {
            ReadDatagrams(_socket);
        }

        Instant now = MonotonicClock.Now;
        if (now >= _gateway.Deadline)
        {
            Handle(new GatewayEvent(GatewayEventKind.DeadlineReached), now);
        }

        if (_socket != null && IsUnheard)
        {
            LoseNetwork("advertisements can't be sent", now);
        }

        _health.CountClusterTurn();
    }

    private void HandleRequests()
    {
        if (Interlocked.Exchange(ref _newSettings, null) is { } settings)
        {
            Change(settings, MonotonicClock.Now);
        }

        switch (Interlocked.Exchange(ref _drainRequest, 0))
        {
            case DrainRequest:
                Handle(new GatewayEvent(GatewayEventKind.DrainRequested), MonotonicClock.Now);
                break;
            case UndrainRequest:
                Handle(new GatewayEvent(GatewayEventKind.UndrainRequested), MonotonicClock.Now);
                break;
        }

        for (int requests = Volatile.Read(ref _stopRequests); _stopsHandled < requests; _stopsHandled++)
        {
            Handle(
                new GatewayEvent(_stopsHandled == 0 ? GatewayEventKind.StopRequested : GatewayEventKind.AbortRequested),
                MonotonicClock.Now);
        }
    }

    private void Change(Settings settings, Instant now)
    {
        // The mailbox first: what is published from here on has the new indexes.
        _mailbox.Change(settings);
        _commands.Clear();
        Interlocked.Increment(ref _version);
        try
        {
            _gateway.Reconfigure(settings.Vnis, settings.Timing, now, _commands);
            TellOfEvents(now);
        }
        finally
        {
            Interlocked.Increment(ref _version);
        }

        Volatile.Write(ref _settings, settings);
        ExecuteAll(now);
    }

    /// <summary>When the kernel thread has been at the same piece of work for too long.</summary>
    private Instant FindWhenStuck()
    {
        Instant busySince = _health.KernelBusySince;
        return busySince == Instant.Never ? Instant.Never : busySince + _settings.StuckAfter;
    }

    private void HandleFaults(Instant now)
    {
        GatewayFaults faults = _health.Faults | (now >= FindWhenStuck() ? GatewayFaults.KernelStuck : GatewayFaults.None);
        GatewayFaults raised = faults & ~_faultsSeen;
        GatewayFaults cleared = _faultsSeen & ~faults;
        _faultsSeen = faults;
        if (raised != GatewayFaults.None)
        {
            Handle(new GatewayEvent(GatewayEventKind.FaultRaised, Fault: raised), now);
        }

        if (cleared != GatewayFaults.None)
        {
            Handle(new GatewayEvent(GatewayEventKind.FaultCleared, Fault: cleared), now);
        }
    }

    private void TryOpen(Instant now)
    {
        if (now < _nextOpen)
        {
            return;
        }

        _nextOpen = now + OpenRetry;
        try
        {
            _socket = new AdvertisementSocket(_settings);
            FindOwnAddress(now);
            _advertisementsMissed = 0;
        }
        catch (SocketException error)
        {
            LoseNetwork(error.Message, now);
            return;
        }

        _poll.Add(_socket.Descriptor, SocketTag);
        Handle(new GatewayEvent(GatewayEventKind.FaultCleared, Fault: GatewayFaults.NoNetwork), now);
    }

    private void LoseNetwork(string reason, Instant now)
    {
        _socket?.Dispose();
        _socket = null;
        if (_noNetwork.Allows(now))
        {
            Log.NoNetwork(_logger, _settings.Broadcast, _settings.Port, reason);
        }

        Handle(new GatewayEvent(GatewayEventKind.FaultRaised, Fault: GatewayFaults.NoNetwork), now);
    }

    private void ReadDatagrams(AdvertisementSocket socket)
    {
        for (int i = 0; i < DatagramsPerTurn && socket.HasDatagram; i++)
        {
            int length = socket.Receive(_received, out Ipv4Address source);
            Instant now = MonotonicClock.Now;
            if (length >= 0)
            {
                HandleDatagram(_received.AsSpan(0, length), source, now);
            }

            if (now >= _gateway.NextAdvertisement)
            {
                // A flood must not keep this gateway from being heard.
                Handle(new GatewayEvent(GatewayEventKind.AdvertisementDue), now);
            }
        }
    }

    private void HandleDatagram(ReadOnlySpan<byte> datagram, Ipv4Address source, Instant now)
    {
        // The own datagrams loop back, whatever the list says.
        if (_settings.Allow.Length > 0 && source != _gateway.OwnAddress && !_settings.Allow.Contains(source))
        {
            Refused.Add(AdvertisementResult.NotAllowed);
            if (_notAllowed.Allows(now))
            {
                Log.NotAllowed(_logger, source, Refused[AdvertisementResult.NotAllowed]);
            }
        }
        else if (HandoverMessage.TryRead(datagram, out HandoverMessage handover))
        {
            GatewayEventKind kind = handover.Kind switch
            {
                HandoverKind.Goodbye => GatewayEventKind.GoodbyeReceived,
                HandoverKind.Taken => GatewayEventKind.TakenReceived,
                HandoverKind.Joining => GatewayEventKind.JoiningReceived,
                HandoverKind.Gone => GatewayEventKind.GoneReceived,
                _ => GatewayEventKind.HeardReceived,
            };
            Handle(new GatewayEvent(kind, handover.Sender, source, Subject: handover.Subject), now);
        }
        else if (!Advertisement.TryRead(datagram, out NodeId uid))
        {
            Refused.Add(AdvertisementResult.WrongLength);
            if (_wrongLength.Allows(now))
            {
                Log.WrongLength(_logger, source, datagram.Length, Refused[AdvertisementResult.WrongLength]);
            }
        }
        else
        {
            if (uid == _uid && source != _gateway.OwnAddress && now >= _nextAddressLookup)
            {
                // Before another gateway is blamed: the own address may have changed.
                TryFindOwnAddress(now);
            }

            if (uid.Value == 0 && _zeroUid.Allows(now))
            {
                Log.ZeroUid(_logger, source, _gateway.CountReceived(AdvertisementResult.ZeroUid) + 1);
            }

            Handle(GatewayEvent.AdvertisementReceived(uid, source), now);
        }
    }

    /// <exception cref="SocketException">Routing gives no address: nobody would hear this gateway.</exception>
    private void FindOwnAddress(Instant now)
    {
        Ipv4Address address = _socket!.FindOwnAddress();
        _nextAddressLookup = now + _settings.Timing.Interval;
        if (address != _gateway.OwnAddress)
        {
            Handle(GatewayEvent.OwnAddressChanged(address), now);
        }
    }

    private void TryFindOwnAddress(Instant now)
    {
        try
        {
            FindOwnAddress(now);
        }
        catch (SocketException)
        {
            // The next advertisement can't be sent either, and says so.
        }
    }

    private void Handle(in GatewayEvent happened, Instant now)
    {
        _commands.Clear();
        Interlocked.Increment(ref _version);
        try
        {
            _gateway.Handle(happened, now, _commands);
            TellOfEvents(now);
        }
        finally
        {
            // Or a reader would wait for ever, and with it the end that an exception brings.
            Interlocked.Increment(ref _version);
        }

        ExecuteAll(now);
    }

    private void ExecuteAll(Instant now)
    {
        foreach (ref readonly GatewayCommand command in _commands.Commands)
        {
            Execute(command, now);
        }

        if (Events is { HasUnread: true } events)
        {
            events.Signal();
        }

        // After what was published: a lease is for the latest ownership, not for the one before.
        _mailbox.Renew(_gateway.LeaseEnds);
    }

    /// <summary>While nobody can read the gateway: so a status has either seen an event, or will be followed by it.</summary>
    private void TellOfEvents(Instant now)
    {
        if (Events is not { Followed: true } events)
        {
            return;
        }

        foreach (ref readonly GatewayCommand command in _commands.Commands)
        {
            if (command.Kind is GatewayCommandKind.ReportStateChanged or GatewayCommandKind.ReportPeerAppeared
                or GatewayCommandKind.ReportPeerExpired or GatewayCommandKind.ReportPeerLeft
                or GatewayCommandKind.ReportPeerMoved or GatewayCommandKind.ReportStalled)
            {
                events.Write(new ClusterEvent(command, now, _gateway.State, _gateway.Faults));
            }
        }
    }

    private void Execute(in GatewayCommand command, Instant now)
    {
        switch (command.Kind)
        {
            case GatewayCommandKind.SendAdvertisement:
                _advertisementsMissed = Send(_advertisement, now) ? 0 : _advertisementsMissed + 1;
                break;
            case GatewayCommandKind.SendGoodbye:
                SendHandover(HandoverKind.Goodbye, _uid, now);
                break;
            case GatewayCommandKind.SendGone:
                SendHandover(HandoverKind.Gone, _uid, now);
                break;
            case GatewayCommandKind.SendHeard:
                SendHandover(HandoverKind.Heard, _uid, now);
                break;
            case GatewayCommandKind.SendTaken:
                SendHandover(HandoverKind.Taken, command.Uid, now);
                break;
            case GatewayCommandKind.PublishOwnership when _sendFailed:
                // Whom it takes for dead may only be out of its hearing: nothing is taken until it is heard itself.
                _mailbox.PublishLosses(_gateway.Serving, now);
                _withheld = true;
                break;
            case GatewayCommandKind.PublishOwnership:
                _mailbox.Publish(_gateway.Serving, now);
                break;
            case GatewayCommandKind.SendJoining:
                SendHandover(HandoverKind.Joining, _uid, now);
                break;
            case GatewayCommandKind.YieldOwnership:
                _mailbox.Yield(_gateway.Yielding);
                break;
            case GatewayCommandKind.AnnounceOwned:
                _mailbox.Announce();
                break;
            case GatewayCommandKind.Exit:
                _ended = true;
                break;
            default:
                Count(command.Kind);
                Report(command, now);
                break;
        }
    }

    private void Count(GatewayCommandKind kind)
    {
        switch (kind)
        {
            case GatewayCommandKind.ReportPeerAppeared:
                Counters.Add(ClusterCounter.PeersAppeared);
                break;
            case GatewayCommandKind.ReportPeerExpired:
                Counters.Add(ClusterCounter.PeersExpired);
                break;
        }
    }

    private void SendHandover(HandoverKind kind, NodeId subject, Instant now)
    {
        new HandoverMessage(kind, _uid, subject).Write(_handover);
        Send(_handover, now);
    }

    /// <returns>Whether it has left this gateway.</returns>
    private bool Send(ReadOnlySpan<byte> datagram, Instant now)
    {
        string? reason = _socket == null ? "there is no socket" : _socket.Send(datagram);
        _sendFailed = reason != null;
        if (reason != null)
        {
            Counters.Add(ClusterCounter.AdvertisementsNotSent);
            if (_notSent.Allows(now))
            {
                Log.AdvertisementNotSent(
                    _logger, _settings.Broadcast, reason, Counters[ClusterCounter.AdvertisementsNotSent]);
            }

            return false;
        }

        Counters.Add(ClusterCounter.AdvertisementsSent);
        if (_withheld)
        {
            _withheld = false;
            _mailbox.Publish(_gateway.Serving, now);
        }

        return true;
    }

    private void Report(in GatewayCommand command, Instant now)
    {
        switch (command.Kind)
        {
            case GatewayCommandKind.ReportStateChanged when _gateway.State == GatewayState.Fault:
                Log.Fault(_logger, _health.Describe(_gateway.Faults) ?? "the cause is gone");
                break;
            case GatewayCommandKind.ReportStateChanged:
                Log.StateChanged(_logger, StatusSnapshot.NameOf(_gateway.State), _gateway.Peers.AliveCount,
                    _gateway.Serving.Count, _settings.Vnis.Count);
                break;
            case GatewayCommandKind.ReportPeerAppeared when _appeared.Allows(now):
                Log.PeerAppeared(_logger, command.Uid, command.Address,
                    _gateway.Ownership.CountOwned(_gateway.Peers.Find(command.Uid)));
                break;
            case GatewayCommandKind.ReportPeerExpired when _expired.Allows(now):
                Log.PeerExpired(_logger, command.Uid, command.Address, command.Duration.TotalMilliseconds);
                break;
            case GatewayCommandKind.ReportPeerLeft when _left.Allows(now):
                Log.PeerLeft(_logger, command.Uid, command.Address);
                break;
            case GatewayCommandKind.ReportForgedHandover when _forged.Allows(now):
                Log.ForgedHandover(_logger, command.Uid, command.Address);
                break;
            case GatewayCommandKind.ReportPeerMoved when _moved.Allows(now):
                Log.PeerMoved(_logger, command.Uid, command.Address);
                break;
            case GatewayCommandKind.ReportPeerTableFull when _tableFull.Allows(now):
                Log.PeerTableFull(_logger, command.Uid, command.Address);
                break;
            case GatewayCommandKind.ReportDuplicateUid:
                Log.DuplicateUid(_logger, command.Uid, command.Address, _gateway.OwnAddress);
                break;
            case GatewayCommandKind.ReportStalled:
                Log.Stalled(_logger, command.Duration.TotalMilliseconds);
                break;
        }
    }
}
