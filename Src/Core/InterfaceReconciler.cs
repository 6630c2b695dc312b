using System;
using System.Threading;

namespace Wmgwd2.Core;

/// <summary>
/// Compares, for every VNI, what this gateway wants with what the kernel shows, and says what to do about the difference.
/// Level-triggered: each observation, from whatever cause, leads to the same comparison; there is no history to lose.
/// Synchronous, without a socket, clock or thread of its own.
/// </summary>
/// <remarks>
/// <code>
/// wanted  the kernel shows                                   then
/// no      protodown on and no carrier                        nothing: it is quiet
/// no      protodown off, or a carrier whatever the flag      SetProtodown (a flapping lower device brings a carrier back)
/// yes     protodown on                                       ClearProtodown
/// yes     protodown off, not operational                     wait for it, say what it lacks
/// yes     operational, lower device too, an address          Announce, and again after 40 and 80 ms, 1.1 and 2.2 s
/// any     no such interface                                  wait for it, say so
/// </code>
/// Invariants. Nothing is announced that isn't wanted and shown operational with its lower device. Each command that was
/// taken is answered by a Complete method; a query by an observation, that the link is gone when there was an error. A refused
/// command is repeated after a time that doubles; it holds up no other VNI.
/// Commands are taken one by one: first announcements, queries, what bridges are to forget, releases, take-overs, and only then
/// the repeats of announcements and what bridges are to learn again. So what has come up is announced while the rest is still
/// being set, and nobody answers for two while there is much to do.
/// </remarks>
public sealed partial class InterfaceReconciler
{
    /// <summary>Linux stations ignore a second ARP update within a second (locktime): the repeats come after it.</summary>
    public static readonly TimeSpan RepeatDelay = TimeSpan.FromMilliseconds(1100);

    /// <summary>
    /// A frame that the gateway before sent with its last breath can undo the first announcement: until it is repeated the own
    /// bridge has the MAC at the VXLAN device, and drops what comes from there.
    /// </summary>
    public static readonly TimeSpan EchoDelay = TimeSpan.FromMilliseconds(40);

    /// <summary>How much longer than the lead what is yielded waits for who takes it up.</summary>
    public static readonly TimeSpan YieldMargin = TimeSpan.FromMilliseconds(500);

    /// <summary>How many echoes the first announcement of a burst has.</summary>
    public const int EchoCount = 2;

    /// <summary>How many times a burst announces but for its echoes: at once, and twice more.</summary>
    public const int BurstLength = 3;

    /// <summary>The shortest time before a refused command is repeated; it doubles up to 2^6 times that.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>After this long a movement is reported though something is still under way.</summary>
    public static readonly TimeSpan MovementLimit = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many interfaces may be on their way up at once. The kernel brings carriers up in a work queue of at most 200 a run, and
    /// what is left over then may wait for a second (net/core/link_watch.c): so no more are given to it than it takes at once.
    /// </summary>
    public const int RisingLimit = 128;

    /// <summary>
    /// What isn't shown operational that long after it was let go up, or its lower device came back, is asked for; newer kernels
    /// bring it up then.
    /// </summary>
    public static readonly TimeSpan RisingPatience = TimeSpan.FromMilliseconds(20);

    private const int MaximumBackoff = 6;

    private static readonly Instant LongAgo = new(long.MinValue / 2);

    private readonly VniBitmap _wanted;
    private readonly int[] _ifindex;
    private readonly int[] _lowerIfindex;
    private readonly LinkConditions[] _conditions;
    private readonly LowerState[] _lowerState;
    private readonly ulong[] _hardwareAddress;
    private readonly uint[] _reasons;
    private readonly Marks[] _marks;
    private readonly byte[] _burst;
    private readonly byte[] _failures;
    private readonly byte[] _retriesToSkip;
    private readonly InterfaceProblem[] _failure;
    private readonly ushort[] _errno;
    private readonly Instant[] _lastRelease;
    private readonly ulong[] _status;
    private readonly long[] _since;
    private readonly long[] _announcedAt;
    private readonly InterfaceAddresses _addresses;
    private readonly DelayQueue _toAnnounce;
    private readonly DelayQueue _toRelease;
    private readonly DelayQueue _toTake;
    private readonly DelayQueue _rising;
    private readonly DelayQueue _toQuery;
    private readonly BridgePorts _ports;
    private readonly DelayQueue _echoes;
    private readonly byte[] _echoesLeft;
    private readonly DelayQueue _repeats;
    private readonly DelayQueue _retries;
    private readonly VniBitmap _repaired;
    private readonly PeriodicCursor _periodic;
    private Instant _announceOwnedAt = Instant.Never;
    private Instant _announceOwnedNotBefore = new(long.MinValue);
    private Instant _movementStart;
    private int _movementOpen;
    private int _taken;
    private int _released;
    private int _failed;

