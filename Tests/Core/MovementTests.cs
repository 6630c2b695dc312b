using System;
using System.Linq;
using Wmgwd2.Core;
using Xunit;
using static Wmgwd2.Tests.Core.ReconcilerBed;

namespace Wmgwd2.Tests.Core;

/// <summary>What is reported of VNIs that move together.</summary>
public sealed class MovementTests
{
    [Fact]
    public void Movement_is_over_with_the_last_first_announcement()
    {
        ReconcilerBed bed = Quiet(3);
        bed.Want(0, 1);
        Assert.Equal(2, bed.Reconciler.MovementOpen);
        Assert.False(bed.Reconciler.TryTakeMovement(bed.Now, out _));
        bed.Take();
        bed.NowMs += 20;
        bed.Show(0, Up);
        bed.Take();
        Assert.Equal(1, bed.Reconciler.MovementOpen);
        Assert.False(bed.Reconciler.TryTakeMovement(bed.Now, out _));
        bed.NowMs += 10;
        bed.Show(1, Up);
        bed.Take();

        Assert.True(bed.Reconciler.TryTakeMovement(bed.Now, out Movement movement));
        Assert.Equal(new Movement(2, 0, 0, TimeSpan.FromMilliseconds(30)), movement);
        Assert.False(bed.Reconciler.TryTakeMovement(bed.Now, out _));
    }

    [Fact]
    public void Releases_count_when_they_are_carried_out()
    {
        ReconcilerBed bed = Serving(3);
        bed.Want(2);
        Assert.False(bed.Reconciler.TryTakeMovement(bed.Now, out _));
        bed.NowMs += 5;
        bed.Take();

        Assert.True(bed.Reconciler.TryTakeMovement(bed.Now, out Movement movement));
        Assert.Equal(new Movement(0, 2, 0, TimeSpan.FromMilliseconds(5)), movement);
    }

    [Fact]
    public void What_is_decided_before_the_end_belongs_to_the_same_movement()
    {
        ReconcilerBed bed = Serving(2);
        bed.Want(0);
        bed.NowMs += 5;
        bed.Want();
        bed.Take();

        Assert.True(bed.Reconciler.TryTakeMovement(bed.Now, out Movement movement));
        Assert.Equal(new Movement(0, 2, 0, TimeSpan.FromMilliseconds(5)), movement);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("refused")]
    [InlineData("administratively down")]
    [InlineData("without an address")]
    public void What_has_a_problem_holds_the_report_up_no_longer(string problem)
    {
        ReconcilerBed bed = Quiet(2);
        switch (problem)
        {
            case "missing":
                bed.Reconciler.ObserveLinkGone(Ifindex(1), bed.Now);
                break;
            case "refused":
                bed.Answer = command => command == new KernelCommand(KernelCommandKind.ClearProtodown, 1, Ifindex(1))
                    ? (KernelResult.Refused, 1) : (KernelResult.Done, 0);
                break;
            case "administratively down":
                bed.Show(1, LinkConditions.Protodown);
                break;
            case "without an address":
                bed.ShowAddress(1, "10.0.0.1", present: false);
                break;
        }

        bed.Want(0, 1);
        bed.Take();
        bed.Show(0, Up);
        if (problem == "without an address")
        {
            bed.Show(1, Up);
        }

        bed.Take();

        Assert.True(bed.Reconciler.TryTakeMovement(bed.Now, out Movement movement));
        Assert.Equal(new Movement(2, 0, 1, TimeSpan.Zero), movement);
    }

    [Fact]
    public void Movement_without_end_is_reported_at_its_limit()
    {
        ReconcilerBed bed = Quiet(2);
        double start = bed.NowMs;
        bed.Want(0, 1);
        bed.Take();
        bed.Show(0, Up);
        bed.Take();
        while (bed.DeadlineMs < start + 5000)
        {
            bed.NowMs = bed.DeadlineMs;
            bed.Take();
            Assert.False(bed.Reconciler.TryTakeMovement(bed.Now, out _));
        }

        Assert.Equal(start + 5000, bed.NowMs = bed.DeadlineMs);
        Assert.True(bed.Reconciler.TryTakeMovement(bed.Now, out Movement movement));
        Assert.Equal(new Movement(2, 0, 1, TimeSpan.FromSeconds(5)), movement);
        Assert.Equal(0, bed.Reconciler.MovementOpen);
    }

    [Fact]
    public void What_was_let_go_of_before_it_came_up_is_not_open_any_more()
    {
        ReconcilerBed bed = Quiet(2);
        bed.Want(0, 1);
        bed.Take();
        bed.NowMs += 1;
        bed.Want();
        bed.Take();

        Assert.Equal(0, bed.Reconciler.MovementOpen);
        Assert.True(bed.Reconciler.TryTakeMovement(bed.Now, out Movement movement));
        Assert.Equal(new Movement(2, 2, 0, TimeSpan.FromMilliseconds(1)), movement);
        Assert.Equal([InterfaceProblem.None, InterfaceProblem.None], new[] { 0, 1 }.Select(bed.Problem));
    }
}
