using System;
using System.Linq;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Simulation;

/// <summary>What a fault may do to the service, by what the protocol makes unavoidable.</summary>
internal enum Harm
{
    /// <summary>Nothing but a handover: a moment of nobody or of two.</summary>
    Planned,

    /// <summary>A gateway is dead: nobody for the dead interval.</summary>
    Death,

    /// <summary>The gateways can't know of each other, or can't act: no bound while it lasts.</summary>
    Anything,
}

/// <summary>
/// Watches from outside what every kernel shows: how many gateways serve each VNI, for how long there is none or more than
/// one, and whether that is within the bound of what happened. It knows nothing of how gateways decide.
/// </summary>
internal sealed class ServiceChecker(Simulation simulation)
{
    /// <summary>A handover: datagram, wake-ups, the kernel's part for all VNIs, the first implementation's overlap.</summary>
    private static readonly TimeSpan HandoverBound = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan DeadInterval = TimeSpan.FromSeconds(3);

    /// <summary>How long a supervisor takes to fence after a kill, at most.</summary>
    public static readonly TimeSpan FenceDelay = TimeSpan.FromSeconds(1);

    private readonly bool[,] _serves = new bool[16, Simulation.VniCount];
    private readonly int[] _servers = new int[Simulation.VniCount];
    private readonly Instant[] _since = new Instant[Simulation.VniCount];
    private Instant _anythingUntil;
    private Instant _deathUntil;
    private Instant _fencedBy;
    private Instant _noneActive;
    private bool _calm;

    /// <summary>The longest times seen, for a report.</summary>
    public TimeSpan LongestNobody { get; private set; }

    public TimeSpan LongestTwo { get; private set; }

    /// <summary>A fault begins or ends.</summary>
    public void Expect(Harm harm)
    {
        // What a fault leaves behind is noticed within the dead interval, and acted on.
        // One of the first implementation takes over late and knows of no handover: with it the bounds are its own.
        Instant until = simulation.Now + DeadInterval + HandoverBound;
        if (harm == Harm.Anything || simulation.Machines.Any(machine => machine is FirstImplementation))
        {
            _anythingUntil = Instant.Max(_anythingUntil, until + TimeSpan.FromSeconds(14));
        }
        else if (harm == Harm.Death)
        {
            _deathUntil = until;
            _fencedBy = simulation.Now + FenceDelay + HandoverBound;
        }

        NoticeNoneActive();
    }

    /// <summary>Whether a machine serves a VNI may have changed.</summary>
    public void Observe(Machine machine, int vni)
    {
        bool serves = machine.Kernel.Serves(vni);
        if (_serves[machine.Number, vni] == serves)
        {
            return;
        }

        NoticeNoneActive();
        Judge(vni);
        _serves[machine.Number, vni] = serves;
        _servers[vni] += serves ? 1 : -1;
        _since[vni] = simulation.Now;
        simulation.Require(!_calm, $"VNI {vni + 1} moves in a settled cluster (gateway {machine.Number}, serves {serves})");
    }

    /// <summary>The cluster is to be settled from here on.</summary>
    public void BeginCalm()
    {
        Machine[] active = [.. simulation.Machines.Where(machine => machine.Active)];
        simulation.Require(active.Length == simulation.Machines.Count, "not every gateway is active again: " + string.Join(
            ", ", simulation.Machines.Where(machine => !machine.Active).Select(machine => machine.Number)));
        for (int vni = 0; vni < Simulation.VniCount; vni++)
        {
            Machine owner = Elect(active, Simulation.Vnis[vni]);
            simulation.Require(_servers[vni] == 1, $"VNI {vni + 1} is served by {_servers[vni]} gateways");
            simulation.Require(_serves[owner.Number, vni], $"VNI {vni + 1} isn't served by gateway {owner.Number}, who owns it");
            foreach (SimulatedGateway believer in active.OfType<SimulatedGateway>())
            {
                ushort slot = believer.Gateway.Ownership.Owners[vni];
                simulation.Require(
                    slot != Ownership.NoOwner && believer.Gateway.Peers[slot].Uid == owner.Uid,
                    $"gateway {believer.Number} believes somebody else owns VNI {vni + 1}");
            }
        }

        _calm = true;
    }

    /// <summary>Faults may come again.</summary>
    public void EndCalm() => _calm = false;

    private static Machine Elect(Machine[] machines, Vni vni)
    {
        Machine best = machines[0];
        foreach (Machine machine in machines)
        {
            if (RendezvousHash.Precedes(
                RendezvousHash.Weight(machine.Uid, vni), machine.Uid, RendezvousHash.Weight(best.Uid, vni), best.Uid))
            {
                best = machine;
            }
        }

        return best;
    }

    // Where all gateways listen, stand by or are dead, nobody can serve: a fault on top of a fault.
    private void NoticeNoneActive()
    {
        if (!simulation.Machines.Any(machine => machine.Active))
        {
            _noneActive = simulation.Now;
        }
    }

    private void Judge(int vni)
    {
        if (_servers[vni] == 1 || _since[vni] < _anythingUntil || _since[vni] == default)
        {
            return;
        }

        TimeSpan lasted = simulation.Now - _since[vni];
        bool within = lasted <= HandoverBound;
        if (_servers[vni] == 0)
        {
            // The heir of a dead gateway may die too: the latest death counts.
            within |= simulation.Now <= _deathUntil || _noneActive >= _since[vni];
            LongestNobody = lasted > LongestNobody ? lasted : LongestNobody;
        }
        else
        {
            // What a killed process had up stays up until the supervisor's hook; others may take it meanwhile.
            within |= simulation.Now <= _fencedBy;
            LongestTwo = lasted > LongestTwo ? lasted : LongestTwo;
        }

        simulation.Require(within, $"VNI {vni + 1} was served by {_servers[vni]} gateways for {lasted.TotalMilliseconds} ms");
    }
}