    /// <summary>Nothing is wanted and nothing has been seen.</summary>
    /// <param name="count">How many VNIs there are.</param>
    /// <param name="announcementInterval">From one periodic announcement of a VNI to its next.</param>
    /// <param name="now">The instant.</param>
    public InterfaceReconciler(int count, TimeSpan announcementInterval, Instant now)
    {
        Count = count;
        ProblemCount = count;
        _wanted = new VniBitmap(count);
        _ifindex = new int[count];
        _lowerIfindex = new int[count];
        _conditions = new LinkConditions[count];
        _lowerState = new LowerState[count];
        _hardwareAddress = new ulong[count];
        _reasons = new uint[count];
        _marks = new Marks[count];
        _burst = new byte[count];
        _failures = new byte[count];
        _retriesToSkip = new byte[count];
        _failure = new InterfaceProblem[count];
        _errno = new ushort[count];
        _lastRelease = new Instant[count];
        _lastRelease.AsSpan().Fill(LongAgo);
        _status = new ulong[count];
        _status.AsSpan().Fill(new InterfaceStatus(0, false, false, false, false, 0, InterfaceProblem.Missing).Packed);
        _since = new long[count];
        _since.AsSpan().Fill(now.Nanoseconds);
        _announcedAt = new long[count];
        _announcedAt.AsSpan().Fill(Instant.Never.Nanoseconds);
        _addresses = new InterfaceAddresses(count);
        _toAnnounce = new DelayQueue(count);
        _toRelease = new DelayQueue(count);
        _toTake = new DelayQueue(count);
        _rising = new DelayQueue(count);
        _toQuery = new DelayQueue(count);
        _ports = new BridgePorts(count);
        _echoes = new DelayQueue(count);
        _echoesLeft = new byte[count];
        _repeats = new DelayQueue(count);
        _retries = new DelayQueue(count);
        _repaired = new VniBitmap(count);
        _periodic = new PeriodicCursor(count, announcementInterval, now);
    }

    private enum LowerState : byte
    {
        /// <summary>Asked for, not seen yet.</summary>
        Unknown,

        /// <summary>Shown, not operational.</summary>
        Down,

        /// <summary>Shown operational; or there is none to be seen from here.</summary>
        Up,
    }

    [Flags]
    private enum Marks : byte
    {
        None = 0,

        /// <summary>Announced since it became operational.</summary>
        Announced = 1,

        /// <summary>A protodown command was taken and is not completed.</summary>
        Pending = 2,

        /// <summary>Part of the movement under way.</summary>
        Moving = 4,

        /// <summary>Not wanted, and shown to be down: whatever brings it up now was somebody else.</summary>
        Quiet = 8,

        /// <summary>Shown since the latest dump began.</summary>
        Dumped = 16,

        /// <summary>The announcement that was taken last is an echo.</summary>
        Echoed = 32,
    }

    /// <summary>How many VNIs there are.</summary>
    public int Count { get; }

    /// <summary>Whether any problem has come, gone or changed; whoever reads it clears it.</summary>
    public bool ProblemsChanged { get; set; } = true;

    /// <summary>How many VNIs have a problem.</summary>
    public int ProblemCount { get; private set; }

    /// <summary>Whether there are <see cref="Repaired"/> VNIs.</summary>
    public bool HasRepairs { get; private set; }

