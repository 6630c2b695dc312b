using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;
using Xunit;
using static Wmgwd2.Tests.Core.ReconcilerBed;

namespace Wmgwd2.Tests.Core;

/// <summary>When the reconciler has a VNI announced.</summary>
public sealed class AnnouncementTests
{
    [Fact]
    public void What_has_come_up_is_announced_at_once_with_two_echoes_and_twice_more()
    {
        ReconcilerBed bed = Quiet();
        bed.Want(0);
        bed.Take();
        bed.NowMs = 12_345;
        bed.Show(0, Up);

        Assert.Equal(Burst, bed.Run(100_000, since: 12_345));
        Assert.True(bed.Reconciler.GetStatus(0).Announced);
    }

    [Fact]
    public void Owned_is_announced_anew_on_demand_also_in_the_middle_of_a_burst()
    {
        ReconcilerBed bed = Serving(2);
        bed.Reconciler.AnnounceOwned(bed.Now);
        Assert.Equal(
            "0 Announce 0, 0 Announce 1, 40 Announce 0, 40 Announce 1, 80 Announce 0, 80 Announce 1, 1100 Announce 0, 1100 Announce 1",
            bed.Run(11_500, since: 10_000));

        bed.Reconciler.AnnounceOwned(bed.Now);

        Assert.Equal(
            "0 Announce 0, 0 Announce 1, 40 Announce 0, 40 Announce 1, 80 Announce 0, 80 Announce 1, "
                + "1100 Announce 0, 1100 Announce 1, 2200 Announce 0, 2200 Announce 1",
            bed.Run(100_000, since: 11_500));
    }

    [Fact]
    public void Demand_in_the_instant_of_a_repeat_takes_its_place()
    {
        ReconcilerBed bed = Serving();
        bed.Reconciler.AnnounceOwned(bed.Now);
        bed.RunUntil(bed.NowMs + 1000);
        bed.NowMs = bed.DeadlineMs;

        bed.Reconciler.AnnounceOwned(bed.Now);

        Assert.Equal(Burst, bed.Run(100_000, since: bed.NowMs));
    }

    [Fact]
    public void Demands_that_follow_each_other_fast_are_one()
    {
        ReconcilerBed bed = Serving();
        var said = new List<(double AtMs, KernelCommand Command)>();
        for (int demand = 0; demand < 20; demand++)
        {
            bed.Reconciler.AnnounceOwned(bed.Now);
            said.AddRange(bed.RunUntil(bed.NowMs + 50));
        }

        said.AddRange(bed.RunUntil(100_000));

        Assert.Equal([0, 40, 80, 1100, 1140, 1180, 2200, 3300], said.Select(one => one.AtMs - 10_000));
    }

    [Fact]
    public void On_demand_nothing_is_announced_that_is_not_owned_or_not_up()
    {
        ReconcilerBed bed = Serving(3);
        bed.NowMs += 100;
        bed.Want(0, 1);
        bed.Take();
        bed.Show(0, Free);

        bed.Reconciler.AnnounceOwned(bed.Now);

        Assert.Equal("Announce 1", bed.Take());
    }

    [Fact]
    public void New_address_or_hardware_address_is_announced_and_a_known_one_is_not()
    {
        ReconcilerBed bed = Serving();
        bed.ShowAddress(0, "10.0.0.1");
        bed.Show(0, Up);
        Assert.Equal("", bed.Take());

        bed.ShowAddress(0, "10.0.0.2");
        Assert.Equal(Burst, bed.Run(20_000, since: 10_000));
        bed.Show(0, Up, mac: 0x00005e000107);
        Assert.Equal(Burst, bed.Run(30_000, since: 20_000));
        bed.ShowAddress(0, "10.0.0.2", present: false);
        Assert.Equal("", bed.Run(40_000, since: 30_000));
    }

    [Fact]
    public void Without_its_last_address_nothing_is_announced_until_there_is_one()
    {
        ReconcilerBed bed = Serving();
        bed.Reconciler.AnnounceOwned(bed.Now);
        bed.ShowAddress(0, "10.0.0.1", present: false);

        Assert.Equal(InterfaceProblem.NoAddress, bed.Problem());
        Assert.Equal("", bed.Run(20_000, since: 10_000));
        bed.ShowAddress(0, "10.0.0.9");
        Assert.Equal(Burst, bed.Run(30_000, since: 20_000));
    }

