using System;
using System.Collections.Generic;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Simulation;

/// <summary>
/// A gateway of the first implementation, as its source has it: it advertises from its first second on, assigns from its
/// third, lets go at once of what a uid that it hears for the first time owns, knows nothing of handovers, doesn't notice
/// that it stood still, and leaves every interface up when it is stopped.
/// </summary>
internal sealed class FirstImplementation(Cluster cluster, int number, NodeId uid) : Machine(cluster, number, uid)
{
    /// <summary>How long after its start it takes up.</summary>
    public const int AssignsAfter = 3;

    /// <summary>From one look at who is dead to the next.</summary>
    public static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly List<(ulong Uid, Instant Heard)> _heard = [];
    private readonly bool[] _owned = new bool[cluster.VniCount];
    private Instant _started;
    private Instant _nextExpiry;

    public override bool Active => Running && Now - _started >= (AssignsAfter + 1) * Interval;

    /// <summary>The end that SIGTERM brings: everything is left up.</summary>
    public void Stop()
    {
        if (Running && !Paused)
        {
            for (int vni = 0; vni < Cluster.VniCount; vni++)
            {
                SetProtodown(vni, on: false);
            }

            Kill();
        }
    }

    protected override void Receive(in Datagram datagram)
    {
        if (Running && !Paused && datagram.Kind == GatewayEventKind.AdvertisementReceived)
        {
            Hear(datagram.Sender);
            Assign();
        }
    }

    protected override void Tick()
    {
        if (Running && !Paused)
        {
            Hear(Uid);
            Advertise();
            Assign();
            ScheduleTick(Now + Interval);
        }
    }

    protected override void KernelTick()
    {
        if (Running && !Paused)
        {
            Assign();
            ScheduleKernelTick(Now + Turn);
        }
    }

    protected override void StartProcess()
    {
        _started = Now;
        _heard.Clear();
        Array.Clear(_owned);
        ScheduleTick(Now + Interval);
        ScheduleKernelTick(Now + Interval);
        Cluster.Agenda.Plan(Cluster.Now + (AssignsAfter + 1.01) * Interval, Cluster.NoticeState);
    }

    protected override void Awake()
    {
        ScheduleTick(Now);
        ScheduleKernelTick(Now);
    }

    protected override void KernelChanged(int vni)
    {
    }

    private void Hear(NodeId uid)
    {
        int at = _heard.FindIndex(one => one.Uid == uid.Value);
        if (at >= 0 && Now - _heard[at].Heard < 3 * Interval)
        {
            _heard[at] = (uid.Value, Now);
            return;
        }

        // Who is new, or was dead, changes who owns what.
        _nextExpiry = default;
        if (at >= 0)
        {
            _heard.RemoveAt(at);
        }

        _heard.Add((uid.Value, Now));
    }

    private void Assign()
    {
        if (Now - _started < AssignsAfter * Interval || Now < _nextExpiry)
        {
            return;
        }

        _nextExpiry = Instant.Never;
        _heard.RemoveAll(one => Now - one.Heard >= 3 * Interval);
        foreach ((_, Instant heard) in _heard)
        {
            _nextExpiry = Instant.Min(_nextExpiry, heard + 3 * Interval);
        }

        for (int vni = 0; vni < Cluster.VniCount; vni++)
        {
            bool owns = Elect(Cluster.VniAt(vni)) == Uid.Value;
            if (owns != _owned[vni])
            {
                _owned[vni] = owns;
                SetProtodown(vni, on: !owns);
            }
        }
    }

    private ulong Elect(Vni vni)
    {
        ulong best = 0;
        ulong bestWeight = 0;
        foreach ((ulong node, _) in _heard)
        {
            ulong weight = Rendezvous.Weigh(new NodeId(node), vni);
            if (weight > bestWeight)
            {
                (best, bestWeight) = (node, weight);
            }
        }

        return best;
    }
}