    /// <summary>VNIs that somebody brought up though they are not owned, since <see cref="ForgetRepairs"/>.</summary>
    public VniBitmap Repaired => _repaired;

    /// <summary>Whether <see cref="TryTakeCommand"/> would give a command without any time passing.</summary>
    public bool HasWork => !_toAnnounce.IsEmpty || !_toRelease.IsEmpty || CanTake || !_toQuery.IsEmpty || _ports.HasWork;

    private bool CanTake => !_toTake.IsEmpty && _rising.Count < RisingLimit;

    /// <summary>How many VNIs that moved are not where they belong yet.</summary>
    public int MovementOpen => _movementOpen;

    /// <summary>When <see cref="TryTakeCommand"/> will have something, if nothing is observed before.</summary>
    public Instant Deadline
    {
        get
        {
            Instant next = Instant.Min(Instant.Min(_repeats.NextDue, _retries.NextDue), _periodic.NextDue(_wanted));
            next = Instant.Min(next, Instant.Min(_announceOwnedAt, Instant.Min(_ports.Deadline, _echoes.NextDue)));
            next = Instant.Min(next, _rising.NextDue);
            return _movementOpen > 0 ? Instant.Min(next, _movementStart + MovementLimit) : next;
        }
    }

    /// <summary>How many changes there were that operators are told of, of all VNIs together.</summary>
    public long ChangeCount { get; private set; }

    /// <summary>How many VNIs were served for the first time since they were wanted.</summary>
    public long TakeoverCount { get; private set; }

    /// <summary>How many VNIs that were served were down again because they were not wanted any more.</summary>
    public long ReleaseCount { get; private set; }

    /// <summary>What the kernel showed for a VNI. May be called from another thread.</summary>
    public InterfaceStatus GetStatus(int index) => new(Volatile.Read(ref _status[index]));

    /// <summary>Since when it stands with a VNI as it does (<see cref="InterfaceStatus.Condition"/>). From any thread.</summary>
    public Instant GetSince(int index) => new(Volatile.Read(ref _since[index]));

    /// <summary>When a VNI was announced last; never, if it wasn't. May be called from another thread.</summary>
    public Instant GetAnnouncedAt(int index) => new(Volatile.Read(ref _announcedAt[index]));

    /// <summary>Who holds the interface of a VNI down, a bit for each. May be called from another thread.</summary>
    public uint GetProtodownReasons(int index) => Volatile.Read(ref _reasons[index]);

    /// <summary>The MAC address of a VNI's interface, the first byte on the wire being the highest of 48 bits.</summary>
    public ulong GetHardwareAddress(int index) => _hardwareAddress[index];

    /// <summary>The lower device of a VNI's interface; 0 when it has none that is to be seen from here.</summary>
    public int GetLowerIfindex(int index) => _lowerIfindex[index];

    /// <summary>Whether there are ports that a bridge could not be told to learn from: they are to be shown again.</summary>
    public bool HasPortsLeftOff => _ports.AnyLeftOff;

    /// <summary>The IPv4 addresses of a VNI's interface.</summary>
    public InterfaceAddresses Addresses => _addresses;

    /// <summary>The VNIs that this gateway is to serve, all of them.</summary>
    /// <param name="wanted">A bit for each, as <see cref="VniBitmap.Words"/> has them.</param>
    /// <param name="decided">When that was decided.</param>
    /// <param name="now">The instant.</param>
    public void SetWanted(ReadOnlySpan<ulong> wanted, Instant decided, Instant now)
    {
        Span<ulong> current = _wanted.Words;
        for (int word = 0; word < current.Length; word++)
        {
            ulong changed = current[word] ^ wanted[word];
            current[word] = wanted[word];
            for (; changed != 0; changed &= changed - 1)
            {
                int index = (word << 6) + System.Numerics.BitOperations.TrailingZeroCount(changed);
                StartMoving(index, decided);
                ForgetFailure(index);
                _lastRelease[index] = LongAgo;
                Compare(index, now);
            }
        }
    }

