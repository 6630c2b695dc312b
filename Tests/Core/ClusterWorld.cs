using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

/// <summary>
/// A few gateways in one virtual time and the advertisements between them, each of which arrives when somebody says so.
/// What can happen next is a list of choices; the same choices give the same world.
/// </summary>
internal sealed class ClusterWorld
{
    private readonly GatewayDriver[] _nodes;
    private readonly Queue<NodeId>[] _waiting;
    private readonly bool[] _crashed;
    private Instant _now;
    private int _crashesLeft;
    private int _stopsLeft;
    private int _pausesLeft;

    /// <summary>
    /// Gateways that start at these instants, seen first at the last of them, or when they have settled.
    /// </summary>
    public ClusterWorld(double[] starts, bool settled, int crashes, int stops, int pauses)
    {
        _nodes =
        [
            .. starts.Select((start, i) => new GatewayDriver(101 + (ulong)i, $"10.0.1.{11 + i}", GatewayDriver.At(start))),
        ];
        _waiting = [.. _nodes.Select(_ => new Queue<NodeId>())];
        _crashed = new bool[_nodes.Length];
        _now = GatewayDriver.At(starts.Max());
        if (settled)
        {
            Settle(GatewayDriver.DeadInterval + GatewayDriver.Interval);
        }

        (_crashesLeft, _stopsLeft, _pausesLeft) = (crashes, stops, pauses);
    }

    private IEnumerable<GatewayDriver> Alive => _nodes.Where((node, i) => IsAlive(i));

    /// <summary>
    /// What can happen now: the oldest waiting advertisement of a gateway arrives; a gateway whose deadline is the next
    /// of all is woken; a gateway crashes, or is told to stop; nobody is woken for longer than the dead interval.
    /// </summary>
    public List<Action> Choices()
    {
        var choices = new List<Action>();
        Instant next = NextDeadline();
        for (int i = 0; i < _nodes.Length; i++)
        {
            int node = i;
            if (!IsAlive(node))
            {
                continue;
            }

            if (_waiting[node].Count > 0)
            {
                choices.Add(() => Deliver(node));
            }

            if (_nodes[node].Gateway.Deadline <= next)
            {
                choices.Add(() => Wake(node, next));
            }

            if (_crashesLeft > 0)
            {
                choices.Add(() =>
                {
                    _crashesLeft--;
                    Crash(node);
                });
            }

            if (_stopsLeft > 0)
            {
                choices.Add(() =>
                {
                    _stopsLeft--;
                    Stop(node);
                });
            }
        }

        if (_pausesLeft > 0)
        {
            choices.Add(() =>
            {
                _pausesLeft--;
                _now += GatewayDriver.DeadInterval;
            });
        }

        return choices;
    }

    public void Crash(int node) => _crashed[node] = true;

    public void Stop(int node) => Happen(node, new GatewayEvent(GatewayEventKind.StopRequested));

    /// <summary>How many gateways serve the VNI with this index.</summary>
    public int CountServing(int index) => Alive.Count(node => (node.Served >> index & 1) != 0);

    /// <summary>For so long all is well: every advertisement arrives at once, and every deadline is met.</summary>
    /// <param name="duration">How long.</param>
    /// <param name="passes">Told of each time in which nothing happens, when all that happens at its start has
    /// happened.</param>
    public void Settle(TimeSpan duration, Action<TimeSpan>? passes = null)
    {
        Instant end = _now + duration;
        while (true)
        {
            for (int i = 0; i < _nodes.Length; i++)
            {
                while (IsAlive(i) && _waiting[i].Count > 0)
                {
                    Deliver(i);
                }
            }

            Instant next = NextDeadline();
            passes?.Invoke(Instant.Min(next, end) - _now);
            if (next > end)
            {
                _now = end;
                return;
            }

            Wake(NextToWake(next), next);
        }
    }

    /// <summary>
    /// Every gateway that lives is active and sees the owner that the hash says, among those that live.
    /// </summary>
    public void AssertAgreement()
    {
        NodeId[] uids = [.. Alive.Select(node => node.Uid)];
        foreach (GatewayDriver node in Alive)
        {
            Assert.Equal(GatewayState.Active, node.Gateway.State);
            Assert.Equal(uids.Length - 1, node.Gateway.Peers.AliveCount);
            for (int index = 0; index < GatewayDriver.Vnis.Count; index++)
            {
                NodeId owner = node.Gateway.Peers[node.Gateway.Ownership.Owners[index]].Uid;
                Assert.Equal(uids.MaxBy(uid => RendezvousHash.Weight(uid, GatewayDriver.Vnis[index])), owner);
            }
        }
    }

    private bool IsAlive(int node) => !_crashed[node] && !_nodes[node].Exited;

    private Instant NextDeadline()
    {
        Instant next = Instant.Never;
        for (int i = 0; i < _nodes.Length; i++)
        {
            next = IsAlive(i) ? Instant.Min(next, _nodes[i].Gateway.Deadline) : next;
        }

        return next;
    }

    private int NextToWake(Instant deadline)
    {
        int node = 0;
        while (!IsAlive(node) || _nodes[node].Gateway.Deadline > deadline)
        {
            node++;
        }

        return node;
    }

    private void Wake(int node, Instant deadline)
    {
        _now = Instant.Max(_now, deadline);
        Happen(node, new GatewayEvent(GatewayEventKind.DeadlineReached));
    }

    private void Deliver(int node)
    {
        NodeId uid = _waiting[node].Dequeue();
        Happen(node, GatewayEvent.AdvertisementReceived(uid, Array.Find(_nodes, sender => sender.Uid == uid)!.Address));
    }

    private void Happen(int node, GatewayEvent happened)
    {
        _nodes[node].Now = _now;
        _nodes[node].Handle(happened);
        if (_nodes[node].CountSaid(GatewayCommandKind.SendAdvertisement) > 0)
        {
            // A broadcast: its sender hears it too.
            foreach (Queue<NodeId> waiting in _waiting)
            {
                waiting.Enqueue(_nodes[node].Uid);
            }
        }
    }
}
