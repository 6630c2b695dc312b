using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Simulation;

/// <summary>What can befall a cluster. <see cref="FaultBound"/> says what each may do to the service.</summary>
internal enum FaultKind
{
    /// <summary>A gateway starts, or is undrained.</summary>
    Join,

    /// <summary>A gateway is drained, or stopped in good order.</summary>
    Leave,

    /// <summary>A machine loses its power.</summary>
    PowerLoss,

    /// <summary>A process is killed; its machine lives, and the supervisor's hook fences.</summary>
    Kill,

    /// <summary>A process stands still (SIGSTOP, a starved processor): the kernel serves on.</summary>
    ProcessPause,

    /// <summary>A machine stands still; when it goes on, its clock has gone on.</summary>
    MachineSuspend,

    /// <summary>A machine stands still, and its clock too.</summary>
    MachineFreeze,

    /// <summary>A clock leaps forward and nothing was run in between; datagrams may be waiting.</summary>
    ClockLeap,

    /// <summary>Some gateways can't hear some others, in one direction or both.</summary>
    Partition,

    /// <summary>One gateway and all the others can't hear each other, for longer than the dead interval.</summary>
    Isolation,

    /// <summary>Loss, duplication and delays, and so another order.</summary>
    BadNetwork,

    /// <summary>The lower device of one VNI goes down and up.</summary>
    LowerFlap,

    /// <summary>The kernel refuses to let an interface go up.</summary>
    RefusedTake,

    /// <summary>The kernel refuses to hold an interface down.</summary>
    RefusedRelease,

    /// <summary>Somebody else holds rtnl: the kernel's commands come late.</summary>
    RtnlHeld,

    /// <summary>rtnl is held and the gateway is told so: it stops to take part.</summary>
    KernelStuck,

    /// <summary>A tracked interface goes down: the gateway stops to take part.</summary>
    TrackedFault,

    /// <summary>A gateway is started with another's uid.</summary>
    DuplicateUid,

    /// <summary>The same, while the two can't hear each other.</summary>
    HiddenDuplicateUid,

    /// <summary>One of the first implementation starts.</summary>
    FirstJoin,

    /// <summary>One of the first implementation is stopped in good order.</summary>
    FirstStop,

    /// <summary>One of the first implementation stands still.</summary>
    FirstPause,
}

