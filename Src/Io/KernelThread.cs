using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using Microsoft.Extensions.Logging;
using Wmgwd2.Config;
using Wmgwd2.Core;
using Wmgwd2.Interop;
using Wmgwd2.Status;
using Wmgwd2.Wire;

namespace Wmgwd2.Io;

/// <summary>
/// Makes the kernel show what the cluster thread wants: runs the <see cref="InterfaceReconciler"/> over netlink and packet
/// sockets. May wait for rtnl as long as it takes; nobody waits for it.
/// </summary>
internal sealed class KernelThread : IRouteObserver, IDisposable
{
    private const int WakeupTag = 0;
    private const int TimerTag = 1;
    private const int NotificationTag = 2;

    /// <summary>How many notifications are read before there is something done about them.</summary>
    private const int NotificationsPerTurn = 64;

    /// <summary>
    /// Everything is compared that often, whatever the notifications said: the links a few at a time, for a dump of thousands
    /// would hold up a take-over for longer than the take-over itself takes.
    /// </summary>
    public static readonly TimeSpan CompareInterval = TimeSpan.FromSeconds(30);

    /// <summary>Requests are sent together as many as take about this long, so that what has come up doesn't wait for long.</summary>
    /// <summary>As of peers: whoever may send datagrams can have it move VNIs hundreds of times a second.</summary>
    private const int MovementLinesAMinute = 64;

    private static readonly TimeSpan BatchTime = TimeSpan.FromMilliseconds(4);

    /// <summary>Problems have that long to go away by themselves before they are logged.</summary>
    private static readonly TimeSpan ProblemDelay = TimeSpan.FromSeconds(1);

    /// <summary>How often a lease that has ended is looked at again.</summary>
    private static readonly TimeSpan LeaseRetry = TimeSpan.FromMilliseconds(10);

    /// <summary>How long the end waits for the reconciler before the fence does it again.</summary>
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(2);

    private readonly TimeSpan _compareInterval;
    private readonly OwnershipMailbox _mailbox;
    private readonly HealthBoard _health;
    private readonly ILogger _logger;
    private readonly EventPoll _poll = new();
    private readonly Timer _timer = new();
    private readonly NetlinkSocket _notifications = new(Libc.RTNLGRP_LINK, Libc.RTNLGRP_IPV4_IFADDR);
    private readonly RouteClient _client = new();
    private readonly PacketSocket _packets = new();
    private readonly Readiness[] _ready = new Readiness[4];
    private readonly byte[] _received = new byte[32 << 10];
    private readonly KernelCommand[] _batch = new KernelCommand[RouteClient.BatchSize];
    private readonly (KernelCommand Command, bool IsLast)[] _announced =
        new (KernelCommand Command, bool IsLast)[PacketSocket.Capacity];
    private OwnershipMailbox.Edition _edition;
    private Settings _settings;
    private KernelView _view;
    private InterfaceReconciler _reconciler;
    private TrackedInterfaces _tracked;
    private VniBitmap _wanted;
    private VniBitmap _yielding;
    private ArpOperation[] _operations;
    private ProblemReport _problems;
    private PeriodicCursor _sweep;
    private VniBitmap _swept;
    private Instant _now;
    private int _batchSize = RouteClient.BatchSize / 4;
    private Instant _nextCompare;
    private Instant _problemsDue = Instant.Never;
    private Instant _repairsDue;
    private RateLimit _movements = new(MovementLinesAMinute);
    private int _announcementsSeen;
    private int _yieldsSeen;
    private Instant _leaseRetry = Instant.Never;
    private Instant _endLimit = Instant.Never;
    private long _changesTold;
    private long _lastMovementTicks = -1;
    private bool _leaseEnded;
    private bool _lost;
    private bool _incomplete;