    /// <summary>
    /// Has EVPN withdraw the MACs of VNIs that another gateway takes up in a moment: a MAC without a route is flooded to all
    /// gateways, so it makes no difference to stations who serves it. For want of a taker it is undone.
    /// </summary>
    /// <param name="yielding">The VNIs.</param>
    /// <param name="lead">After how long they are to be taken up.</param>
    /// <param name="now">The instant.</param>
    public void Yield(VniBitmap yielding, TimeSpan lead, Instant now)
    {
        for (int index = yielding.NextSet(0); index >= 0; index = yielding.NextSet(index + 1))
        {
            if (_wanted[index])
            {
                _ports.Yield(index, lead + YieldMargin, now);
            }
        }
    }

    /// <summary>Empties <see cref="Repaired"/>.</summary>
    public void ForgetRepairs()
    {
        _repaired.Clear();
        HasRepairs = false;
    }

    /// <summary>
    /// Announces every VNI that is wanted and was announced before, as if it were new. Asked for again within
    /// <see cref="RepeatDelay"/> it does so once, after that; so that a flood of uids makes no flood of announcements.
    /// </summary>
    public void AnnounceOwned(Instant now)
    {
        if (now < _announceOwnedNotBefore)
        {
            _announceOwnedAt = _announceOwnedNotBefore;
            return;
        }

        _announceOwnedAt = Instant.Never;
        _announceOwnedNotBefore = now + RepeatDelay;
        for (int index = _wanted.NextSet(0); index >= 0; index = _wanted.NextSet(index + 1))
        {
            if (_marks[index].HasFlag(Marks.Announced))
            {
                StartBurst(index, now);
            }
        }
    }

    /// <summary>The kernel showed a link.</summary>
    /// <param name="link">The link.</param>
    /// <param name="index">The index of the VNI whose interface its name says it is; -1 for any other link.</param>
    /// <param name="now">The instant.</param>
    public void ObserveLink(in LinkState link, int index, Instant now)
    {
        int before = Find(link.Ifindex);
        if (before >= 0 && before != index)
        {
            // It has been given another name.
            SetMissing(before, now);
        }

        ObserveLower(link.Ifindex, link.Operational ? LowerState.Up : LowerState.Down, link.LowerIfindex, now);
        if (index < 0)
        {
            return;
        }

        if (_ifindex[index] != link.Ifindex)
        {
            SetMissing(index, now);
            _ifindex[index] = link.Ifindex;
        }

        if (_lowerIfindex[index] != link.LowerIfindex)
        {
            SetLower(index, link.LowerIfindex, now);
        }

        _marks[index] |= Marks.Dumped;
        _conditions[index] = link.Conditions;
        if (_reasons[index] != link.ProtodownReasons)
        {
            Volatile.Write(ref _reasons[index], link.ProtodownReasons);
            ForgetFailure(index);
        }

        if (_hardwareAddress[index] != link.HardwareAddress)
        {
            _hardwareAddress[index] = link.HardwareAddress;
            _marks[index] &= ~Marks.Announced;
        }

        if (_marks[index].HasFlag(Marks.Quiet) && !IsQuiet(index) && !_wanted[index])
        {
            _repaired[index] = true;
            HasRepairs = true;
        }

        Compare(index, now);
        if (!_wanted[index] && IsQuiet(index))
        {
            // Shown, not acknowledged: what was notified before the acknowledgement is still to be read then.
            _marks[index] |= Marks.Quiet;
        }
    }

    /// <summary>The kernel showed a port of a bridge.</summary>
    /// <param name="port">The port.</param>
    /// <param name="otherEnd">The link that it names: a veth its other end.</param>
    /// <param name="learning">Whether the bridge learns from it.</param>
    /// <param name="now">The instant.</param>
    public void ObservePort(int port, int otherEnd, bool learning, Instant now)
    {
        for (int index = NextOn(otherEnd, 0); index >= 0; index = NextOn(otherEnd, index + 1))
        {
            _ports.ObservePort(index, port, learning, now);
        }
    }

    /// <summary>The kernel showed that a link is gone, from this namespace at least.</summary>
    public void ObserveLinkGone(int ifindex, Instant now)
    {
        int index = Find(ifindex);
        if (index >= 0)
        {
            SetMissing(index, now);
        }

        ObserveLower(ifindex, LowerState.Down, otherEnd: 0, now);
    }

