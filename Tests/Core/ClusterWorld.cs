using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

/// <summary>
/// A few gateways in one virtual time and the datagrams between them, each of which arrives when somebody says so; or,
/// where time just passes, after the same delay. What can happen next is a list of choices; the same choices give the
/// same world.
/// </summary>
internal sealed class ClusterWorld
{
    private readonly GatewayDriver[] _nodes;
    private readonly Queue<Datagram>[] _waiting;
    private readonly bool[] _crashed;
    private readonly Instant[] _starts;
    private readonly TimeSpan _delay;
    private Instant _now;
    private int _crashesLeft;
    private int _stopsLeft;
    private int _pausesLeft;
    private int _drainsLeft;

    /// <summary>
    /// Gateways that start at these instants, seen first at the last of them, or when they have settled.
    /// </summary>
    public ClusterWorld(
        double[] starts,
        bool settled = false,
        int crashes = 0,
        int stops = 0,
        int pauses = 0,
        int drains = 0,
        TimeSpan lead = default,
        TimeSpan delay = default)
    {
        _nodes =
        [
            .. starts.Select((start, i) => new GatewayDriver(
                101 + (ulong)i, $"10.0.1.{11 + i}", GatewayDriver.At(start), lead)),
        ];
        _waiting = [.. _nodes.Select(_ => new Queue<Datagram>())];
        _crashed = new bool[_nodes.Length];
        _starts = [.. starts.Select(GatewayDriver.At)];
        _delay = delay;
        _now = _starts.Min();
        Settle(_starts.Max() - _now);
        if (settled)
        {
            Settle(GatewayDriver.DeadInterval + lead + GatewayDriver.Interval);
        }

        (_crashesLeft, _stopsLeft, _pausesLeft, _drainsLeft) = (crashes, stops, pauses, drains);
    }

    /// <summary>Which datagrams are lost: kind, sender and receiver.</summary>
    public Func<GatewayEventKind, int, int, bool> Loses { get; set; } = (_, _, _) => false;

    /// <summary>How far it is since time 0.</summary>
    public double Seconds => _now.Nanoseconds / 1e9;

    private IEnumerable<GatewayDriver> Alive => _nodes.Where((node, i) => IsAlive(i));

    /// <summary>
    /// What can happen now: the oldest waiting datagram of a gateway arrives; a gateway whose deadline is the next
    /// of all is woken; a gateway crashes, or is told to stop or drain; nobody is woken for longer than the dead
    /// interval.
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

            if (_drainsLeft > 0)
            {
                choices.Add(() =>
                {
                    _drainsLeft--;
                    Drain(node);
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

    public void Drain(int node) => Happen(node, new GatewayEvent(GatewayEventKind.DrainRequested));

    public void Undrain(int node) => Happen(node, new GatewayEvent(GatewayEventKind.UndrainRequested));

    public GatewayDriver this[int node] => _nodes[node];

    /// <summary>How many gateways serve the VNI with this index.</summary>
    public int CountServing(int index) => Alive.Count(node => (node.Served >> index & 1) != 0);

    /// <summary>For so long all is well: every datagram arrives after the delay, and every deadline is met.</summary>
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
                while (IsAlive(i) && _waiting[i].TryPeek(out Datagram next) && next.Arrives <= _now)
                {
                    Deliver(i);
                }
            }

            Instant arrival = NextArrival();
            Instant deadline = NextDeadline();
            Instant until = Instant.Min(arrival, deadline);
            if (until > _now)
            {
                passes?.Invoke(Instant.Min(until, end) - _now);
            }

            if (until > end)
            {
                _now = end;
                return;
            }

            // What arrives in the instant of a deadline is there before it.
            if (arrival <= deadline)
            {
                _now = Instant.Max(_now, arrival);
            }
            else
            {
                Wake(NextToWake(deadline), deadline);
            }
        }
    }

    /// <summary>
    /// Every gateway that lives and isn't drained is active and sees the owner that the hash says, among those.
    /// </summary>
    public void AssertAgreement()
    {
        GatewayDriver[] members = [.. Alive.Where(node => node.Gateway.State != GatewayState.Standby)];
        NodeId[] uids = [.. members.Select(node => node.Uid)];
        foreach (GatewayDriver node in members)
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

    private Instant NextArrival()
    {
        Instant next = Instant.Never;
        for (int i = 0; i < _nodes.Length; i++)
        {
            next = IsAlive(i) && _waiting[i].TryPeek(out Datagram first) ? Instant.Min(next, first.Arrives) : next;
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
        Datagram datagram = _waiting[node].Dequeue();
        GatewayDriver sender = _nodes[datagram.Sender];
        Happen(node, new GatewayEvent(datagram.Kind, sender.Uid, sender.Address, Subject: datagram.Subject));
    }

    private void Happen(int node, GatewayEvent happened)
    {
        _nodes[node].Now = _now;
        _nodes[node].Handle(happened);
        foreach (GatewayCommand command in _nodes[node].Commands)
        {
            switch (command.Kind)
            {
                case GatewayCommandKind.SendAdvertisement:
                    Broadcast(node, GatewayEventKind.AdvertisementReceived, default);
                    break;
                case GatewayCommandKind.SendGoodbye:
                    Broadcast(node, GatewayEventKind.GoodbyeReceived, _nodes[node].Uid);
                    break;
                case GatewayCommandKind.SendGone:
                    Broadcast(node, GatewayEventKind.GoneReceived, _nodes[node].Uid);
                    break;
                case GatewayCommandKind.SendJoining:
                    Broadcast(node, GatewayEventKind.JoiningReceived, _nodes[node].Uid);
                    break;
                case GatewayCommandKind.SendTaken:
                    Broadcast(node, GatewayEventKind.TakenReceived, command.Uid);
                    break;
                case GatewayCommandKind.SendHeard:
                    Broadcast(node, GatewayEventKind.HeardReceived, _nodes[node].Uid);
                    break;
            }
        }
    }

    /// <summary>Its sender hears it too; who hasn't started yet doesn't.</summary>
    private void Broadcast(int sender, GatewayEventKind kind, NodeId subject)
    {
        for (int receiver = 0; receiver < _nodes.Length; receiver++)
        {
            if (_now >= _starts[receiver] && !Loses(kind, sender, receiver))
            {
                _waiting[receiver].Enqueue(new Datagram(kind, sender, subject, _now + _delay));
            }
        }
    }

    private readonly record struct Datagram(GatewayEventKind Kind, int Sender, NodeId Subject, Instant Arrives);
}