    public KernelThread(TimeSpan compareInterval, OwnershipMailbox mailbox, HealthBoard health, ILogger logger)
    {
        _compareInterval = compareInterval;
        _mailbox = mailbox;
        _health = health;
        _logger = logger;
        _now = MonotonicClock.Now;
        _edition = mailbox.Latest;
        _settings = _edition.Settings;
        _reconciler = new InterfaceReconciler(_settings.Vnis.Count, _settings.ArpInterval, _now);
        _tracked = new TrackedInterfaces(_settings.TrackInterface);
        Size(_settings.Vnis);
        _operations = OperationsOf(_settings.Announce);
        _poll.Add(mailbox.Wakeup.Descriptor, WakeupTag);
        _poll.Add(_timer.Descriptor, TimerTag);
        _poll.Add(_notifications.Descriptor, NotificationTag);

        // Before anybody asks for a status: it speaks of what the kernel showed.
        CompareEverything();
        TellOfTracked();
    }

    /// <summary>What the kernel showed for each VNI; from any thread.</summary>
    public KernelView View => Volatile.Read(ref _view);

    /// <summary>What is wanted and what the kernel shows, for the thread that runs this.</summary>
    internal InterfaceReconciler Reconciler => _reconciler;

    /// <summary>The settings that it goes by; from any thread.</summary>
    public Settings Settings => Volatile.Read(ref _settings);

    /// <summary>What has been counted.</summary>
    public Counters<KernelCounter> Counters { get; } = new();

    /// <summary>Where it is told to who follows that something has changed.</summary>
    public EventFeed? Events { get; init; }

    /// <summary>How long the last movement of VNIs took; null without any. From any thread.</summary>
    public TimeSpan? LastMovement =>
        Volatile.Read(ref _lastMovementTicks) is >= 0 and var ticks ? TimeSpan.FromTicks(ticks) : null;

    public void Dispose()
    {
        _poll.Dispose();
        _timer.Dispose();
        _notifications.Dispose();
        _client.Dispose();
        _packets.Dispose();
    }