    /// <summary>The kernel showed that a link has an IPv4 address, or has it no longer.</summary>
    public void ObserveAddress(int ifindex, Ipv4Address address, bool present, Instant now)
    {
        int index = Find(ifindex);
        if (index < 0)
        {
            return;
        }

        if (present)
        {
            if (_addresses.Add(index, address))
            {
                _marks[index] &= ~Marks.Announced;
            }
        }
        else
        {
            _addresses.Remove(index, address);
        }

        Compare(index, now);
    }

    /// <summary>All links and all addresses are about to be observed. A dump before this one may have been broken off.</summary>
    public void BeginDump()
    {
        foreach (ref Marks marks in _marks.AsSpan())
        {
            marks &= ~Marks.Dumped;
        }

        BeginAddressDump();
    }

    /// <summary>All links and all addresses have been observed: what was not among them is gone.</summary>
    public void EndDump(Instant now)
    {
        for (int index = 0; index < Count; index++)
        {
            if (_ifindex[index] != 0 && !_marks[index].HasFlag(Marks.Dumped))
            {
                SetMissing(index, now);
            }
        }

        EndAddressDump(now);
    }

    /// <summary>All addresses are about to be observed.</summary>
    public void BeginAddressDump() => _addresses.BeginDump();

    /// <summary>All addresses have been observed: what was not among them is gone.</summary>
    public void EndAddressDump(Instant now)
    {
        for (int index = 0; index < Count; index++)
        {
            if (_addresses.EndDump(index))
            {
                Compare(index, now);
            }
        }
    }

    /// <summary>Gives the next thing to do, if there is one.</summary>
    /// <param name="now">The instant.</param>
    /// <param name="command">What to do; it must be completed.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryTakeCommand(Instant now, out KernelCommand command)
    {
        while (_retries.TryTake(now, out int retry))
        {
            if (_retriesToSkip[retry] > 0)
            {
                _retriesToSkip[retry]--;
                _retries.Append(retry, now + RetryDelay);
            }
            else
            {
                Compare(retry, now);
            }
        }

        if (now >= _announceOwnedAt)
        {
            AnnounceOwned(now);
        }

        if (_toAnnounce.TryTake(now, out int index))
        {
            command = new KernelCommand(KernelCommandKind.Announce, index, _ifindex[index]);
            return true;
        }

        if (_rising.TryTake(now, out index))
        {
            command = new KernelCommand(KernelCommandKind.QueryLink, index, _ifindex[index]);
            return true;
        }

        if (_toQuery.TryTake(now, out index))
        {
            command = new KernelCommand(KernelCommandKind.QueryLink, index, _lowerIfindex[index]);
            return true;
        }

        if (_ports.TryTakeForget(now, out command))
        {
            return true;
        }

        if (_toRelease.TryTake(now, out index))
        {
            _marks[index] |= Marks.Pending;
            _lastRelease[index] = now;
            command = new KernelCommand(KernelCommandKind.SetProtodown, index, _ifindex[index]);
            return true;
        }

        if (CanTake && _toTake.TryTake(now, out index))
        {
            _marks[index] |= Marks.Pending;
            command = new KernelCommand(KernelCommandKind.ClearProtodown, index, _ifindex[index]);
            return true;
        }

        if (TryTakeEcho(now, out index) || _repeats.TryTake(now, out index) || TryTakePeriodic(now, out index))
        {
            command = new KernelCommand(KernelCommandKind.Announce, index, _ifindex[index]);
            return true;
        }

        return _ports.TryTakeLearn(now, out command);
    }

