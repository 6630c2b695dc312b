using System;
using System.Collections.Generic;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Simulation;

/// <summary>Plans faults for a cluster: what happens, when, and what the checkers have to know about it.</summary>
internal sealed partial class FaultScript
{
    /// <summary>The last faults end that long before everything is healed.</summary>
    private static readonly TimeSpan Spare = TimeSpan.FromSeconds(5);

    private readonly Cluster _cluster;
    private readonly Random _random;
    private readonly Action<Machine, Instant, Instant>[] _gatewayScripts;
    private readonly Action<Machine, Instant, Instant>[] _firstScripts;
    private readonly List<Fault> _open = [];
    private int _script;

    public FaultScript(Cluster cluster)
    {
        _cluster = cluster;
        _random = cluster.Random;
        _gatewayScripts =
        [
            PlanPowerLoss, PlanKill, PlanDrain, PlanStop, PlanPause, PlanSuspend, PlanFreeze, PlanLeap, PlanIsolation,
            PlanOneWay, PlanCuts, PlanBadNetwork, PlanFlap, PlanRefusedTake, PlanRefusedRelease, PlanRtnlHeld, PlanKernelStuck,
            PlanTrackedFault, PlanDuplicate, PlanHiddenDuplicate,
        ];
        _firstScripts = [PlanPowerLoss, PlanKill, PlanFirstStop, PlanFirstPause, PlanIsolation, PlanOneWay];
    }

    private Instant Now => _cluster.Now;

    /// <summary>Plans one fault, of any kind and on any machine.</summary>
    /// <param name="from">Not before then.</param>
    /// <param name="heal">Everything is healed then.</param>
    public void PlanAny(Instant from, Instant heal)
    {
        Machine machine = _cluster.Machines[_random.Next(_cluster.Machines.Count)];
        Action<Machine, Instant, Instant>[] scripts = machine is FirstImplementation ? _firstScripts : _gatewayScripts;
        Instant at = from + _cluster.Jitter(heal - from - 3 * Spare);
        Instant until = Instant.Min(at + _cluster.Jitter(TimeSpan.FromSeconds(14)), heal - Spare);
        _script++;
        scripts[_random.Next(scripts.Length)](machine, at, until);
    }

    /// <summary>Starts a machine for the first time.</summary>
    public void PlanStart(Machine machine, Instant at)
    {
        int script = ++_script;
        Plan(at, () => Restart(machine, script));
    }

    /// <summary>Ends every fault, as if an operator had done so.</summary>
    public void HealEverything()
    {
        _script++;
        _cluster.Network.Heal();
        foreach (Machine machine in _cluster.Machines)
        {
            Mend(machine);
        }

        foreach (Fault fault in _open)
        {
            fault.Finish(Now);
        }

        _open.Clear();
    }

    private void Mend(Machine machine)
    {
        machine.Resume();
        if (machine is SimulatedGateway gateway)
        {
            (gateway.RefusesToTake, gateway.RefusesToRelease, gateway.RtnlHeldUntil) = (false, false, default);
            gateway.Request(GatewayEventKind.FaultCleared, GatewayFaults.TrackedInterface | GatewayFaults.KernelStuck);
            Undrain(gateway, _script);
        }

        if (machine.Running && machine.Uid != machine.OwnUid)
        {
            Begin(FaultKind.Kill, _script, machine).Finish(Now);
            machine.Kill();
            machine.Fence();
        }

        Restart(machine, _script);
        RaiseLowers(machine);
    }

    private void RaiseLowers(Machine machine)
    {
        for (int vni = 0; vni < _cluster.VniCount; vni++)
        {
            RaiseLower(machine, vni);
        }
    }

    private static void RaiseLower(Machine machine, int vni)
    {
        if (!machine.Kernel.ShowLower(vni).Operational)
        {
            machine.FlapLower(vni, up: true);
        }
    }

    private void Plan(Instant at, Action action) => _cluster.Agenda.Plan(at, action);

    private Fault Begin(FaultKind kind, int script, params Machine[] machines)
    {
        var fault = new Fault(kind, script, Now, machines);
        _open.Add(fault);
        _cluster.Service.Add(fault);
        return fault;
    }

    /// <summary>A fault that has an end of its own.</summary>
    private void PlanLasting(
        FaultKind kind, Instant at, Instant until, Machine machine, Action begin, Action end, Func<bool>? applies = null)
    {
        int script = _script;
        Plan(at, () =>
        {
            if (applies?.Invoke() == false)
            {
                return;
            }

            Fault fault = Begin(kind, script, machine);
            begin();
            Plan(until, () =>
            {
                end();
                fault.Finish(Now);
            });
        });
    }

    /// <summary>A fault after which the machine is gone until it is started again.</summary>
    private void PlanLoss(FaultKind kind, Instant at, Instant until, Machine machine, Action lose)
    {
        int script = _script;
        Plan(at, () =>
        {
            Fault fault = Begin(kind, script, machine);
            lose();
            fault.Finish(Now);
        });
        Plan(until, () => Restart(machine, script));
    }

    private void Restart(Machine machine, int script)
    {
        if (!machine.Running)
        {
            Fault join = Begin(machine is FirstImplementation ? FaultKind.FirstJoin : FaultKind.Join, script, machine);
            machine.Start();
            join.Finish(Now);
            RaiseLowers(machine);
        }
    }

    private void Undrain(SimulatedGateway gateway, int script)
    {
        if (gateway.Running && gateway.Gateway.State == GatewayState.Standby)
        {
            Fault join = Begin(FaultKind.Join, script, gateway);
            gateway.Request(GatewayEventKind.UndrainRequested);
            join.Finish(Now);
        }
    }
}
