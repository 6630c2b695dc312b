using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Simulation;

/// <summary>
/// A cluster in virtual time. Faults come in episodes of a minute: they begin in its first half (safety: the bounds hold),
/// all of them end at 40 s (liveness: the cluster settles within the dead interval and two intervals), and until the minute
/// is over nothing may move. All that is random comes from the seed.
/// </summary>
internal sealed class Simulation
{
    public const int VniCount = 12;

    public static readonly VniSet Vnis = new([new VniRange(new Vni(1), new Vni(VniCount))]);

    private static readonly GatewayTiming Timing = new(
        TimeSpan.FromSeconds(1), DeadAfter: 3, HandoverLead: TimeSpan.FromMilliseconds(80));

    private static readonly TimeSpan Episode = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan HealAt = TimeSpan.FromSeconds(40);

    private readonly PriorityQueue<Happening, (Instant At, long Order)> _agenda = new();
    private readonly Random _random;
    private readonly int _seed;
    private readonly Machine[] _machines;
    private readonly VirtualNetwork _network;
    private readonly ServiceChecker _checker;
    private readonly (Instant At, long Order)[] _ticks;
    private readonly (Instant At, long Order)[] _kernelTicks;
    private long _order;

    public Simulation(int seed, int gateways, int firstImplementations)
    {
        _seed = seed;
        _random = new Random(seed);
        _network = new VirtualNetwork(gateways + firstImplementations, _random);
        _checker = new ServiceChecker(this);
        _ticks = new (Instant, long)[gateways + firstImplementations];
        _kernelTicks = new (Instant, long)[gateways + firstImplementations];
        _machines =
        [
            .. Enumerable.Range(0, gateways + firstImplementations).Select(number => number < gateways
                ? (Machine)new SimulatedGateway(this, number, DrawUid(), Timing)
                : new FirstImplementation(this, number, DrawUid())),
        ];
    }

    private enum HappeningKind
    {
        Tick,
        KernelTick,
        Carrier,
        Datagram,
        Other,
    }

    public Instant Now { get; private set; } = new(1_000_000_000);

    public IReadOnlyList<Machine> Machines => _machines;

    public bool NetworkHealthy => _network.Healthy;

    /// <summary>Runs so many episodes.</summary>
    public void Run(int episodes)
    {
        foreach (Machine machine in _machines)
        {
            machine.Start();
        }

        for (int episode = 0; episode < episodes; episode++)
        {
            Instant start = Now;
            PlanFaults(start, calm: episode == 0);
            Plan(start + HealAt, HealEverything);
            Instant settled = start + HealAt + Timing.DeadInterval + 2 * Timing.Interval + TimeSpan.FromMilliseconds(200);
            Plan(settled, _checker.BeginCalm);
            Plan(start + Episode, _checker.EndCalm);
            RunUntil(start + Episode);
        }
    }

    public void Broadcast(Machine sender, in Datagram datagram)
    {
        for (int to = 0; to < _machines.Length; to++)
        {
            int copies = _network.CountCopies(sender.Number, to);
            for (int copy = 0; copy < copies; copy++)
            {
                Add(Now + _network.NextDelay(sender.Number, to), new Happening(HappeningKind.Datagram, to, 0, 0, datagram));
            }
        }
    }

    public TimeSpan Jitter(TimeSpan maximum) => maximum * _random.NextDouble();

    public void ScheduleTick(Machine machine, Instant at)
    {
        // Timers are late, a little.
        _ticks[machine.Number] = Add(
            Instant.Max(at, Now) + Jitter(TimeSpan.FromMilliseconds(0.2)),
            new Happening(HappeningKind.Tick, machine.Number, 0, machine.Incarnation));
    }

    public void ScheduleKernelTick(Machine machine, Instant at)
    {
        // The earlier of two wake-ups is the one that counts.
        (Instant planned, _) = _kernelTicks[machine.Number];
        if (planned <= Now || at < planned)
        {
            _kernelTicks[machine.Number] = Add(
                Instant.Max(at, Now), new Happening(HappeningKind.KernelTick, machine.Number, 0, machine.Incarnation));
        }
    }