    /// <summary>The kernel answered a SetProtodown or ClearProtodown.</summary>
    public void CompleteProtodown(in KernelCommand command, KernelResult result, int errno, Instant now)
    {
        int index = command.Index;
        _marks[index] &= ~Marks.Pending;
        if (_ifindex[index] != command.Ifindex)
        {
            return;
        }

        switch (result)
        {
            case KernelResult.Done when command.Kind == KernelCommandKind.SetProtodown:
                // Taking the carrier away is part of the command; giving it back comes later, with a notification.
                _conditions[index] |= LinkConditions.Protodown;
                _conditions[index] &= ~(LinkConditions.LowerUp | LinkConditions.OperationallyUp);
                ForgetFailure(index);
                _ports.EndYield(index, now);
                break;
            case KernelResult.Done:
                _conditions[index] &= ~LinkConditions.Protodown;
                ForgetFailure(index);
                break;
            case KernelResult.Gone:
                SetMissing(index, now);
                return;
            default:
                Fail(index, result == KernelResult.Blocked ? InterfaceProblem.Blocked : InterfaceProblem.Refused, errno, now);
                break;
        }

        Compare(index, now);
    }


    /// <summary>The kernel answered a SetLearning.</summary>
    public void CompleteLearning(in KernelCommand command, int errno, Instant now)
    {
        if (errno != 0)
        {
            _ports.FailLearning(command.Index);
        }
        else if (_wanted[command.Index] && _marks[command.Index].HasFlag(Marks.Announced))
        {
            // Nobody took it: the bridge has to learn it again.
            StartBurst(command.Index, now);
        }
    }

    /// <summary>An announcement was sent, or could not be.</summary>
    public void CompleteAnnouncement(in KernelCommand command, int errno, Instant now)
    {
        int index = command.Index;
        if (errno != 0)
        {
            _marks[index] &= ~(Marks.Announced | Marks.Echoed);
            Fail(index, InterfaceProblem.NotAnnounced, errno, now);
            Compare(index, now);
            return;
        }

        Volatile.Write(ref _announcedAt[index], now.Nanoseconds);
        if (_marks[index].HasFlag(Marks.Echoed))
        {
            _marks[index] &= ~Marks.Echoed;
        }
        else if (_burst[index] > 0 && --_burst[index] > 0)
        {
            _repeats.Append(index, now + RepeatDelay);
            if (_burst[index] == BurstLength - 1)
            {
                _echoesLeft[index] = EchoCount;
                _echoes.Append(index, now + EchoDelay);
            }
        }

        if (!_marks[index].HasFlag(Marks.Announced))
        {
            _marks[index] |= Marks.Announced;
            ForgetFailure(index);
            Compare(index, now);
        }
    }

    /// <summary>Gives the movement that has come to its end, if one has.</summary>
    public bool TryTakeMovement(Instant now, out Movement movement)
    {
        movement = new Movement(_taken, _released, _failed + _movementOpen, now - _movementStart);
        if (_taken + _released == 0 || (_movementOpen > 0 && now < _movementStart + MovementLimit))
        {
            return false;
        }

        for (int index = 0; index < Count && _movementOpen > 0; index++)
        {
            if (_marks[index].HasFlag(Marks.Moving))
            {
                _marks[index] &= ~Marks.Moving;
                _movementOpen--;
            }
        }

        _taken = _released = _failed = 0;
        return true;
    }

    private int Find(int ifindex) => ifindex == 0 ? -1 : _ifindex.AsSpan().IndexOf(ifindex);

    private void ObserveLower(int ifindex, LowerState state, int otherEnd, Instant now)
    {
        for (int index = NextOn(ifindex, 0); index >= 0; index = NextOn(ifindex, index + 1))
        {
            _ports.ObserveLower(index, otherEnd, now);
            if (_lowerState[index] != state)
            {
                _lowerState[index] = state;
                _toQuery.Remove(index);
                Compare(index, now);
            }
        }
    }

    /// <summary>The next VNI, from an index on, whose interface stands on a link; -1 when there is none.</summary>
    private int NextOn(int lowerIfindex, int from)
    {
        // The kernel numbers links from 1; those without a lower device have 0 there.
        int at = lowerIfindex == 0 ? -1 : _lowerIfindex.AsSpan(from).IndexOf(lowerIfindex);
        return at < 0 ? -1 : from + at;
    }

    private void SetLower(int index, int ifindex, Instant now)
    {
        _lowerIfindex[index] = ifindex;
        _ports.Forget(index);
        _toQuery.Remove(index);
        if (ifindex == 0)
        {
            _lowerState[index] = LowerState.Up;
        }
        else
        {
            _lowerState[index] = LowerState.Unknown;
            _toQuery.Append(index, now);
        }
    }

