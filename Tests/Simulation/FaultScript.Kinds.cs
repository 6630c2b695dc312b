using System;
using System.Linq;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Simulation;

/// <summary>How each kind of fault is played.</summary>
internal sealed partial class FaultScript
{
    private void PlanPowerLoss(Machine machine, Instant at, Instant until) =>
        PlanLoss(FaultKind.PowerLoss, at, until, machine, machine.LosePower);

    // The supervisor's hook fences, then it starts the daemon again.
    private void PlanKill(Machine machine, Instant at, Instant until)
    {
        PlanLoss(FaultKind.Kill, at, until, machine, machine.Kill);
        Plan(at + _cluster.Jitter(Cluster.FenceDelay), () => { if (!machine.Running) { machine.Fence(); } });
    }

    private void PlanStop(Machine machine, Instant at, Instant until) => PlanLoss(
        FaultKind.Leave, at, until, machine, () => ((SimulatedGateway)machine).Request(GatewayEventKind.StopRequested));

    private void PlanDrain(Machine machine, Instant at, Instant until)
    {
        var gateway = (SimulatedGateway)machine;
        int script = _script;
        PlanLoss(FaultKind.Leave, at, until, machine, () => gateway.Request(GatewayEventKind.DrainRequested));
        Plan(until, () => Undrain(gateway, script));
    }

    // Up to the restart everything stays up: nobody fences after an end in good order.
    private void PlanFirstStop(Machine machine, Instant at, Instant until)
    {
        int script = _script;
        PlanLasting(FaultKind.FirstStop, at, until, machine, ((FirstImplementation)machine).Stop, () => Restart(machine, script));
    }

    private void PlanPause(Machine machine, Instant at, Instant until) =>
        PlanStandstill(FaultKind.ProcessPause, machine, at, until, loses: false, machine.Pause);

    private void PlanFirstPause(Machine machine, Instant at, Instant until) =>
        PlanStandstill(FaultKind.FirstPause, machine, at, until, loses: false, machine.Pause);

    private void PlanSuspend(Machine machine, Instant at, Instant until) => PlanStandstill(
        FaultKind.MachineSuspend, machine, at, until, _random.Next(2) == 0, () => machine.Freeze(clock: false));

    private void PlanFreeze(Machine machine, Instant at, Instant until) => PlanStandstill(
        FaultKind.MachineFreeze, machine, at, until, _random.Next(2) == 0, () => machine.Freeze(clock: true));

    // Datagrams wait in the socket for up to 20 ms when the clock leaps.
    private void PlanLeap(Machine machine, Instant at, Instant until)
    {
        TimeSpan leap = _cluster.Jitter(TimeSpan.FromSeconds(_random.Next(2) == 0 ? 4 : 40));
        Action leapAndResume = () =>
        {
            if (machine.Paused)
            {
                machine.Clock.Leap(leap);
                machine.Resume();
            }
        };
        PlanStandstill(
            FaultKind.ClockLeap, machine, at, at + _cluster.Jitter(TimeSpan.FromMilliseconds(20)), loses: false,
            machine.Pause, leapAndResume);
    }

    // Not what stands still already, or doesn't run.
    private void PlanStandstill(
        FaultKind kind, Machine machine, Instant at, Instant until, bool loses, Action stop, Action? resume = null) => PlanLasting(
        kind, at, until, machine,
        () =>
        {
            if (machine is SimulatedGateway gateway)
            {
                gateway.LosesDatagrams = loses;
            }

            stop();
        },
        resume ?? machine.Resume,
        () => machine.Running && !machine.Paused);

    private void PlanIsolation(Machine machine, Instant at, Instant until) => PlanLasting(
        FaultKind.Isolation, at, Instant.Max(until, at + Cluster.DeadInterval + 2 * Cluster.Interval), machine,
        () => CutOff(machine, deaf: true, mute: true),
        _cluster.Network.Heal,
        () => _cluster.Network.Healthy);

    private void PlanOneWay(Machine machine, Instant at, Instant until)
    {
        bool deaf = _random.Next(2) == 0;
        PlanLasting(
            FaultKind.Partition, at, until, machine, () => CutOff(machine, deaf, mute: !deaf), _cluster.Network.Heal);
    }

    private void CutOff(Machine machine, bool deaf, bool mute)
    {
        foreach (Machine other in _cluster.Machines)
        {
            _cluster.Network.Cut(other.Number, machine.Number, deaf);
            _cluster.Network.Cut(machine.Number, other.Number, mute);
        }
    }

    // Any direction of any pair by itself.
    private void PlanCuts(Machine machine, Instant at, Instant until) => PlanLasting(
        FaultKind.Partition, at, until, machine,
        () =>
        {
            for (int cut = _random.Next(1, 6); cut > 0; cut--)
            {
                int count = _cluster.Machines.Count;
                _cluster.Network.Cut(_random.Next(count), _random.Next(count), true);
            }
        },
        _cluster.Network.Heal);

    private void PlanBadNetwork(Machine machine, Instant at, Instant until)
    {
        double loss = _random.NextDouble() * 0.5;
        double duplication = _random.NextDouble() * 0.3;
        TimeSpan delay = TimeSpan.FromMilliseconds(1 + _random.NextDouble() * 400);
        PlanLasting(
            FaultKind.BadNetwork, at, until, machine,
            () => _cluster.Network.Degrade(loss, duplication, delay),
            _cluster.Network.Heal);
    }