    public void ScheduleCarrier(Machine machine, int vni) => Add(
        Now + TimeSpan.FromMilliseconds(0.1) + Jitter(TimeSpan.FromMilliseconds(0.4)),
        new Happening(HappeningKind.Carrier, machine.Number, vni, 0));

    public void ObserveServing(Machine machine)
    {
        for (int vni = 0; vni < VniCount; vni++)
        {
            _checker.Observe(machine, vni);
        }
    }

    public void ObserveServing(Machine machine, int vni) => _checker.Observe(machine, vni);

    public void ObserveAnnouncement(Machine machine, int vni, bool wanted)
    {
        Require(wanted, $"gateway {machine.Number} announces VNI {vni + 1} that it doesn't want");
        Require(machine.Kernel.Serves(vni), $"gateway {machine.Number} announces VNI {vni + 1} before it is operational");
    }

    public void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"seed {_seed}, at {Now.Nanoseconds / 1e9:0.000000} s: {what}. Replay: scripts/simulate.sh --seed {_seed}"));
        }
    }

    private NodeId DrawUid() => new((ulong)_random.NextInt64(1, long.MaxValue));

    private (Instant, long) Add(Instant at, in Happening happening)
    {
        (Instant, long) key = (at, _order++);
        _agenda.Enqueue(happening, key);
        return key;
    }

    private void Plan(Instant at, Action action) => Add(at, new Happening(HappeningKind.Other, 0, 0, 0, Action: action));

    private void RunUntil(Instant end)
    {
        while (_agenda.TryPeek(out Happening happening, out (Instant At, long Order) key) && key.At < end)
        {
            _agenda.Dequeue();
            Now = key.At;
            Happen(happening, key);
        }

        Now = end;
    }

    private void Happen(in Happening happening, (Instant At, long Order) key)
    {
        Machine machine = _machines[happening.Machine];
        switch (happening.Kind)
        {
            case HappeningKind.Tick when _ticks[happening.Machine] == key && happening.Incarnation == machine.Incarnation:
                machine.Tick();
                break;
            case HappeningKind.KernelTick when _kernelTicks[happening.Machine] == key:
                _kernelTicks[happening.Machine] = default;
                if (happening.Incarnation == machine.Incarnation)
                {
                    machine.KernelTick();
                }

                break;
            case HappeningKind.Carrier:
                machine.RaiseCarrier(happening.Vni);
                break;
            case HappeningKind.Datagram:
                machine.Receive(happening.Datagram);
                break;
            case HappeningKind.Other:
                happening.Action!();
                break;
        }
    }

    private void PlanFaults(Instant start, bool calm)
    {
        for (int faults = calm ? 0 : _random.Next(1, 4); faults > 0; faults--)
        {
            Instant at = start + Jitter(TimeSpan.FromSeconds(25));
            Machine machine = _machines[_random.Next(_machines.Length)];
            Instant until = at + Jitter(TimeSpan.FromSeconds(14));
            Action<Machine, Instant, Instant>[] kinds =
                [PlanCrash, PlanKill, PlanPause, PlanPartition, PlanBadNetwork, PlanFlap, PlanDrain, PlanStop, PlanRefusal, PlanStuck];
            kinds[_random.Next(kinds.Length)](machine, at, until);
        }
    }

    private void PlanCrash(Machine machine, Instant at, Instant until)
    {
        Plan(at, () => Fault(Harm.Death, machine.LosePower));
        Plan(until, () => Restart(machine));
    }

    // The supervisor's hook fences, then it starts the daemon again.
    private void PlanKill(Machine machine, Instant at, Instant until)
    {
        Plan(at, () => Fault(Harm.Death, machine.Kill));
        Plan(at + Jitter(ServiceChecker.FenceDelay), () => { if (!machine.Running) { machine.Fence(); } });
        Plan(until, () => Restart(machine));
    }

    private void PlanPause(Machine machine, Instant at, Instant until)
    {
        Plan(at, () => Fault(Harm.Anything, machine.Pause));
        Plan(until, () => Fault(Harm.Anything, machine.Resume));
    }

    private void PlanPartition(Machine machine, Instant at, Instant until)
    {
        bool deaf = _random.Next(3) > 0;
        bool mute = !deaf || _random.Next(2) > 0;
        Plan(at, () => Fault(Harm.Anything, () =>
        {
            for (int other = 0; other < _machines.Length; other++)
            {
                if (deaf) { _network.Cut(other, machine.Number); }
                if (mute) { _network.Cut(machine.Number, other); }
            }
        }));
        Plan(until, () => Fault(Harm.Anything, _network.Heal));
    }

    private void PlanBadNetwork(Machine machine, Instant at, Instant until)
    {
        double loss = _random.NextDouble() * 0.5;
        double duplication = _random.NextDouble() * 0.3;
        TimeSpan delay = TimeSpan.FromMilliseconds(1 + _random.NextDouble() * 400);
        Plan(at, () => Fault(Harm.Anything, () => _network.Degrade(loss, duplication, delay)));
        Plan(until, () => Fault(Harm.Anything, _network.Heal));
    }

    private void PlanFlap(Machine machine, Instant at, Instant until)
    {
        // One of the first implementation never mends what a flap leaves up.
        int vni = _random.Next(VniCount);
        if (machine is SimulatedGateway)
        {
            Plan(at, () => Fault(Harm.Anything, () => machine.FlapLower(vni, up: false)));
            Plan(at + Jitter(TimeSpan.FromSeconds(2)), () => Fault(Harm.Anything, () => machine.FlapLower(vni, up: true)));
        }
    }

    private void PlanDrain(Machine machine, Instant at, Instant until)
    {
        Plan(at, () => Fault(Harm.Planned, () => (machine as SimulatedGateway)?.Request(GatewayEventKind.DrainRequested)));
        Plan(until, () => Fault(Harm.Planned, () => (machine as SimulatedGateway)?.Request(GatewayEventKind.UndrainRequested)));
    }

    private void PlanStop(Machine machine, Instant at, Instant until)
    {
        Plan(at, () => Fault(Harm.Planned, () => (machine as SimulatedGateway)?.Request(GatewayEventKind.StopRequested)));
        Plan(until, () => Restart(machine));
    }

    private void PlanRefusal(Machine machine, Instant at, Instant until)
    {
        if (machine is SimulatedGateway gateway)
        {
            Plan(at, () => Fault(Harm.Anything, () => gateway.KernelRefuses = true));
            Plan(until, () => Fault(Harm.Anything, () => gateway.KernelRefuses = false));
        }
    }

    private void PlanStuck(Machine machine, Instant at, Instant until)
    {
        if (machine is SimulatedGateway gateway)
        {
            Plan(at, () => Fault(Harm.Anything, () => gateway.RtnlHeldUntil = at + Jitter(TimeSpan.FromSeconds(2))));
        }
    }

    private void Fault(Harm harm, Action action)
    {
        _checker.Expect(harm);
        action();
    }

    private void Restart(Machine machine)
    {
        if (!machine.Running)
        {
            // Those of the first implementation let go of what a joiner of theirs takes up three seconds later.
            _checker.Expect(machine is FirstImplementation ? Harm.Anything : Harm.Planned);
            machine.Start();
        }
    }

    private void HealEverything()
    {
        _checker.Expect(Harm.Anything);
        _network.Heal();
        foreach (Machine machine in _machines)
        {
            machine.Resume();
            Restart(machine);
            if (machine is SimulatedGateway gateway)
            {
                gateway.KernelRefuses = false;
                gateway.RtnlHeldUntil = default;
                gateway.Request(GatewayEventKind.UndrainRequested);
            }

            for (int vni = 0; vni < VniCount; vni++)
            {
                if (!machine.Kernel.ShowLower(vni).Operational)
                {
                    machine.FlapLower(vni, up: true);
                }
            }
        }
    }

    private readonly record struct Happening(
        HappeningKind Kind, int Machine, int Vni, int Incarnation, Datagram Datagram = default, Action? Action = null);
}