/// <summary>
/// How long nobody, or two, may serve a VNI because of one fault, over and above <see cref="Cluster.HandoverBound"/>.
/// </summary>
/// <param name="Nobody">For how long nobody may, beside <paramref name="NobodyWhile"/>.</param>
/// <param name="NobodyWhile">Whether nobody may for as long as the fault lasts.</param>
/// <param name="Two">For how long more than one may, beside <paramref name="TwoWhile"/>.</param>
/// <param name="TwoWhile">Whether more than one may for as long as the fault lasts.</param>
/// <param name="OwnVnisOnly">Whether nothing moves but the VNIs of the gateways that it befalls.</param>
/// <param name="StaysAway">Whether the gateways that it befalls don't come back by themselves.</param>
/// <param name="TellsOnlyOurs">
/// Whether it says that it has let go, to which the first implementation is deaf: that one notices after the dead interval.
/// </param>
internal readonly record struct FaultBound(
    TimeSpan Nobody,
    bool NobodyWhile,
    TimeSpan Two,
    bool TwoWhile,
    bool OwnVnisOnly,
    bool StaysAway = false,
    bool TellsOnlyOurs = false)
{
    private static readonly TimeSpan None = TimeSpan.Zero;
    private static readonly TimeSpan Interval = Cluster.Interval;
    private static readonly TimeSpan Dead = Cluster.DeadInterval;

    /// <summary>The longest time before the reconciler repeats what the kernel refused: 50 ms, doubled six times.</summary>
    private static readonly TimeSpan Retry = InterfaceReconciler.RetryDelay * 64;

    /// <summary>For how long nobody may, where gateways of the first implementation take part or not.</summary>
    public TimeSpan NobodyIn(bool mixed) => mixed && TellsOnlyOurs ? Dead : Nobody;

    /// <summary>The bounds, each with the reason for what goes beyond a handover.</summary>
    public static FaultBound Of(FaultKind kind) => kind switch
    {
        FaultKind.Join => new(None, false, None, false, true),
        FaultKind.Leave => new(None, false, None, false, true, StaysAway: true),

        // The peers notice after the dead interval.
        FaultKind.PowerLoss => new(Dead, false, None, false, true, StaysAway: true),

        // What it had up stays up until the hook fences; a joiner may take it up before.
        FaultKind.Kill => new(Dead, false, Cluster.FenceDelay, false, true, StaysAway: true),

        // The peers take over though the kernel serves on; on waking it lets go before it does anything else.
        FaultKind.ProcessPause => new(None, false, None, true, true),

        // Awake after less than the dead interval, what came meanwhile being lost, it may take peers for dead until it hears them.
        FaultKind.MachineSuspend => new(Dead, false, Interval, false, false),

        // It can't know that it stood still; its next advertisement tells the others that it is back.
        FaultKind.MachineFreeze => new(Dead, false, Interval, false, true),

        // Further than the dead interval: it has to believe that it stood still, and falls silent. Less far: as above.
        FaultKind.ClockLeap => new(Dead, false, Interval, false, false),

        // Who can't hear the owner serves too, until the first advertisement afterwards. Who is best serves all the while.
        FaultKind.Partition => new(None, false, Interval, true, false),
        FaultKind.Isolation => new(None, false, Interval, true, false),
        FaultKind.BadNetwork => new(None, false, Interval, true, false),

        // The election doesn't pass over a gateway whose device is down.
        FaultKind.LowerFlap => new(None, true, None, false, false),
        FaultKind.RefusedTake => new(Retry, true, None, false, true),
        FaultKind.RefusedRelease => new(None, false, Retry, true, true),
        FaultKind.RtnlHeld => new(None, true, None, true, true),

        // It falls silent at once, but the kernel shows it only when rtnl is free; the peers notice after the dead interval.
        FaultKind.KernelStuck => new(Dead, false, None, true, true),

        // It lets go at once and says so.
        FaultKind.TrackedFault => new(None, false, None, false, true, TellsOnlyOurs: true),

        // The higher address lets go when it hears the other, at its next advertisement: within the two intervals wanted.
        FaultKind.DuplicateUid => new(None, false, Interval, false, true),
        FaultKind.HiddenDuplicateUid => new(None, false, Interval, true, true),

        // The others let go at its first advertisement, which it sends an interval after its start; it takes up after three.
        FaultKind.FirstJoin => new((FirstImplementation.AssignsAfter - 1) * Interval, false, None, false, true),

        // It leaves everything up until its machine is fenced. When it is started again at once, the others still count on it.
        FaultKind.FirstStop => new(Interval, false, None, true, false, StaysAway: true),

        // It doesn't notice, takes its peers for dead, and serves everything until it hears them.
        FaultKind.FirstPause => new(None, false, Interval, true, false),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}

/// <summary>One fault: when it began and ended, and whom it befalls.</summary>
/// <param name="kind">What it is.</param>
/// <param name="script">Faults that belong together, as a loss of power and the start afterwards, have the same number.</param>
/// <param name="begin">When it began.</param>
/// <param name="machines">Whom it befalls.</param>
internal sealed class Fault(FaultKind kind, int script, Instant begin, params Machine[] machines)
{
    public FaultKind Kind { get; } = kind;

    public int Script { get; } = script;

    public Instant Begin { get; } = begin;

    public Instant End { get; private set; } = Instant.Never;

    /// <summary>When its gateways took part again.</summary>
    public Instant Settled { get; private set; } = Instant.Never;

    public FaultBound Bound { get; } = FaultBound.Of(kind);

    public IReadOnlyList<Machine> Machines => machines;

    public void Finish(Instant now)
    {
        End = Instant.Min(End, now);
        NoticeState(now);
    }

    public void NoticeState(Instant now)
    {
        if (End != Instant.Never && Settled == Instant.Never && (Bound.StaysAway || machines.All(machine => machine.Active)))
        {
            Settled = now;
        }
    }

    /// <summary>Whether it may have to do with what lasted from <paramref name="from"/> to <paramref name="until"/>.</summary>
    public bool Reaches(Instant from, Instant until, TimeSpan reach) =>
        Begin <= until && (Settled == Instant.Never || from <= Settled + reach);

    /// <summary>How much of that it lasted itself.</summary>
    public TimeSpan Overlap(Instant from, Instant until)
    {
        TimeSpan overlap = Instant.Min(until, End) - Instant.Max(from, Begin);
        return overlap > TimeSpan.Zero ? overlap : TimeSpan.Zero;
    }
}
