using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>Real daemons under random faults: <c>scripts/soak.sh</c> runs it for minutes, every test run for seconds.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int Gateways = 5;
    private const uint Vnis = 50;
    private const int UsualSeconds = 12;
    private const int UsualSeed = 1;

    [NamespaceFact("nft")]
    public void Five_daemons_survive_random_faults()
    {
        int seconds = Read("WMGWD2_SOAK_SECONDS", UsualSeconds);
        int seed = Read("WMGWD2_SOAK_SEED", UsualSeed);
        using var stalls = new StallWatch();
        using var cluster = new SoakCluster(output, Gateways, Vnis);
        cluster.Start();
        var plan = new SoakPlan(cluster, seed);
        plan.Run(TimeSpan.FromSeconds(seconds));

        (SoakChecker checker, ServiceChange[] changes, int announcements) = cluster.Check();
        string[] violations = [.. checker.Violations, .. cluster.FindFaultsAtEnd()];
        int resident = cluster.Gateways.Where(gateway => !gateway.HasDied).Select(gateway => gateway.Resident()).Max();
        double settled = Math.Max(0, changes.Select(change => change.Time - plan.LastEnded).Max().TotalMilliseconds);
        string report = SoakReport.Write(cluster, checker, violations, string.Create(CultureInfo.InvariantCulture,
            $"""
            {plan.Injected} faults in {seconds} s, seed {seed}: {Gateways} daemons, {Vnis} VNIs, interval
            {SoakTimes.Interval.TotalMilliseconds} ms, dead interval {SoakTimes.Dead.TotalMilliseconds} ms. Bounds are the protocol's times and {SoakTimes.Allowance.TotalMilliseconds} ms for the machine, which
            kept a sleeping thread waiting for {stalls.Longest.TotalMilliseconds:0} ms at most. {changes.Length} changes and {announcements} announcements
            were checked; the last move was {settled:0} ms after the end of the last fault; at most {resident} kB resident.
            """));
        output.WriteLine(report);
        output.WriteLine(SoakReport.WriteChronicle(cluster, checker));
        if (Environment.GetEnvironmentVariable("WMGWD2_SOAK_REPORT") is { Length: > 0 } path)
        {
            File.WriteAllText(path, report);
        }

        Assert.True(violations.Length == 0, report);
        Assert.True(plan.Injected > 0 && changes.Length > Vnis && announcements > Vnis, report);
    }

    [NamespaceFact("nft")]
    public void A_supervisor_without_the_fence_hook_is_reported()
    {
        using var cluster = new SoakCluster(output, 3, 12);
        cluster.Start();
        cluster.Gateways[0].Kill(SoakTimes.Join + SoakTimes.Allowance, fence: false);
        cluster.Settle();
        SoakChecker checker = cluster.Check().Checker;

        Assert.Contains(checker.Violations, violation => violation.Contains("gateway 1 serves VNI", StringComparison.Ordinal)
            && violation.Contains("without owning it", StringComparison.Ordinal));
        Assert.Contains(checker.Violations, violation => violation.Contains("two serve VNI", StringComparison.Ordinal)
            && violation.Contains("for longer than 500 ms (SIGKILL", StringComparison.Ordinal));
        Assert.DoesNotContain(checker.Violations, violation => violation.Contains("nobody", StringComparison.Ordinal));
        Assert.Empty(cluster.FindFaultsAtEnd());
    }

    [NamespaceFact("nft")]
    public void A_move_that_no_fault_explains_is_reported()
    {
        using var cluster = new SoakCluster(output, 3, 12);
        cluster.Start();
        SoakGateway meddled = cluster.Gateways[1];
        uint vni = cluster.Network.Vnis.First(vni => cluster.OwnerOf(vni) == meddled.Number);

        // Somebody sets an owner's macvlan down, and the model is not told.
        meddled.Place.Ip($"link set {Gateway.Macvlan(vni)} down");
        Thread.Sleep(SoakTimes.Interval);
        List<string> atEnd = [.. cluster.FindFaultsAtEnd()];
        meddled.Place.Ip($"link set {Gateway.Macvlan(vni)} up");
        cluster.Settle();
        string[] expected =
        [
            $"gateway 2 doesn't serve VNI {vni} though it owns it",
            $"nobody serves VNI {vni} without a fault",
        ];

        // Whoever records what the kernel shows may come late, where all tests run at once.
        Eventually.Get("it is reported", () => cluster.Check().Checker.Violations, violations => expected.All(part =>
            violations.Any(violation => violation.Contains(part, StringComparison.Ordinal))));
        Assert.NotEmpty(atEnd);
    }

    private static int Read(string variable, int usual) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : usual;
}
