using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Simulation;

/// <summary>What a cluster is made of.</summary>
/// <param name="Seed">Where all that is random comes from.</param>
/// <param name="Gateways">How many gateways of this implementation there are.</param>
/// <param name="FirstImplementations">How many of the first.</param>
/// <param name="VniCount">How many VNIs they serve.</param>
/// <param name="HandoverLead">The gateways' handover lead.</param>
internal readonly record struct ClusterShape(
    int Seed, int Gateways, int FirstImplementations = 0, int VniCount = 12, TimeSpan HandoverLead = default);

/// <summary>Machines in one broadcast domain, and the checkers that watch them.</summary>
internal sealed class Cluster
{
    /// <summary>How long a supervisor takes to fence after a kill, at most.</summary>
    public static readonly TimeSpan FenceDelay = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan DeadInterval = 3 * Interval;

    private readonly ClusterShape _shape;
    private readonly Machine[] _machines;

    public Cluster(ClusterShape shape)
    {
        _shape = shape;
        Random = new Random(shape.Seed);
        Vnis = MakeVnis(1);
        Timing = new GatewayTiming(Interval, DeadAfter: 3, HandoverLead: shape.HandoverLead);
        int size = shape.Gateways + shape.FirstImplementations;
        Network = new VirtualNetwork(size, Random);
        _machines =
        [
            .. Enumerable.Range(0, size).Select(number => number < shape.Gateways
                ? (Machine)new SimulatedGateway(this, number, DrawUid())
                : new FirstImplementation(this, number, DrawUid())),
        ];
        Service = new ServiceChecker(this);
        Beliefs = new BeliefChecker(this);
    }

    public Agenda Agenda { get; } = new();

    public Random Random { get; }

    public VirtualNetwork Network { get; }

    public ServiceChecker Service { get; }

    public BeliefChecker Beliefs { get; }

    public VniSet Vnis { get; }

    public GatewayTiming Timing { get; }

    public int VniCount => _shape.VniCount;

    public Instant Now => Agenda.Now;

    public IReadOnlyList<Machine> Machines => _machines;

    /// <summary>Whether one of the first implementation takes part.</summary>
    public bool Mixed => _shape.FirstImplementations > 0;

    /// <summary>
    /// What a handover may take: a datagram, wake-ups and the kernel's part for all VNIs. One of the first implementation
    /// looks at who is dead ten times a second only.
    /// </summary>
    public TimeSpan HandoverBound => TimeSpan.FromMilliseconds(100) + (Mixed ? FirstImplementation.Turn : TimeSpan.Zero);

    /// <summary>Told of each peer that a gateway takes for dead.</summary>
    public Action<SimulatedGateway, NodeId>? PeerExpired { get; set; }

    /// <summary>The VNIs from a first one on, as many as the cluster has.</summary>
    public VniSet MakeVnis(uint first) => new([new VniRange(new Vni(first), new Vni(first + (uint)VniCount - 1))]);

    public Vni VniAt(int index) => new((uint)index + 1);

    /// <summary>The clock of a machine that boots now; its epoch is its own: a moment ago, hours or years.</summary>
    public VirtualClock BootClock()
    {
        double age = Math.Pow(10, Random.NextDouble() * 18);
        return new VirtualClock(Now, new Instant(Random.Next(8) == 0 ? 0 : (long)age), Random.Next(-200, 201));
    }

    public TimeSpan Jitter(TimeSpan maximum) => maximum * Random.NextDouble();

    public void Broadcast(Machine sender, in Datagram datagram)
    {
        foreach (Machine receiver in _machines)
        {
            for (int copies = Network.CountCopies(sender.Number, receiver.Number); copies > 0; copies--)
            {
                Agenda.Add(
                    Now + Network.NextDelay(sender.Number, receiver.Number),
                    new Happening(HappeningKind.Datagram, receiver, Datagram: datagram));
            }
        }
    }

    public void ObserveServing(Machine machine)
    {
        for (int vni = 0; vni < VniCount; vni++)
        {
            Service.Observe(machine, vni);
        }
    }

    public void ObserveServing(Machine machine, int vni) => Service.Observe(machine, vni);

    public void ObserveAnnouncement(SimulatedGateway gateway, int vni) => Beliefs.ObserveAnnouncement(gateway, vni);

    public void ObserveExpiry(SimulatedGateway gateway, NodeId peer) => PeerExpired?.Invoke(gateway, peer);

    /// <summary>A gateway has started, ended, stood still or come to another state.</summary>
    public void NoticeState() => Service.NoticeState();

    /// <summary>Checks what must hold once the cluster has settled, and expects it to keep still from here on.</summary>
    public void BeginCalm()
    {
        bool wordsLost = Service.LosesWords;
        Service.BeginCalm();
        Beliefs.BeginCalm(wordsLost);
    }

    /// <summary>Faults may come again.</summary>
    public void EndCalm()
    {
        Service.EndCalm();
        Beliefs.EndCalm();
    }

    public void Require(Check check, bool holds, Func<string> what)
    {
        if (!holds)
        {
            throw new ViolationException(check, string.Create(
                CultureInfo.InvariantCulture,
                $"check {(int)check} ({check}), seed {_shape.Seed}, at {Now.Nanoseconds / 1e9:0.000000} s: {what()}"));
        }
    }

    private NodeId DrawUid() => new((ulong)Random.NextInt64(1, long.MaxValue));
}
