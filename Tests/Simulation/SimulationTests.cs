using System;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace Wmgwd2.Tests.Simulation;

/// <summary>
/// Clusters in virtual time, by seed. WMGWD2_SIMULATION_SEED and WMGWD2_SIMULATION_HOURS (scripts/simulate.sh) replay one.
/// </summary>
public sealed class SimulationTests
{
    private const int Seeds = 1000;
    private const int EpisodesAnHour = 60;

    [Fact]
    public void Every_seed_is_safe_and_settles()
    {
        int hours = ReadVariable("WMGWD2_SIMULATION_HOURS") ?? 1;
        int[] seeds = ReadVariable("WMGWD2_SIMULATION_SEED") is { } seed ? [seed] : [.. Enumerable.Range(1, Seeds)];
        Parallel.ForEach(seeds, one => Run(one, hours * EpisodesAnHour));
    }

    private static void Run(int seed, int episodes)
    {
        var random = new Random(seed ^ 0x5eed);
        new Simulation(seed, random.Next(2, 6), random.Next(0, 2)).Run(episodes);
    }

    private static int? ReadVariable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : null;
}
