using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Simulation;

/// <summary>
/// Watches from outside what every kernel shows: how many gateways serve each VNI, for how long there is none or more than
/// one, whether that is within the bound of what happened, and whether a VNI moves that has nothing to do with it. It knows
/// nothing of how gateways decide.
/// </summary>
/// <remarks>
/// A time without exactly one server is judged when it ends, by all faults that can have to do with it. One alone: its own
/// bound. Several on top of each other: the sum of their bounds, and for each beyond the first the dead interval and an
/// interval more, for so long gateways may differ about who is there. While no gateway is able to take part nobody can
/// serve; the time counts from the first that is.
/// </remarks>
internal sealed class ServiceChecker
{
    private readonly Cluster _cluster;
    private readonly bool[,] _serves;
    private readonly int[] _servers;
    private readonly Instant[] _since;
    private readonly NodeId[] _owners;
    private readonly List<Fault> _faults = [];
    private Instant _ableSince = Instant.Never;
    private bool _calm;
    private bool _settledOnce;
    private bool _foreign;

    public ServiceChecker(Cluster cluster)
    {
        _cluster = cluster;
        _serves = new bool[cluster.Machines.Count, cluster.VniCount];
        _servers = new int[cluster.VniCount];
        _since = new Instant[cluster.VniCount];
        Array.Fill(_since, cluster.Now);
        List<NodeId> all = [.. cluster.Machines.Select(machine => machine.OwnUid)];
        _owners = [.. Enumerable.Range(0, cluster.VniCount).Select(vni => Rendezvous.Elect(all, cluster.VniAt(vni)))];
    }

    /// <summary>The longest times seen, by what they came from.</summary>
    public LongestTimes Longest { get; } = new();

    /// <summary>Whether the time before the cluster first settled is judged too.</summary>
    public bool JudgesStart { get; set; } = true;

    /// <summary>Whether, since the cluster was last settled, the network may have lost all that a gateway was to be told.</summary>
    public bool LosesWords { get; private set; }

    /// <summary>When a gateway's state last changed.</summary>
    public Instant LatestState { get; private set; }

    /// <summary>Whether a gateway may wait before it comes back: it was in fault, for what it is told or hears.</summary>
    public bool MayWait(Machine machine) => _faults.Any(fault => fault.Machines.Contains(machine) && fault.Kind is
        FaultKind.TrackedFault or FaultKind.KernelStuck or FaultKind.DuplicateUid or FaultKind.HiddenDuplicateUid);

    /// <summary>A fault begins.</summary>
    public void Add(Fault fault)
    {
        _faults.Add(fault);
        _foreign |= !fault.Bound.OwnVnisOnly;
        LosesWords |= fault.Kind == FaultKind.BadNetwork;
        Longest.Count(fault.Kind);
        NoticeState();
    }

    /// <summary>A gateway has started, ended, stood still or come to another state.</summary>
    public void NoticeState()
    {
        LatestState = _cluster.Now;
        foreach (Fault fault in _faults)
        {
            fault.NoticeState(_cluster.Now);
        }

        bool able = _cluster.Machines.Any(machine => machine.Able);
        _ableSince = !able ? Instant.Never : Instant.Min(_ableSince, _cluster.Now);
    }

    /// <summary>Whether a machine serves a VNI may have changed.</summary>
    public void Observe(Machine machine, int vni)
    {
        bool serves = machine.Serves(vni);
        if (_serves[machine.Number, vni] == serves)
        {
            return;
        }

        Judge(vni);
        _serves[machine.Number, vni] = serves;
        _servers[vni] += serves ? 1 : -1;
        _since[vni] = _cluster.Now;
        _cluster.Require(Check.OneServes, !_calm, () => $"{Name(vni)} moves in a settled cluster ({Name(machine)}, serves {serves})");
        CheckMovement(machine, vni);
    }

    /// <summary>Whether each VNI is served by the one gateway that the active ones elect.</summary>
    public void CheckServed()
    {
        List<NodeId> active = [.. _cluster.Machines.Where(machine => machine.Active).Select(machine => machine.Uid)];
        for (int vni = 0; vni < _cluster.VniCount; vni++)
        {
            NodeId owner = Rendezvous.Elect(active, _cluster.VniAt(vni));
            Machine machine = _cluster.Machines.First(one => one.Uid == owner);
            int servers = _servers[vni];
            int at = vni;
            _cluster.Require(Check.OneServes, servers == 1, () => $"{Name(at)} is served by {servers} gateways");
            _cluster.Require(
                Check.OneServes, _serves[machine.Number, vni], () => $"{Name(at)} isn't served by {Name(machine)}, who owns it");
        }
    }