    private void SetMissing(int index, Instant now)
    {
        _ifindex[index] = 0;
        SetLower(index, 0, now);
        _conditions[index] = LinkConditions.None;
        _hardwareAddress[index] = 0;
        Volatile.Write(ref _reasons[index], 0);
        _marks[index] &= Marks.Moving;
        _addresses.Clear(index);
        ForgetFailure(index);
        Compare(index, now);
    }

    private bool IsQuiet(int index) =>
        (_conditions[index] & (LinkConditions.Protodown | LinkConditions.LowerUp)) == LinkConditions.Protodown;

    private bool IsOperational(int index)
    {
        const LinkConditions Up =
            LinkConditions.AdministrativelyUp | LinkConditions.LowerUp | LinkConditions.OperationallyUp;
        return (_conditions[index] & (Up | LinkConditions.Protodown)) == Up && _lowerState[index] == LowerState.Up;
    }

    /// <summary>The comparison. Leaves the VNI in the one queue where it belongs, if in any, and its status published.</summary>
    private void Compare(int index, Instant now)
    {
        _toRelease.Remove(index);
        _toTake.Remove(index);
        InterfaceProblem problem = Missing(index) ? InterfaceProblem.Missing
            : _wanted[index] ? CompareWanted(index, now)
            : CompareUnwanted(index, now);
        if (problem != InterfaceProblem.NotOperational)
        {
            _rising.Remove(index);
        }
        else if (GetStatus(index).Problem != InterfaceProblem.NotOperational)
        {
            // Let go up, or its lower device came back: either way its carrier is left to the kernel's work queue.
            _rising.Append(index, now + RisingPatience);
        }

        if (problem != InterfaceProblem.None && problem != InterfaceProblem.NotAnnounced)
        {
            StopAnnouncing(index);
        }

        StopMoving(index, problem);
        Publish(index, problem, now);
    }

    private bool Missing(int index) => _ifindex[index] == 0;

    private InterfaceProblem CompareUnwanted(int index, Instant now)
    {
        StopAnnouncing(index);
        if (IsQuiet(index))
        {
            ForgetFailure(index);
            return InterfaceProblem.None;
        }

        _marks[index] &= ~Marks.Quiet;
        bool waits = _marks[index].HasFlag(Marks.Pending) || _retries.Contains(index);
        if (!waits && now - _lastRelease[index] < RetryDelay)
        {
            // Somebody else keeps bringing it up. Without a pause the two would spin.
            _retriesToSkip[index] = 0;
            _retries.Append(index, now + RetryDelay);
        }
        else if (!waits)
        {
            _toRelease.Append(index, now);
        }

        return _failure[index] != InterfaceProblem.None ? _failure[index] : InterfaceProblem.UpThoughNotOwned;
    }

    private InterfaceProblem CompareWanted(int index, Instant now)
    {
        _marks[index] &= ~Marks.Quiet;
        bool down = _conditions[index].HasFlag(LinkConditions.Protodown);
        bool operational = IsOperational(index);
        if (_failure[index] == InterfaceProblem.NotAnnounced ? !operational || _addresses.IsEmpty(index) : !down)
        {
            // What had been refused is as it should be, whoever did it; or what could not be announced needn't be now.
            ForgetFailure(index);
        }

        bool waits = _marks[index].HasFlag(Marks.Pending) || _retries.Contains(index);
        if (down)
        {
            StopAnnouncing(index);
            if (!waits)
            {
                _toTake.Append(index, now);
            }

            return _failure[index];
        }

        if (!operational)
        {
            return !_conditions[index].HasFlag(LinkConditions.AdministrativelyUp) ? InterfaceProblem.AdministrativelyDown
                : _lowerState[index] == LowerState.Down ? InterfaceProblem.LowerDown
                : InterfaceProblem.NotOperational;
        }

        if (_addresses.IsEmpty(index))
        {
            return InterfaceProblem.NoAddress;
        }

        if (!_marks[index].HasFlag(Marks.Announced) && !waits && !_toAnnounce.Contains(index))
        {
            StartBurst(index, now);
        }

        return _failure[index];
    }

