using System;
using System.Buffers;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Io;

/// <summary>
/// Tells what happens, to all who follow: reads what the two threads have for it, puts it into words once for each format, and
/// keeps what has to be told apart from what was told already. Runs on the main thread; while nobody follows it has nothing.
/// </summary>
internal sealed class MonitorStream(IControlled daemon)
{
    /// <summary>The shortest time between two readings, so that a flood of events costs a bounded part of a processor.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>What is on its way up or down has that long before it is a problem.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>How often it is looked at what is on its way.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <summary>Room for what all VNIs can have at once, each twice, and for as much again as a socket takes.</summary>
    private const int BytesForEachVni = 256;
    private const int LeastBytes = 256 << 10;

    private readonly EventFeed _feed = daemon.Events;
    private MonitorLog? _text;
    private MonitorLog? _json;
    private KernelView? _view;
    private Told[] _told = [];
    private GatewayState _state;
    private string? _fault;
    private long _lostTold;
    private int _unsettled;
    private Instant _readAt;
    private (Instant Instant, DateTime Utc) _clock;

    /// <summary>What was told of a VNI.</summary>
    private struct Told
    {
        /// <summary><see cref="InterfaceStatus.Changes"/> when it was looked at last.</summary>
        public byte Changes;

        /// <summary>What is wrong.</summary>
        public InterfaceProblem Problem;

        public bool Taken;

        /// <summary>Wrong, but for whatever problem: it was served, and was not for a moment.</summary>
        public bool Interrupted;

        /// <summary>On its way up or down, so that it is to be looked at again.</summary>
        public bool Unsettled;
    }

    /// <summary>How many follow.</summary>
    public int ReaderCount => (_text?.Readers.Count ?? 0) + (_json?.Readers.Count ?? 0);

    /// <summary>When <see cref="Read"/> is to be called though nobody has signalled.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    /// <summary>There is something to read: at once, or a moment later if that was done just before.</summary>
    public void NoteSignal(Instant now) =>
        Deadline = Instant.Min(Deadline, now - _readAt < Pause ? _readAt + Pause : now);

    /// <summary>Begins to follow.</summary>
    /// <param name="json">The format.</param>
    /// <param name="initial">Receives how it stands; null not to.</param>
    /// <param name="now">The instant.</param>
    public MonitorSubscription Subscribe(bool json, IBufferWriter<byte>? initial, Instant now)
    {
        _feed.Followed = true;
        StatusSnapshot status = daemon.TakeStatus();
        if (ReaderCount == 0)
        {
            BeginAt(status);
        }

        // What happened up to this status is told to the others first: who begins now has it in the status.
        ReadUpTo(status.EventCount, now);
        MonitorLog log = json
            ? _json ??= new MonitorLog(new MonitorJson(status.InterfacePattern), Capacity(status))
            : _text ??= new MonitorLog(new MonitorText(status.InterfacePattern), Capacity(status));
        if (initial != null)
        {
            WriteInitial(log, status, initial);
        }

        if (ReaderCount > 0)
        {
            // What was read just now is still to be sent to the others, and nobody may signal that again.
            Deadline = Instant.Min(Deadline, now);
        }

        return log.Subscribe();
    }

    /// <summary>Gives up what nobody needs, when a reader has gone.</summary>
    public void Forget()
    {
        _text = _text?.Readers.Count > 0 ? _text : null;
        _json = _json?.Readers.Count > 0 ? _json : null;
        if (ReaderCount == 0)
        {
            _feed.Followed = false;
            _view = null;
            _told = [];
            Deadline = Instant.Never;
        }
    }

    /// <summary>Reads what is new and tells it.</summary>
    public void Read(Instant now) => ReadUpTo(long.MaxValue, now);

    /// <summary>Tells that the daemon ends.</summary>
    public void End(Instant now)
    {
        if (ReaderCount > 0)
        {
            Read(now);
            Tell(new MonitorEvent { Kind = MonitorEventKind.Ended, Time = ToUtc(now) });
        }
    }