    /// <summary>The cluster is to be settled from here on.</summary>
    public void BeginCalm()
    {
        foreach (Machine machine in _cluster.Machines)
        {
            _cluster.Require(Check.Settling, machine.Active, () => $"{Name(machine)} is not active again");
        }

        CheckServed();
        _faults.Clear();
        _foreign = false;
        LosesWords = false;
        _calm = true;
        _settledOnce = true;
    }

    /// <summary>Faults may come again.</summary>
    public void EndCalm() => _calm = false;

    private static string Name(int vni) => $"VNI {vni + 1}";

    private static string Name(Machine machine) => $"gateway {machine.Number}";

    // The VNIs of gateways that neither came nor went stay where they are, whatever becomes of the others.
    private void CheckMovement(Machine machine, int vni)
    {
        if (!_foreign && _settledOnce)
        {
            _cluster.Require(
                Check.Movement,
                _faults.Any(fault => fault.Machines.Any(one => one.OwnUid == _owners[vni])),
                () => $"{Name(vni)} moves ({Name(machine)}, serves {machine.Serves(vni)}), and its owner neither came nor went");
        }
    }

    private void Judge(int vni)
    {
        bool nobody = _servers[vni] == 0;
        Instant from = nobody ? Instant.Max(_since[vni], _ableSince) : _since[vni];
        if (_servers[vni] == 1 || from >= _cluster.Now || !(_settledOnce || JudgesStart))
        {
            return;
        }

        List<Fault> causes = FindCauses(from);
        TimeSpan lasted = _cluster.Now - from;
        TimeSpan outside = lasted - Overlap(causes, nobody, from);
        TimeSpan bound = Bound(causes, nobody);
        Longest.Add(causes, nobody, outside, _cluster.Mixed);
        _cluster.Require(
            Check.Bounds,
            outside <= bound,
            () => $"{Name(vni)} was served by {_servers[vni]} gateways for {lasted.TotalMilliseconds} ms, of which "
                + $"{outside.TotalMilliseconds} count against {bound.TotalMilliseconds} ({string.Join(", ", causes.Select(Tell))})");
    }

    // What happened while another cause lasted counts too: a gateway that stood still reads of it only afterwards.
    private List<Fault> FindCauses(Instant from)
    {
        TimeSpan reach = _cluster.HandoverBound + _cluster.Timing.HandoverLead + Cluster.DeadInterval + Cluster.Interval;
        Fault[] near = [.. _faults.Where(fault => fault.Reaches(from, _cluster.Now, reach))];
        return [.. _faults.Where(fault => near.Any(
            cause => cause == fault || fault.Reaches(cause.Begin, Instant.Min(cause.Settled, _cluster.Now), reach)))];
    }

    private string Tell(Fault fault) => $"{fault.Kind} of {string.Join(" and ", fault.Machines.Select(machine => machine.Number))}"
        + $" at {fault.Begin.Nanoseconds / 1e9:0.000} to {(fault.End == Instant.Never ? "now" : $"{fault.End.Nanoseconds / 1e9:0.000}")}";

    private TimeSpan Overlap(List<Fault> causes, bool nobody, Instant from)
    {
        TimeSpan overlap = TimeSpan.Zero;
        foreach (Fault fault in causes)
        {
            if (nobody ? fault.Bound.NobodyWhile : fault.Bound.TwoWhile)
            {
                overlap += fault.Overlap(from, _cluster.Now);
            }
        }

        return overlap;
    }

    private TimeSpan Bound(List<Fault> causes, bool nobody)
    {
        TimeSpan bound = _cluster.HandoverBound;
        foreach (Fault fault in causes)
        {
            bound += nobody ? fault.Bound.NobodyIn(_cluster.Mixed) : fault.Bound.Two;
        }

        int others = causes.Select(fault => fault.Script).Distinct().Count() - 1;
        return others > 0 ? bound + others * (Cluster.DeadInterval + Cluster.Interval) : bound;
    }
}