    /// <summary>Runs until the mailbox is closed and everything is let go of.</summary>
    public void Run()
    {
        LogLine.Prepare();
        long before = GC.GetAllocatedBytesForCurrentThread();
        while (!_mailbox.Closed)
        {
            Turn();
            Counters.Set(KernelCounter.KernelAllocatedBytes, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        ReadMailbox();
        _endLimit = _now + EndLimit;
        while ((_reconciler.MovementOpen > 0 || _reconciler.HasWork) && _now < _endLimit)
        {
            Turn();
        }
    }

    /// <summary>Waits for something to do, and does a bounded part of it.</summary>
    internal void Turn()
    {
        _health.KernelBusySince = Instant.Never;
        if (!_reconciler.HasWork)
        {
            Wait();
        }

        _now = MonotonicClock.Now;
        _health.KernelBusySince = _now;
        ReadNotifications();
        ReadMailbox();
        CompareWhatIsDue();
        TellOfTracked();
        Work();
        Report();
        TellOfChanges();
    }

    private void Wait()
    {
        _timer.Set(NextDeadline());
        int count = _poll.Wait(_ready, -1);
        for (int i = 0; i < count; i++)
        {
            switch (_ready[i].Tag)
            {
                case WakeupTag:
                    _mailbox.Wakeup.Acknowledge();
                    break;
                case TimerTag:
                    _timer.Acknowledge();
                    break;
            }
        }
    }

    void IRouteObserver.ObserveLink(in LinkMessage link)
    {
        int index = _settings.InterfacePattern.TryMatch(link.Name, out Vni vni) ? _settings.Vnis.IndexOf(vni) : -1;
        _reconciler.ObserveLink(link.State, index, _now);
        _tracked.ObserveLink(link.Name, link.State);
    }

    void IRouteObserver.ObserveLinkGone(int ifindex)
    {
        _reconciler.ObserveLinkGone(ifindex, _now);
        _tracked.ObserveLinkGone(ifindex);
    }

    void IRouteObserver.ObservePort(in LinkMessage port) =>
        _reconciler.ObservePort(port.State.Ifindex, port.State.LowerIfindex, port.Learning, _now);

    void IRouteObserver.ObserveAddress(in AddressMessage address, bool present) =>
        _reconciler.ObserveAddress(address.Ifindex, address.Address, present, _now);

    void IRouteObserver.ObserveUnreadable(WireError error)
    {
        Counters.Add(KernelCounter.NotificationsUnreadable);
        Log.NotificationUnreadable(_logger, error.ToString());
    }

    private Instant NextDeadline()
    {
        Instant next = Instant.Min(
            Instant.Min(_reconciler.Deadline, _nextCompare), Instant.Min(_problemsDue, _endLimit));
        next = Instant.Min(next, _sweep.NextDue(_swept));
        next = _reconciler.HasRepairs ? Instant.Min(next, _repairsDue) : next;
        return Instant.Min(next, _leaseEnded ? _leaseRetry : _mailbox.LeaseEnds);
    }

    private void ReadMailbox()
    {
        // Before the edition: what is asked for of a newer one than is read here is still to be seen then.
        int yields = _mailbox.Yields;
        if (_mailbox.Latest is { } latest && latest != _edition)
        {
            Change(latest);
        }

        _edition.Read(_wanted);
        bool ended = _mailbox.Closed || _now >= _mailbox.LeaseEnds;
        _leaseRetry = Instant.Never;
        if (ended && _wanted.Count > 0)
        {
            if (!_leaseEnded && !_mailbox.Closed)
            {
                Log.LeaseEnded(_logger);
            }

            // It may be renewed without a wake-up.
            _leaseRetry = _now + LeaseRetry;
            _wanted.Clear();
        }

        Instant decided = ended == _leaseEnded ? _mailbox.Decided : _now;
        _leaseEnded = ended;
        _reconciler.SetWanted(_wanted.Words, decided, _now);
        if (_yieldsSeen != yields)
        {
            _yieldsSeen = yields;
            _edition.ReadYielding(_yielding);
            _reconciler.Yield(_yielding, _settings.Timing.HandoverLead, _now);
        }

        if (_announcementsSeen != _mailbox.Announcements)
        {
            _announcementsSeen = _mailbox.Announcements;
            _reconciler.AnnounceOwned(_now);
        }
    }

    /// <summary>Goes by other settings. Nothing is done to interfaces of VNIs that stay.</summary>
    private void Change(OwnershipMailbox.Edition edition)
    {
        Settings before = _settings;
        Settings settings = edition.Settings;
        int[] newIndexes = settings.Vnis.FindIndexesOf(before.Vnis);
        LetGoOfRemoved(edition, newIndexes);
        _edition = edition;
        _operations = OperationsOf(settings.Announce);
        if (settings.Vnis != before.Vnis || settings.ArpInterval != before.ArpInterval)
        {
            _reconciler = new InterfaceReconciler(settings.Vnis.Count, settings.ArpInterval, _now, _reconciler, newIndexes);
            Size(settings.Vnis);
        }

        bool tracksOthers = !settings.TrackInterface.AsSpan().SequenceEqual(before.TrackInterface);
        if (tracksOthers)
        {
            _tracked = new TrackedInterfaces(settings.TrackInterface);
        }

        _changesTold = -1;
        Volatile.Write(ref _settings, settings);
        if (tracksOthers || settings.Vnis != before.Vnis || settings.Timing.HandoverLead > before.Timing.HandoverLead)
        {
            CompareEverything();
        }
    }

    /// <summary>
    /// What this gateway is no longer to know of is held down first, however long that takes: nobody else would do it. Meanwhile
    /// nothing new is taken, but what is lost of the VNIs that stay is let go of, and what comes up is announced.
    /// </summary>
    private void LetGoOfRemoved(OwnershipMailbox.Edition edition, ReadOnlySpan<int> newIndexes)
    {
        var kept = new VniBitmap(edition.Settings.Vnis.Count);
        do
        {
            _now = MonotonicClock.Now;
            _health.KernelBusySince = _now;
            ReadNotifications();
            edition.Read(kept);
            bool ended = _mailbox.Closed || _now >= _mailbox.LeaseEnds;
            for (int index = 0; index < newIndexes.Length; index++)
            {
                _wanted[index] &= !ended && newIndexes[index] >= 0 && kept[newIndexes[index]];
            }

            _reconciler.SetWanted(_wanted.Words, _now, _now);
            Work();
        }
        while (_reconciler.HasWork);

        for (int index = 0; index < newIndexes.Length; index++)
        {
            if (newIndexes[index] < 0 && _reconciler.GetStatus(index).Problem is not (InterfaceProblem.None or InterfaceProblem.Missing))
            {
                Log.FenceFailed(_logger, $"VNI {_settings.Vnis[index]} is removed: "
                    + $"{_settings.InterfacePattern.NameOf(_settings.Vnis[index])} can't be held down");
            }
        }
    }

    /// <summary>Makes what has a place for each VNI, but for the reconciler.</summary>
    [MemberNotNull(nameof(_view), nameof(_wanted), nameof(_yielding), nameof(_problems), nameof(_sweep), nameof(_swept))]
    private void Size(VniSet vnis)
    {
        _wanted = new VniBitmap(vnis.Count);
        _yielding = new VniBitmap(vnis.Count);
        _problems = new ProblemReport(vnis, _settings.InterfacePattern);
        _sweep = new PeriodicCursor(vnis.Count, _compareInterval, _now);
        _swept = new VniBitmap(vnis.Count);
        for (int index = 0; index < vnis.Count; index++)
        {
            _swept[index] = true;
        }

        Volatile.Write(ref _view, new KernelView(vnis, _reconciler));
    }

    private static ArpOperation[] OperationsOf(AnnounceKinds kinds) => kinds switch
    {
        AnnounceKinds.Reply => [ArpOperation.Reply],
        AnnounceKinds.Request => [ArpOperation.Request],
        _ => [ArpOperation.Reply, ArpOperation.Request],
    };

    private void ReadNotifications()
    {
        for (int i = 0; i < NotificationsPerTurn; i++)
        {
            ReadOnlySpan<byte> received = _notifications.Receive(_received, out int errno);
            if (errno == Errno.ENOBUFS)
            {
                Counters.Add(KernelCounter.NotificationsLost);
                _lost = true;
            }
            else if (errno != 0)
            {
                // The kernel drops all until the queue is empty, and what was queued is older than a dump: dump now, not before.
                CompareWhatWasLost();
                return;
            }

            var reader = new NetlinkReader(received);
            while (reader.TryRead(out NetlinkMessage message))
            {
                RouteClient.Dispatch(message, this);
            }
        }
    }

    private void CompareWhatWasLost()
    {
        if (_lost)
        {
            _lost = false;
            Log.NotificationsLost(_logger);
            CompareEverything();

            // What went down and came up again unseen has been forgotten by its bridge.
            _reconciler.AnnounceOwned(_now);
        }
    }

    private void CompareWhatIsDue()
    {
        bool due = _now >= _nextCompare && !_reconciler.HasWork;

        // Also before a problem is told of: a notification that never came (a rename brings no addresses) is none.
        bool everything = (due && _incomplete) || ((due || _now >= _problemsDue) && _reconciler.ProblemCount > 0);
        if (due || everything)
        {
            Compare(everything);
        }
    }

    private void CompareEverything() => Compare(everything: true);

    private void Compare(bool everything)
    {
        _nextCompare = _now + _compareInterval;
        _incomplete = false;
        try
        {
            if (everything)
            {
                DumpEverything();
            }
            else
            {
                DumpRest();
            }
        }
        catch (SystemCallException error)
        {
            Log.DumpFailed(_logger, error.Message);
            CompareAgainSoon();
        }
    }

    private void DumpEverything()
    {
        Counters.Add(KernelCounter.Dumps);
        _reconciler.BeginDump();
        _tracked.BeginDump();
        _client.Dump(this);
        _reconciler.EndDump(_now);
        _tracked.EndDump();
        if (_settings.Timing.HandoverLead > TimeSpan.Zero)
        {
            _client.DumpPorts(this);
        }
    }

    /// <summary>What the sweep leaves out.</summary>
    private void DumpRest()
    {
        _reconciler.BeginAddressDump();
        _client.DumpAddresses(this);
        _reconciler.EndAddressDump(_now);
        if (_reconciler.HasPortsLeftOff)
        {
            _client.DumpPorts(this);
        }

        for (int at = 0; at < _tracked.Count; at++)
        {
            if (_tracked.GetIfindex(at) is int ifindex and not 0)
            {
                Execute([new KernelCommand(KernelCommandKind.QueryLink, 0, ifindex)]);
            }
        }
    }

    private void CompareAgainSoon()
    {
        _incomplete = true;
        _nextCompare = _now + ProblemDelay;
    }

    private void TellOfTracked()
    {
        if (_tracked.Changed)
        {
            _tracked.Changed = false;
            _health.TrackedInterface = _tracked.Describe();
        }
    }

    private void Work()
    {
        int announcements = 0;
        int requests = 0;
        while (requests < _batchSize && announcements < _batch.Length
            && _reconciler.TryTakeCommand(_now, out KernelCommand command))
        {
            if (command.Kind == KernelCommandKind.Announce)
            {
                Announce(command);
                announcements++;
            }
            else
            {
                _batch[requests++] = command;
            }
        }

        SendAnnouncements();
        if (requests == 0)
        {
            requests = TakeSweep();
        }

        if (requests > 0)
        {
            Execute(_batch.AsSpan(0, requests));
        }
    }

    /// <summary>Gives the links that are to be compared now: interfaces, and the lower devices of those that are served.</summary>
    private int TakeSweep()
    {
        int requests = 0;
        while (requests + 2 <= _batch.Length && _sweep.TryTake(_now, _swept, out int index))
        {
            InterfaceStatus status = _reconciler.GetStatus(index);
            Query(status.Ifindex);
            Query(status.Wanted ? _reconciler.GetLowerIfindex(index) : 0);

            void Query(int ifindex)
            {
                if (ifindex != 0)
                {
                    _batch[requests++] = new KernelCommand(KernelCommandKind.QueryLink, index, ifindex);
                }
            }
        }

        return requests;
    }

    private void Announce(in KernelCommand command)
    {
        ulong hardwareAddress = _reconciler.GetHardwareAddress(command.Index);
        bool any = false;
        foreach (Ipv4Address address in _reconciler.Addresses.Of(command.Index))
        {
            foreach (ArpOperation operation in _operations)
            {
                if (_packets.Count == PacketSocket.Capacity)
                {
                    SendAnnouncements();
                }

                any = true;
                _announced[_packets.Count] = (command, IsLast: false);
                _packets.AddAnnouncement(command.Ifindex, operation, hardwareAddress, address);
            }
        }

        if (any)
        {
            _announced[_packets.Count - 1] = (command, IsLast: true);
        }
    }

    /// <summary>Sends what was gathered, and completes each command with its last frame, or with one that failed.</summary>
    private void SendAnnouncements()
    {
        int frame = 0;
        while (frame < _packets.Count)
        {
            int sent = _packets.Send(frame, out int errno);
            Counters.Add(KernelCounter.AnnouncementsSent, sent);
            for (int end = frame + sent; frame < end; frame++)
            {
                (KernelCommand command, bool isLast) = _announced[frame];
                if (isLast)
                {
                    _reconciler.CompleteAnnouncement(command, 0, _now);
                    if (_logger.IsEnabled(LogLevel.Debug))
                    {
                        Log.Announced(_logger, _settings.Vnis[command.Index]);
                    }
                }
            }

            if (errno != 0)
            {
                Counters.Add(KernelCounter.AnnouncementsNotSent);
                KernelCommand failed = _announced[frame].Command;
                _reconciler.CompleteAnnouncement(failed, errno, _now);
                while (frame < _packets.Count && _announced[frame].Command == failed)
                {
                    frame++;
                }
            }
        }

        _packets.Clear();
    }

    private void Execute(ReadOnlySpan<KernelCommand> commands)
    {
        Instant start = MonotonicClock.Now;
        ReadOnlySpan<int> results = _client.Execute(commands, this);
        _now = MonotonicClock.Now;
        if (commands[^1].Kind != KernelCommandKind.QueryLink)
        {
            // Changes come after queries, and are what takes time: a few microseconds each, or more than a millisecond.
            _batchSize = (int)Math.Clamp(commands.Length * (BatchTime / (_now - start)), 2, RouteClient.BatchSize);
        }

        for (int i = 0; i < commands.Length; i++)
        {
            Complete(commands[i], results[i], _client.GetErrorText(i));
        }
    }

    private void Complete(in KernelCommand command, int errno, string? text)
    {
        if (command.Kind == KernelCommandKind.QueryLink)
        {
            if (errno == Errno.ENODEV)
            {
                ((IRouteObserver)this).ObserveLinkGone(command.Ifindex);
            }
            else if (errno != 0)
            {
                CompareAgainSoon();
            }

            return;
        }

        if (command.Kind is KernelCommandKind.SetLearning or KernelCommandKind.ClearLearning)
        {
            // Where there is no such bridge the handover is as if nothing was yielded.
            if (command.Kind == KernelCommandKind.SetLearning)
            {
                _reconciler.CompleteLearning(command, errno, _now);
            }

            return;
        }

        bool set = command.Kind == KernelCommandKind.SetProtodown;
        InterfaceStatus before = _reconciler.GetStatus(command.Index);
        KernelResult result = errno switch
        {
            0 => KernelResult.Done,
            Errno.ENODEV => KernelResult.Gone,
            Errno.EBUSY => KernelResult.Blocked,
            _ => KernelResult.Refused,
        };
        _reconciler.CompleteProtodown(command, result, errno, _now);
        if (result == KernelResult.Done)
        {
            Counters.Add(set ? KernelCounter.ProtodownSet : KernelCounter.ProtodownCleared);
            if (_logger.IsEnabled(LogLevel.Debug))
            {
                Log.ProtodownChanged(_logger, _settings.Vnis[command.Index], set ? "on" : "off");
            }
        }
        else if (result != KernelResult.Gone)
        {
            Counters.Add(KernelCounter.ProtodownRefused);
            if (before.Errno != errno)
            {
                string detail = text is null ? "" : $": {text}";
                Log.ProtodownRefused(_logger, _settings.Vnis[command.Index], set ? "on" : "off",
                    SystemCallException.Describe(errno) + detail);
            }
        }
    }

    private void Report()
    {
        if (_reconciler.TryTakeMovement(_now, out Movement movement))
        {
            Volatile.Write(ref _lastMovementTicks, movement.Duration.Ticks);
            bool told = _movements.Allows(_now);
            if (told && movement.Failed == 0)
            {
                Log.Moved(_logger, movement.Taken, movement.Released, movement.Duration.TotalMilliseconds);
            }
            else if (told)
            {
                Log.MovedWithProblems(
                    _logger, movement.Taken, movement.Released, movement.Duration.TotalMilliseconds, movement.Failed);
            }
        }

        // At once the first time; those that follow within a second are gathered.
        if (_reconciler.HasRepairs && _now >= _repairsDue)
        {
            _repairsDue = _now + ProblemDelay;
            Counters.Add(KernelCounter.Repairs, _reconciler.Repaired.Count);
            Log.Repaired(_logger, _problems.Describe(_reconciler.Repaired));
            _reconciler.ForgetRepairs();
        }

        // What is being taken up is not operational for a moment: that is no problem yet.
        if (_reconciler.ProblemsChanged && (_problemsDue == Instant.Never || _reconciler.MovementOpen > 0))
        {
            _problemsDue = _now + ProblemDelay;
        }

        if (_now >= _problemsDue)
        {
            _problemsDue = Instant.Never;
            _reconciler.ProblemsChanged = false;
            if (_reconciler.ProblemCount > 0 || _problems.Any)
            {
                ReportProblems();
            }
        }
    }

    /// <summary>What has changed is published already, for each VNI.</summary>
    private void TellOfChanges()
    {
        if (_changesTold != _reconciler.ChangeCount)
        {
            _changesTold = _reconciler.ChangeCount;
            Counters.Set(KernelCounter.Takeovers, _reconciler.TakeoverCount);
            Counters.Set(KernelCounter.Releases, _reconciler.ReleaseCount);
            Events?.Signal();
        }
    }

    private void ReportProblems()
    {
        bool had = _problems.Any;
        foreach ((string vnis, string problem) in _problems.FindNew(
            index => _reconciler.GetStatus(index), index => _reconciler.GetProtodownReasons(index)))
        {
            Log.Problem(_logger, vnis, problem);
        }

        if (had && !_problems.Any)
        {
            Log.NoProblem(_logger);
        }
    }
}