    // A device that comes up while no daemon runs leaves its VNI up: nobody is there to mend it. So it stays down till then.
    private void PlanFlap(Machine machine, Instant at, Instant until)
    {
        int vni = _random.Next(_cluster.VniCount);
        PlanLasting(
            FaultKind.LowerFlap, at, until, machine,
            () => machine.FlapLower(vni, up: false),
            () => { if (machine.Running) { RaiseLower(machine, vni); } });
    }

    // It comes back from standby while the kernel refuses.
    private void PlanRefusedTake(Machine machine, Instant at, Instant until)
    {
        var gateway = (SimulatedGateway)machine;
        PlanLasting(
            FaultKind.RefusedTake, at, until, machine, () => gateway.RefusesToTake = true, () => gateway.RefusesToTake = false);
        PlanDrain(machine, at, at + _cluster.Jitter(TimeSpan.FromSeconds(4)));
    }

    // It leaves while the kernel refuses.
    private void PlanRefusedRelease(Machine machine, Instant at, Instant until)
    {
        var gateway = (SimulatedGateway)machine;
        PlanLasting(
            FaultKind.RefusedRelease, at, until, machine,
            () => gateway.RefusesToRelease = true,
            () => gateway.RefusesToRelease = false);
        PlanDrain(machine, at + _cluster.Jitter(TimeSpan.FromSeconds(1)), until);
    }

    // Meanwhile another gateway leaves and comes back.
    private void PlanRtnlHeld(Machine machine, Instant at, Instant until)
    {
        until = Instant.Min(until, at + TimeSpan.FromSeconds(2.5));
        PlanLasting(
            FaultKind.RtnlHeld, at, until, machine, () => ((SimulatedGateway)machine).RtnlHeldUntil = until, () => { });
        if (_cluster.Machines[_random.Next(_cluster.Machines.Count)] is SimulatedGateway other)
        {
            PlanDrain(other, at + _cluster.Jitter(TimeSpan.FromSeconds(1)), until + TimeSpan.FromSeconds(1));
        }
    }

    private void PlanKernelStuck(Machine machine, Instant at, Instant until)
    {
        var gateway = (SimulatedGateway)machine;
        PlanLasting(
            FaultKind.KernelStuck, at, until, machine,
            () => gateway.RtnlHeldUntil = until,
            () => gateway.Request(GatewayEventKind.FaultCleared, GatewayFaults.KernelStuck));

        // It is noticed again each second: whatever process runs then is told.
        for (Instant noticed = at + TimeSpan.FromSeconds(1); noticed < until; noticed += TimeSpan.FromSeconds(1))
        {
            Plan(noticed, () => gateway.Request(GatewayEventKind.FaultRaised, GatewayFaults.KernelStuck));
        }
    }

    private void PlanTrackedFault(Machine machine, Instant at, Instant until)
    {
        var gateway = (SimulatedGateway)machine;
        PlanLasting(
            FaultKind.TrackedFault, at, until, machine,
            () => gateway.Request(GatewayEventKind.FaultRaised, GatewayFaults.TrackedInterface),
            () => gateway.Request(GatewayEventKind.FaultCleared, GatewayFaults.TrackedInterface));
    }

    private void PlanDuplicate(Machine machine, Instant at, Instant until) => PlanDuplicate(machine, at, until, hidden: false);

    private void PlanHiddenDuplicate(Machine machine, Instant at, Instant until) => PlanDuplicate(machine, at, until, hidden: true);

    /// <summary>
    /// A machine's daemon is stopped and started with another's uid; later it gets its own back. Hidden, the two can't hear
    /// each other until a second before.
    /// </summary>
    private void PlanDuplicate(Machine impostor, Instant at, Instant until, bool hidden)
    {
        var gateway = (SimulatedGateway)impostor;
        SimulatedGateway[] others = [.. _cluster.Machines.OfType<SimulatedGateway>().Where(other => other != impostor)];
        SimulatedGateway twin = others[_random.Next(others.Length)];
        int script = _script;
        Instant end = Instant.Max(until, at + TimeSpan.FromSeconds(5));
        PlanLoss(FaultKind.Leave, at, end + 2 * Cluster.Interval, impostor, () => gateway.Request(GatewayEventKind.StopRequested));
        Plan(at + Cluster.Interval, () =>
        {
            if (!impostor.Running)
            {
                Fault fault = Begin(hidden ? FaultKind.HiddenDuplicateUid : FaultKind.DuplicateUid, script, impostor, twin);
                _cluster.Network.Cut(impostor.Number, twin.Number, hidden);
                _cluster.Network.Cut(twin.Number, impostor.Number, hidden);
                impostor.Start(twin.OwnUid);
                Plan(end, () => Reveal(gateway, twin, fault, script, hidden));
            }
        });
    }

    private void Reveal(SimulatedGateway impostor, SimulatedGateway twin, Fault fault, int script, bool hidden)
    {
        if (hidden)
        {
            _cluster.Network.Restore(impostor.Number, twin.Number);
        }

        fault.Finish(Now);
        Plan(Now + 1.5 * Cluster.Interval, () =>
        {
            if (impostor.Running && impostor.Uid != impostor.OwnUid)
            {
                Begin(FaultKind.Leave, script, impostor).Finish(Now);
                impostor.Request(GatewayEventKind.StopRequested);
            }
        });
    }
}