    [Fact]
    public void Burst_ends_when_the_VNI_is_let_go_of()
    {
        ReconcilerBed bed = Quiet();
        bed.Want(0);
        bed.Take();
        bed.Show(0, Up);
        Assert.Equal("Announce 0", bed.Take());
        bed.NowMs += 1000;
        bed.Want();

        Assert.Equal("0 SetProtodown 0", bed.Run(100_000, since: bed.NowMs));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    [InlineData(61)]
    [InlineData(1)]
    public void Each_is_announced_once_an_interval_and_all_of_them_evenly(int count)
    {
        const double Interval = 60_000;
        var bed = new ReconcilerBed(count, Interval);
        bed.ShowAll(Up);
        bed.Want([.. Enumerable.Range(0, count)]);
        bed.RunUntil(Interval);

        List<(double AtMs, KernelCommand Command)> said = bed.RunUntil(11 * Interval);

        Assert.All(said, one => Assert.Equal(KernelCommandKind.Announce, one.Command.Kind));
        AssertEachOncePerInterval(said, count, Interval, toleranceMs: 0);
        int mostInAStep = (int)Math.Ceiling(count / 30.0 * 1.1) + 1;
        Assert.All(said.Zip(said.Skip(mostInAStep)), far => Assert.True(far.Second.AtMs - far.First.AtMs >= 2000));

        // Gathered, so that many VNIs don't mean many wake-ups.
        Assert.InRange(said.Select(one => one.AtMs).Distinct().Count(), 1, 10 * 30);
    }

    /// <summary>Whoever stays keeps its own time, whatever comes and goes around it.</summary>
    [Fact]
    public void What_moves_does_not_shift_the_others()
    {
        const int Count = 200;
        const double Interval = 60_000;
        var random = new Random(1);
        var bed = new ReconcilerBed(Count, Interval);
        bed.ShowAll(Up);
        int[] stays = [.. Enumerable.Range(0, Count).Where(_ => random.Next(2) == 0)];
        bed.Want(stays);
        bed.RunUntil(Interval);
        var said = new List<(double AtMs, KernelCommand Command)>();
        for (int second = 61; second <= 660; second++)
        {
            bed.Want([.. stays.Union(Enumerable.Range(0, Count).Where(_ => random.Next(2) == 0))]);
            said.AddRange(bed.RunUntil(second * 1000));
        }

        AssertEachOncePerInterval(
            [.. said.Where(one => stays.Contains(one.Command.Index))], stays.Length, Interval, toleranceMs: 2000);
    }

    [Fact]
    public void Nothing_is_made_up_for_after_a_long_time_without_anything_owned()
    {
        var bed = new ReconcilerBed(100, 60_000);
        bed.ShowAll(Up);
        bed.Want();
        bed.RunUntil(5_000_000);
        bed.Want([.. Enumerable.Range(0, 100)]);
        bed.ShowAll(Up);

        List<(double AtMs, KernelCommand Command)> said = bed.RunUntil(5_059_000);

        Assert.All(
            said.Where(one => one.Command.Kind == KernelCommandKind.Announce).CountBy(one => one.Command.Index),
            each => Assert.InRange(each.Value, 5, 6));
    }

    [Fact]
    public void Without_anything_owned_nothing_is_due()
    {
        ReconcilerBed bed = Quiet(10);

        Assert.Equal(Instant.Never, bed.Reconciler.Deadline);
    }

    private static void AssertEachOncePerInterval(
        List<(double AtMs, KernelCommand Command)> said, int count, double interval, double toleranceMs)
    {
        ILookup<int, double> byIndex = said.ToLookup(one => one.Command.Index, one => one.AtMs);
        Assert.Equal(count, byIndex.Count);
        foreach (IGrouping<int, double> each in byIndex)
        {
            double[] times = [.. each];
            Assert.InRange(times.Length, 9, 11);
            Assert.All(
                times.Zip(times.Skip(1), (one, next) => next - one),
                passed => Assert.InRange(passed, interval - toleranceMs, interval + toleranceMs));
        }
    }
}
