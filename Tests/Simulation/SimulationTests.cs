using System;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Simulation;

/// <summary>
/// Clusters in virtual time, by seed. WMGWD2_SIMULATION_SEED and WMGWD2_SIMULATION_HOURS (scripts/simulate.sh) replay one;
/// WMGWD2_SIMULATION_REPORT names a file for the table of the longest times.
/// </summary>
public sealed class SimulationTests
{
    private const int Seeds = 1000;

    [Fact]
    public void Every_seed_is_safe_and_settles()
    {
        int hours = ReadVariable("WMGWD2_SIMULATION_HOURS") ?? 1;
        int[] seeds = ReadVariable("WMGWD2_SIMULATION_SEED") is { } seed ? [seed] : [.. Enumerable.Range(1, Seeds)];
        var failures = new ConcurrentBag<string>();
        var longest = new LongestTimes();

        Parallel.ForEach(seeds, one =>
        {
            var simulation = Simulation.OfSeed(one);
            try
            {
                simulation.Run(TimeSpan.FromHours(hours));
            }
            catch (Exception failure)
            {
                // Whatever the core throws is a failure of that seed.
                failures.Add($"{Tell(failure)}\nReplay: scripts/simulate.sh --seed {one} --hours {hours}");
            }

            lock (longest)
            {
                longest.Merge(simulation.Clusters[0].Service.Longest);
            }
        });

        Report(longest);
        Assert.True(failures.IsEmpty, $"{failures.Count} seeds fail:\n{string.Join('\n', failures.Take(20))}");
    }

    /// <summary>A peer table holds 255 peers, so a thousand gateways are four broadcast domains, each near that limit.</summary>
    [Fact]
    public void A_thousand_gateways_are_safe_and_settle()
    {
        if (ReadVariable("WMGWD2_SIMULATION_SEED") != null)
        {
            return;
        }

        var simulation = new Simulation(
            [.. Enumerable.Range(1, 4).Select(seed => new ClusterShape(seed, Gateways: 250, VniCount: 200))],
            faults: 8, healAfter: 18, calm: 2);
        foreach (Cluster cluster in simulation.Clusters)
        {
            // The first to come up takes every VNI, which is no handover.
            cluster.Service.JudgesStart = false;
        }

        simulation.Start();
        simulation.RunEpisode();
        Assert.Equal(1000, simulation.Clusters.Sum(cluster => cluster.Machines.Count(machine => machine.Active)));
    }

    /// <summary>Those who came first keep each other; who comes late is refused, and counted; and it ends when they leave.</summary>
    [Fact]
    public void More_gateways_than_a_peer_table_holds_lose_nobody_who_was_there_before()
    {
        const int First = 250;
        const int All = 290;
        var cluster = new Cluster(new ClusterShape(Seed: 1, Gateways: All));
        Agenda agenda = cluster.Agenda;
        cluster.Service.JudgesStart = false;
        SimulatedGateway[] gateways = [.. cluster.Machines.Cast<SimulatedGateway>()];
        NodeId[] early = [.. gateways.Take(First).Select(gateway => gateway.Uid)];
        cluster.PeerExpired = (gateway, peer) =>
            Assert.False(gateway.Number < First && early.Contains(peer), $"gateway {gateway.Number} loses {peer}");

        Array.ForEach(gateways[..First], gateway => gateway.Start());
        agenda.RunUntil(agenda.Now + TimeSpan.FromSeconds(6));
        cluster.Service.CheckServed();
        Array.ForEach(gateways[First..], gateway => gateway.Start());
        agenda.RunUntil(agenda.Now + TimeSpan.FromSeconds(8));

        Assert.All(gateways[..First], gateway => Assert.True(gateway.CountRefused > 0));
        Assert.All(gateways, gateway => Assert.Equal(PeerTable.PeerLimit, gateway.Gateway.Peers.AliveCount));

        Array.ForEach(gateways[First..], gateway => gateway.LosePower());
        agenda.RunUntil(agenda.Now + TimeSpan.FromSeconds(4));

        Assert.All(gateways[..First], gateway => Assert.Equal(First - 1, gateway.Gateway.Peers.AliveCount));
        cluster.Service.CheckServed();
        cluster.Beliefs.CheckEach();
    }

    [Fact]
    public void A_seed_always_plays_the_same()
    {
        (long Tickets, string Longest)[] runs = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            var simulation = Simulation.OfSeed(7);
            simulation.Run(TimeSpan.FromMinutes(20));
            return (simulation.Clusters[0].Agenda.Tickets, simulation.Clusters[0].Service.Longest.ToString());
        })];

        Assert.Equal(runs[0], runs[1]);
    }

    private static string Tell(Exception failure) => failure is ViolationException ? failure.Message : failure.ToString();

    private static void Report(LongestTimes longest)
    {
        if (Environment.GetEnvironmentVariable("WMGWD2_SIMULATION_REPORT") is { Length: > 0 } path)
        {
            File.WriteAllText(path, longest + "\n");
        }
    }

    private static int? ReadVariable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : null;
}