    private static int Capacity(StatusSnapshot status) =>
        (int)Math.Clamp((long)status.Vnis.Count * BytesForEachVni, LeastBytes, Array.MaxLength);

    private void BeginAt(StatusSnapshot status)
    {
        _feed.SkipTo(status.EventCount);
        _lostTold = _feed.Lost;
        (_state, _fault) = (status.State, status.Fault);
        LookFrom(daemon.View);
    }

    /// <summary>Takes how it stands with all VNIs for told.</summary>
    private void LookFrom(KernelView view)
    {
        _view = view;
        _told = new Told[view.Vnis.Count];
        _unsettled = 0;
        for (int index = 0; index < _told.Length; index++)
        {
            InterfaceStatus shown = view.GetStatus(index);
            _told[index] = new Told
            {
                Changes = (byte)shown.Changes,
                Taken = shown.Taken,
                Problem = shown.Condition == VniCondition.Wrong ? shown.Problem : InterfaceProblem.None,
                Interrupted = shown.Condition == VniCondition.Interrupted,
                Unsettled = IsPassing(shown),
            };
            _unsettled += _told[index].Unsettled ? 1 : 0;
        }
    }

    /// <summary>When the config was read again: VNIs that stay are told of as before, and those that are gone are released.</summary>
    private void FollowView(Instant now)
    {
        (KernelView before, Told[] told) = (_view!, _told);
        if (ReferenceEquals(before, daemon.View))
        {
            return;
        }

        LookFrom(daemon.View);
        for (int index = 0; index < _told.Length; index++)
        {
            int was = before.Vnis.IndexOf(_view!.Vnis[index]);
            _told[index] = was >= 0 ? told[was] : default;
            _told[index].Unsettled = true;
        }

        _unsettled = _told.Length;
        for (int index = 0; index < told.Length; index++)
        {
            Vni vni = before.Vnis[index];
            if (told[index].Taken && _view!.Vnis.IndexOf(vni) < 0)
            {
                TellVni(MonitorEventKind.VniReleased, vni, now, null);
            }
        }
    }

    private void ReadUpTo(long eventLimit, Instant now)
    {
        if (_view == null)
        {
            return;
        }

        _feed.BeginReading();
        _readAt = now;
        _clock = (now, DateTime.UtcNow);
        while (_feed.Position < eventLimit && _feed.TryRead(out ClusterEvent happened))
        {
            TellOf(happened);
        }

        long lost = _feed.Lost;
        if (lost > _lostTold)
        {
            Tell(new MonitorEvent { Kind = MonitorEventKind.Lost, Time = ToUtc(now), Count = lost - _lostTold });
            _lostTold = lost;
        }

        FollowView(now);
        for (int index = 0; index < _told.Length; index++)
        {
            InterfaceStatus shown = _view!.GetStatus(index);
            if (_told[index].Changes != shown.Changes || _told[index].Unsettled)
            {
                LookAt(index, shown, now);
            }
        }

        Deadline = _feed.Position < _feed.Written ? now + Pause : _unsettled > 0 ? now + Look : Instant.Never;
    }

    private void TellOf(in ClusterEvent happened)
    {
        switch (happened.Command.Kind)
        {
            case GatewayCommandKind.ReportStateChanged:
                TellState(happened);
                break;
            case GatewayCommandKind.ReportPeerAppeared:
                TellPeer(MonitorEventKind.PeerAppeared, happened);
                break;
            case GatewayCommandKind.ReportPeerExpired:
                TellPeer(MonitorEventKind.PeerExpired, happened);
                break;
            case GatewayCommandKind.ReportPeerLeft:
                TellPeer(MonitorEventKind.PeerLeft, happened);
                break;
            case GatewayCommandKind.ReportPeerMoved:
                TellPeer(MonitorEventKind.PeerMoved, happened);
                break;
            case GatewayCommandKind.ReportStalled:
                TellPeer(MonitorEventKind.Stalled, happened);
                break;
        }
    }

    private void TellState(in ClusterEvent happened)
    {
        string? fault = daemon.Describe(happened.Faults);
        if (happened.State != _state || fault != _fault)
        {
            (_state, _fault) = (happened.State, fault);
            Tell(new MonitorEvent
            {
                Kind = MonitorEventKind.State, Time = ToUtc(happened.At), State = _state, Text = fault,
            });
        }
    }

