using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Simulation;

/// <summary>
/// Clusters in virtual time. Faults come in episodes: they begin in its first part (safety: the bounds hold), all of
/// them have ended then (liveness: the cluster settles within the dead interval and two intervals), and then for a while
/// nothing may move. All that is random comes from the seed.
/// </summary>
internal sealed class Simulation
{
    private static readonly TimeSpan Settling = Cluster.DeadInterval + 2 * Cluster.Interval;

    private readonly Cluster[] _clusters;
    private readonly FaultScript[] _scripts;
    private readonly int _faults;
    private readonly TimeSpan _healAfter;
    private readonly TimeSpan _calm;

    /// <summary>A simulation of some clusters, which know nothing of each other.</summary>
    /// <param name="shapes">The clusters.</param>
    /// <param name="faults">How many faults come in an episode, at most.</param>
    /// <param name="healAfter">After how many seconds of an episode all faults end.</param>
    /// <param name="calm">For how many seconds nothing may move then.</param>
    public Simulation(IEnumerable<ClusterShape> shapes, int faults = 3, int healAfter = 40, int calm = 12)
    {
        _clusters = [.. shapes.Select(shape => new Cluster(shape))];
        _scripts = [.. _clusters.Select(cluster => new FaultScript(cluster))];
        _faults = faults;
        _healAfter = TimeSpan.FromSeconds(healAfter);
        _calm = TimeSpan.FromSeconds(calm);
    }

    public IReadOnlyList<Cluster> Clusters => _clusters;

    /// <summary>The true time, the same in all of them.</summary>
    public Instant Now => _clusters[0].Now;

    /// <summary>The simulation of one small cluster that a seed stands for.</summary>
    public static Simulation OfSeed(int seed)
    {
        var random = new Random(seed ^ 0x5eed);
        int gateways = random.Next(2, 6);
        int firsts = random.Next(0, 2);
        TimeSpan lead = TimeSpan.FromMilliseconds(200 * random.Next(2));
        return new Simulation([new ClusterShape(seed, gateways, firsts, HandoverLead: lead)]);
    }

    /// <summary>Runs for at least that long, to the end of an episode.</summary>
    public void Run(TimeSpan time)
    {
        Instant end = Now + time;
        Start();
        while (Now < end)
        {
            RunEpisode();
        }
    }

    /// <summary>Starts every machine, within some seconds, and lets the clusters settle.</summary>
    public void Start()
    {
        for (int at = 0; at < _clusters.Length; at++)
        {
            foreach (Machine machine in _clusters[at].Machines)
            {
                _scripts[at].PlanStart(machine, Now + _clusters[at].Jitter(TimeSpan.FromSeconds(4)));
            }

            _clusters[at].Agenda.Plan(Now + TimeSpan.FromSeconds(6), _clusters[at].Beliefs.CheckEach);
        }

        RunUntil(Now + TimeSpan.FromSeconds(4));
        Settle();
    }

    /// <summary>Faults, their end, and a while in which nothing may move.</summary>
    public void RunEpisode()
    {
        Instant heal = Now + _healAfter;
        for (int at = 0; at < _clusters.Length; at++)
        {
            PlanFaults(_clusters[at], _scripts[at], heal);
        }

        RunUntil(heal);
        foreach (FaultScript script in _scripts)
        {
            script.HealEverything();
        }

        Settle();
    }

    // One after the other, since a thousand gateways at once are more than a processor's cache holds.
    private void RunUntil(Instant end)
    {
        foreach (Cluster cluster in _clusters)
        {
            cluster.Agenda.RunUntil(end);
        }
    }

    private void PlanFaults(Cluster cluster, FaultScript script, Instant heal)
    {
        // One fault alone is held to its own bound; and then there are those on top of each other.
        Random random = cluster.Random;
        for (int faults = random.Next(2) == 0 ? 1 : random.Next(1, _faults + 1); faults > 0; faults--)
        {
            script.PlanAny(Now, heal);
        }

        for (int sample = 0; sample < 3; sample++)
        {
            cluster.Agenda.Plan(Now + cluster.Jitter(_healAfter), cluster.Beliefs.CheckEach);
        }
    }

    private void Settle()
    {
        TimeSpan handover = _clusters.Max(cluster => cluster.HandoverBound);
        RunUntil(Now + Settling + handover);
        AwaitThoseWhoMayWait();
        foreach (Cluster cluster in _clusters)
        {
            cluster.BeginCalm();
        }

        RunUntil(Now + _calm);
        foreach (Cluster cluster in _clusters)
        {
            cluster.EndCalm();
        }
    }

    /// <summary>Who was in fault may wait for up to a minute before it comes back; meanwhile the others serve.</summary>
    private void AwaitThoseWhoMayWait()
    {
        Instant from = Now;
        Instant limit = from + Gateway.MaximumWait + Settling;
        while (Now < limit && _clusters.Any(IsWaiting))
        {
            foreach (Cluster cluster in _clusters.Where(one => Now - one.Service.LatestState > one.HandoverBound))
            {
                CheckOthers(cluster);
            }

            RunUntil(Now + Cluster.Interval);
        }

        if (Now > from)
        {
            // The last of them may have come back just now.
            RunUntil(Now + _clusters.Max(cluster => cluster.HandoverBound));
        }
    }

    private static bool IsWaiting(Cluster cluster) =>
        cluster.Machines.Any(machine => !machine.Active && cluster.Service.MayWait(machine));

    private static void CheckOthers(Cluster cluster)
    {
        foreach (Machine machine in cluster.Machines)
        {
            cluster.Require(
                Check.Settling,
                machine.Active || cluster.Service.MayWait(machine),
                () => $"gateway {machine.Number} is not active again");
        }

        cluster.Service.CheckServed();
    }
}
