using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>Draws faults from a seed and injects them, mostly one at a time, sometimes two on different gateways.</summary>
internal sealed class SoakPlan(SoakCluster cluster, int seed)
{
    private enum Kind
    {
        Kill, Terminate, StopShort, StopAbout, StopLong, Drain, FlapOwner, FlapOther, Foreign, RecreateOwner, RecreateOther,
        CutBoth, CutDeaf, CutMute, CutGroups, Underlay,
    }

    private readonly Random _random = new(seed);
    private readonly SoakFaults _faults = new(cluster);
    private readonly Queue<Kind> _deck = new();

    /// <summary>How many faults there were.</summary>
    public int Injected { get; private set; }

    /// <summary>When the latest fault was over.</summary>
    public TimeSpan LastEnded { get; private set; }

    /// <summary>Injects faults for a while, and waits until the cluster must have settled after the last one.</summary>
    public void Run(TimeSpan duration)
    {
        _faults.Prepare();
        TimeSpan end = cluster.Now + duration;
        while (cluster.Now < end)
        {
            Kind kind = Draw();
            SoakGateway first = cluster.Gateways[_random.Next(cluster.Gateways.Count)];
            List<Task> tasks = [Inject(kind, first)];
            if (_random.NextDouble() < 0.3)
            {
                Thread.Sleep(Between(0, 1000));
                tasks.Add(InjectSecond(first));
            }

            Task.WaitAll([.. tasks]);
            LastEnded = cluster.Now;
            Pause();
        }

        cluster.Settle();
    }

    private void Pause()
    {
        // Mostly the cluster settles, and must then keep still; else the next fault meets the consequences of this one.
        if (_random.NextDouble() < 0.6)
        {
            cluster.Settle();
        }
        else
        {
            Thread.Sleep(Between(0, 500));
        }

        cluster.RequireAlive();
    }

    /// <summary>Each kind comes once before any comes again.</summary>
    private Kind Draw()
    {
        if (_deck.Count == 0)
        {
            Kind[] kinds = Enum.GetValues<Kind>();
            _random.Shuffle(kinds);
            Array.ForEach(kinds, _deck.Enqueue);
        }

        return _deck.Dequeue();
    }

    private Task InjectSecond(SoakGateway first)
    {
        // Faults of the network come one at a time: the end of one would end a part of the other.
        Kind kind = (Kind)_random.Next((int)Kind.CutBoth);
        SoakGateway second = cluster.Gateways[(first.Number + _random.Next(1, cluster.Gateways.Count)) % cluster.Gateways.Count];
        return Inject(kind, second);
    }

    private Task Inject(Kind kind, SoakGateway gateway)
    {
        Injected++;
        Action fault = Prepare(kind, gateway);
        bool anytime = kind is Kind.Kill or Kind.Terminate or >= Kind.CutBoth and not Kind.Underlay;
        TimeSpan wait = anytime ? TimeSpan.Zero : gateway.ReadyAt - cluster.Now;
        return Task.Factory.StartNew(
            () =>
            {
                // Its process may die at any moment; for the rest it takes part, or there would be nothing to disturb.
                Thread.Sleep(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
                fault();
            },
            TaskCreationOptions.LongRunning);
    }

    /// <summary>Draws here what is random of it, so that the same seed gives the same faults whatever their threads do.</summary>
    private Action Prepare(Kind kind, SoakGateway gateway)
    {
        double dead = SoakTimes.Dead.TotalMilliseconds;
        int count = _random.Next(1, 6);
        bool lower = _random.Next(2) == 0;
        TimeSpan any = Between(0, 2.5 * dead);
        TimeSpan cut = _random.Next(4) == 0 ? Between(0.2 * dead, 1.2 * dead) : Between(1.5 * dead, 4 * dead);
        TimeSpan moment = Between(0, 300);
        return kind switch
        {
            Kind.Kill => () => gateway.Kill(any),
            Kind.Terminate => () => gateway.Terminate(any),
            Kind.StopShort => Stop(gateway, 0.05 * dead, 0.25 * dead),
            Kind.StopAbout => Stop(gateway, 0.6 * dead, 1.1 * dead),
            Kind.StopLong => Stop(gateway, 1.2 * dead, 4 * dead),
            Kind.Drain => () => gateway.Drain(any),
            Kind.FlapOwner => () => _faults.FlapLower(gateway, true, count, moment),
            Kind.FlapOther => () => _faults.FlapLower(gateway, false, count, moment),
            Kind.Foreign => () => _faults.BringUpForeign(gateway, count),
            Kind.RecreateOwner => () => _faults.Recreate(gateway, true, lower, count, moment),
            Kind.RecreateOther => () => _faults.Recreate(gateway, false, lower, count, moment),
            Kind.CutBoth => () => _faults.Cut(
                "partition of one", [.. OthersOf(gateway).SelectMany(other => new[] { (gateway.Number, other), (other, gateway.Number) })], cut),
            Kind.CutDeaf => () => _faults.Cut("one hears nobody", [.. OthersOf(gateway).Select(other => (gateway.Number, other))], cut),
            Kind.CutMute => () => _faults.Cut("nobody hears one", [.. OthersOf(gateway).Select(other => (other, gateway.Number))], cut),
            Kind.CutGroups => CutGroups(cut),
            _ => Lose(gateway),
        };
    }

    private Action Stop(SoakGateway gateway, double shortest, double longest)
    {
        TimeSpan pause = Between(shortest, longest);
        return () => gateway.Stop(pause);
    }

    private Action Lose(SoakGateway gateway)
    {
        TimeSpan pause = Between(2 * SoakTimes.Dead.TotalMilliseconds, 5 * SoakTimes.Dead.TotalMilliseconds);
        return () => gateway.LoseUnderlay(pause);
    }

    private Action CutGroups(TimeSpan pause)
    {
        int[] gateways = [.. Enumerable.Range(0, cluster.Gateways.Count)];
        _random.Shuffle(gateways);
        int[] few = gateways[..2];
        (int, int)[] pairs =
        [
            .. few.SelectMany(one => gateways[2..].SelectMany(other => new[] { (one, other), (other, one) })),
        ];
        return () => _faults.Cut("partition of two from the rest", pairs, pause);
    }

    private IEnumerable<int> OthersOf(SoakGateway gateway) =>
        cluster.Gateways.Select(other => other.Number).Where(other => other != gateway.Number);

    private TimeSpan Between(double shortestMs, double longestMs) =>
        TimeSpan.FromMilliseconds(shortestMs + _random.NextDouble() * (longestMs - shortestMs));
}
