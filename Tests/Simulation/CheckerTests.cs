using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace Wmgwd2.Tests.Simulation;

/// <summary>Each checker is seen to notice what it is there for: a gateway is broken on purpose, and the right one reports.</summary>
public sealed class CheckerTests
{
    private static readonly TimeSpan Enough = TimeSpan.FromMinutes(10);

    /// <summary>Whatever the sabotage, without it the same clusters pass.</summary>
    [Fact]
    public void Clusters_without_sabotage_pass() => Assert.Empty(FindViolations(Sabotage.None));

    [Theory]
    [InlineData(nameof(Sabotage.NeverLetsGo), nameof(Check.OneServes))]
    [InlineData(nameof(Sabotage.LetsGoLate), nameof(Check.Bounds))]
    [InlineData(nameof(Sabotage.TakesUpLate), nameof(Check.Bounds))]
    [InlineData(nameof(Sabotage.LetsGoOfAll), nameof(Check.Movement))]
    [InlineData(nameof(Sabotage.AnnouncesTheNext), nameof(Check.Announcements))]
    [InlineData(nameof(Sabotage.AnnouncesNothing), nameof(Check.Announcements))]
    [InlineData(nameof(Sabotage.ListensForever), nameof(Check.Settling))]
    [InlineData(nameof(Sabotage.ElectsByTheNext), nameof(Check.Beliefs))]
    public void A_broken_gateway_is_noticed_by_the_check_that_is_there_for_it(string sabotage, string check) =>
        Assert.Contains(Enum.Parse<Check>(check), FindViolations(Enum.Parse<Sabotage>(sabotage)));

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void A_settled_cluster_in_which_something_moves_by_itself_is_noticed(bool up, int servers)
    {
        var simulation = Settle();
        Cluster cluster = simulation.Clusters[0];
        Machine machine = cluster.Machines.First(one => one.Serves(0) != up);
        cluster.BeginCalm();

        // Nobody told the gateway: the kernel does it.
        var violation = Assert.Throws<ViolationException>(() => Set(cluster, machine, up));

        Assert.Equal(Check.OneServes, violation.Check);
        Assert.Contains(servers == 0 ? "serves False" : "serves True", violation.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_cluster_that_is_not_settled_when_it_should_be_is_noticed(bool up)
    {
        var simulation = Settle();
        Cluster cluster = simulation.Clusters[0];
        cluster.Service.Add(new Fault(FaultKind.Partition, 1, cluster.Now, cluster.Machines[0]));
        Set(cluster, cluster.Machines.First(one => one.Serves(0) != up), up);

        Assert.Equal(Check.OneServes, Assert.Throws<ViolationException>(cluster.BeginCalm).Check);
    }

    /// <summary>A bound is a bound: a nanosecond within passes, one beyond fails.</summary>
    [Theory]
    [InlineData(nameof(FaultKind.Join), 100)]
    [InlineData(nameof(FaultKind.PowerLoss), 3100)]
    [InlineData(nameof(FaultKind.RefusedTake), 3300)]
    public void The_bound_of_a_fault_is_exact(string name, int milliseconds)
    {
        FaultKind kind = Enum.Parse<FaultKind>(name);
        Assert.Null(Record.Exception(() => ServeNobody(kind, TimeSpan.FromMilliseconds(milliseconds))));
        var violation = Assert.Throws<ViolationException>(() => ServeNobody(kind, TimeSpan.FromMilliseconds(milliseconds + 0.001)));

        Assert.Equal(Check.Bounds, violation.Check);
    }

    private static void ServeNobody(FaultKind kind, TimeSpan time)
    {
        Cluster cluster = Settle().Clusters[0];
        Machine machine = cluster.Machines.First(one => one.Serves(0));
        var fault = new Fault(kind, 1, cluster.Now, machine);
        cluster.Service.Add(fault);
        fault.Finish(cluster.Now);
        Set(cluster, machine, up: false);

        // Nothing else is let happen: the gateway would mend it.
        cluster.Agenda.Skip(time);
        Set(cluster, machine, up: true);
    }

    private static void Set(Cluster cluster, Machine machine, bool up)
    {
        machine.Kernel.SetProtodown(0, !up);
        machine.Kernel.RaiseCarrier(0);
        cluster.ObserveServing(machine, 0);
    }

    private static Simulation Settle()
    {
        var simulation = new Simulation([new ClusterShape(Seed: 3, Gateways: 3)]);
        simulation.Start();
        return simulation;
    }

    private static HashSet<Check> FindViolations(Sabotage sabotage)
    {
        var found = new HashSet<Check>();
        for (int seed = 1; seed <= 8; seed++)
        {
            var simulation = new Simulation([new ClusterShape(seed, Gateways: 4)]);
            ((SimulatedGateway)simulation.Clusters[0].Machines[1]).Sabotage = sabotage;
            try
            {
                simulation.Run(Enough);
            }
            catch (ViolationException violation)
            {
                found.Add(violation.Check);
            }
        }

        return found;
    }
}