    private void StartBurst(int index, Instant now)
    {
        _burst[index] = BurstLength;
        _echoes.Remove(index);
        _repeats.Remove(index);
        _toAnnounce.Append(index, now);
    }

    private void StopAnnouncing(int index)
    {
        _marks[index] &= ~Marks.Announced;
        _burst[index] = 0;
        _toAnnounce.Remove(index);
        _echoes.Remove(index);
        _repeats.Remove(index);
    }

    private bool TryTakeEcho(Instant now, out int index)
    {
        if (!_echoes.TryTake(now, out index))
        {
            return false;
        }

        _marks[index] |= Marks.Echoed;
        if (--_echoesLeft[index] > 0)
        {
            _echoes.Append(index, now + EchoDelay);
        }

        return true;
    }

    private bool TryTakePeriodic(Instant now, out int index)
    {
        while (_periodic.TryTake(now, _wanted, out index))
        {
            // A burst under way makes this one superfluous.
            if (_marks[index].HasFlag(Marks.Announced) && _burst[index] == 0)
            {
                return true;
            }
        }

        return false;
    }

    private void Fail(int index, InterfaceProblem problem, int errno, Instant now)
    {
        _failure[index] = problem;
        _errno[index] = (ushort)errno;
        _retriesToSkip[index] = (byte)((1 << _failures[index]) - 1);
        _failures[index] = (byte)Math.Min(_failures[index] + 1, MaximumBackoff);
        _retries.Append(index, now + RetryDelay);
    }

    private void ForgetFailure(int index)
    {
        _failure[index] = InterfaceProblem.None;
        _errno[index] = 0;
        _failures[index] = 0;
        _retries.Remove(index);
    }

    private void StartMoving(int index, Instant decided)
    {
        if (_movementOpen == 0 && _taken + _released == 0)
        {
            _movementStart = decided;
        }

        if (_wanted[index])
        {
            _taken++;
        }
        else
        {
            _released++;
        }

        if (!_marks[index].HasFlag(Marks.Moving))
        {
            _marks[index] |= Marks.Moving;
            _movementOpen++;
        }
    }

    private void StopMoving(int index, InterfaceProblem problem)
    {
        bool settled = _wanted[index]
            ? _marks[index].HasFlag(Marks.Announced) || problem is not (InterfaceProblem.None or InterfaceProblem.NotOperational)
            : problem != InterfaceProblem.UpThoughNotOwned;
        if (settled && _marks[index].HasFlag(Marks.Moving))
        {
            _marks[index] &= ~Marks.Moving;
            _movementOpen--;
            _failed += problem != InterfaceProblem.None ? 1 : 0;
        }
    }

    private void Publish(int index, InterfaceProblem problem, Instant now)
    {
        var before = new InterfaceStatus(_status[index]);
        bool stillUp = before.Taken && problem is not (InterfaceProblem.None or InterfaceProblem.Missing);
        var status = new InterfaceStatus(
            _ifindex[index],
            _conditions[index].HasFlag(LinkConditions.Protodown),
            IsOperational(index),
            _wanted[index],
            _marks[index].HasFlag(Marks.Announced),
            _errno[index],
            problem,
            taken: _wanted[index] ? before.Taken : stillUp,
            before.Changes);
        if (status.DiffersFrom(before))
        {
            status = CountChange(index, before, status, now);
        }

        ProblemsChanged |= before.Problem != problem;
        ProblemCount +=
            (problem != InterfaceProblem.None ? 1 : 0) - (before.Problem != InterfaceProblem.None ? 1 : 0);
        Volatile.Write(ref _status[index], status.Packed);
    }

    private InterfaceStatus CountChange(int index, InterfaceStatus before, InterfaceStatus status, Instant now)
    {
        ChangeCount++;
        TakeoverCount += status.Taken && !before.Taken ? 1 : 0;
        ReleaseCount += before.Taken && !status.Taken ? 1 : 0;
        Volatile.Write(ref _since[index], now.Nanoseconds);
        return status.WithNextChange;
    }
}