    private void TellPeer(MonitorEventKind kind, in ClusterEvent happened) => Tell(new MonitorEvent
    {
        Kind = kind,
        Time = ToUtc(happened.At),
        Uid = happened.Command.Uid,
        Address = happened.Command.Address,
        Duration = happened.Command.Duration,
    });

    private void LookAt(int index, InterfaceStatus shown, Instant now)
    {
        ref Told told = ref _told[index];
        Instant since = _view!.GetSince(index);
        bool changed = told.Changes != shown.Changes;
        told.Changes = (byte)shown.Changes;
        bool passing = IsPassing(shown) && now - since < Patience;
        _unsettled += (passing ? 1 : 0) - (told.Unsettled ? 1 : 0);
        told.Unsettled = passing;
        if (told.Taken != shown.Taken)
        {
            told.Taken = shown.Taken;
            told.Problem = InterfaceProblem.None;
            told.Interrupted = false;
            changed = false;
            TellVni(
                shown.Taken ? MonitorEventKind.VniTaken : MonitorEventKind.VniReleased, _view.Vnis[index], since, null);
        }

        if (!passing)
        {
            TellProblem(ref told, index, shown, changed, since);
        }
    }

    private void TellProblem(ref Told told, int index, InterfaceStatus shown, bool changed, Instant since)
    {
        bool well = shown.Condition is VniCondition.Held or VniCondition.Served;

        // On its way up for so long, and nothing says why: that is no better.
        bool interrupted = shown.Condition == VniCondition.Interrupted
            || (shown.Condition == VniCondition.Rising && shown.Problem == InterfaceProblem.None);
        InterfaceProblem problem = well || interrupted ? InterfaceProblem.None : shown.Problem;
        bool wasWell = told.Problem == InterfaceProblem.None && !told.Interrupted;
        if (well ? !wasWell || (changed && told.Taken) : problem != told.Problem || interrupted != told.Interrupted)
        {
            // One that is well, and was well when it was looked at before, was interrupted meanwhile.
            string? text = well ? null : ProblemText.DescribeLasting(shown, _view!.GetProtodownReasons(index));
            TellVni(
                well ? MonitorEventKind.VniOk
                    : problem == InterfaceProblem.Blocked ? MonitorEventKind.VniBlocked : MonitorEventKind.VniProblem,
                _view!.Vnis[index], since, text);
        }

        (told.Problem, told.Interrupted) = (problem, interrupted);
    }

    private static bool IsPassing(InterfaceStatus shown) =>
        shown.Condition is VniCondition.Rising or VniCondition.Lowering;

    private void WriteInitial(MonitorLog log, StatusSnapshot status, IBufferWriter<byte> destination)
    {
        var taken = new VniBitmap(_told.Length);
        var wrong = new VniBitmap(_told.Length);
        for (int index = 0; index < _told.Length; index++)
        {
            taken[index] = _told[index].Taken;
            wrong[index] = _told[index].Problem != InterfaceProblem.None || _told[index].Interrupted;
        }

        var state = new MonitorEvent
        {
            Kind = MonitorEventKind.State, Time = ToUtc(status.Now), State = _state, Text = _fault,
        };

        // The config may have been read again between the two.
        KernelView view = _view!;
        status = status with
        {
            Vnis = view.Vnis,
            StatusOf = view.GetStatus,
            ReasonsOf = view.GetProtodownReasons,
        };
        log.Format.WriteInitial(state, status, taken, wrong, destination);
    }

    private void TellVni(MonitorEventKind kind, Vni vni, Instant at, string? text) => Tell(new MonitorEvent
    {
        Kind = kind, Time = ToUtc(at), Vni = vni, Text = text,
    });

    private void Tell(in MonitorEvent happened)
    {
        _text?.Append(happened);
        _json?.Append(happened);
    }

    private DateTime ToUtc(Instant instant) => _clock.Utc - (_clock.Instant - instant);
}
