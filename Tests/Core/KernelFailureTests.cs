using System.Linq;
using Wmgwd2.Core;
using Xunit;
using static Wmgwd2.Core.InterfaceProblem;
using static Wmgwd2.Tests.Core.ReconcilerBed;

namespace Wmgwd2.Tests.Core;

/// <summary>What the reconciler does when the kernel refuses.</summary>
public sealed class KernelFailureTests
{
    private const int Busy = 16;
    private const int NotPermitted = 1;
    private const int NetworkDown = 100;

    [Theory]
    [InlineData(KernelResult.Blocked, Busy, Blocked)]
    [InlineData(KernelResult.Refused, NotPermitted, Refused)]
    public void A_refused_takeover_is_said_and_repeated_after_a_time_that_doubles(
        KernelResult result, int errno, InterfaceProblem problem)
    {
        ReconcilerBed bed = Quiet();
        bed.Answer = _ => (result, errno);
        bed.Want(0);

        double[] attempts = [.. bed.RunUntil(31_000).Select(one => one.AtMs)];

        Assert.Equal(
            [50, 100, 200, 400, 800, 1600, 3200, 3200, 3200, 3200, 3200],
            attempts.Zip(attempts.Skip(1)).Select(pair => pair.Second - pair.First));
        Assert.Equal((problem, errno), (bed.Problem(), bed.Reconciler.GetStatus(0).Errno));

        bed.Answer = _ => (KernelResult.Done, 0);
        Assert.Equal(
            [KernelCommandKind.ClearProtodown, KernelCommandKind.QueryLink],
            bed.RunUntil(90_000).Select(one => one.Command.Kind));
        Assert.Equal((NotOperational, 0), (bed.Problem(), bed.Reconciler.GetStatus(0).Errno));
    }

    [Fact]
    public void A_refused_release_is_said_and_repeated()
    {
        ReconcilerBed bed = Serving();
        bed.Answer = _ => (KernelResult.Refused, NotPermitted);
        bed.Want();

        Assert.Equal(
            "0 SetProtodown 0, 50 SetProtodown 0, 150 SetProtodown 0, 350 SetProtodown 0",
            bed.Run(10_500, since: 10_000));
        Assert.Equal((Refused, NotPermitted), (bed.Problem(), bed.Reconciler.GetStatus(0).Errno));
    }

    [Fact]
    public void A_refusal_holds_up_no_other_vni()
    {
        ReconcilerBed bed = Quiet(100);
        bed.Answer = command => command.Index == 7 ? (KernelResult.Blocked, Busy) : (KernelResult.Done, 0);

        bed.Want([.. Enumerable.Range(0, 100)]);

        Assert.Equal(100, bed.TakeAll().Count);
        Assert.Equal([7], Enumerable.Range(0, 100).Where(index => bed.Problem(index) == Blocked));
    }

    [Fact]
    public void What_is_decided_anew_or_held_by_others_no_longer_is_tried_at_once()
    {
        ReconcilerBed bed = Quiet();
        bed.Show(0, Held, reasons: 1 << 7);
        bed.Answer = _ => (KernelResult.Blocked, Busy);
        bed.Want(0);
        bed.RunUntil(60_000);

        bed.Want();
        Assert.Equal("", bed.Take());
        Assert.Equal(None, bed.Problem());
        bed.Want(0);
        Assert.Equal("ClearProtodown 0", bed.Take());
        Assert.Equal("", bed.Take());
        bed.Show(0, Held, reasons: 0);
        Assert.Equal("ClearProtodown 0", bed.Take());
    }

    [Fact]
    public void An_interface_that_is_gone_when_it_is_to_change_is_missing_until_it_is_seen_again()
    {
        ReconcilerBed bed = Quiet();
        bed.Answer = _ => (KernelResult.Gone, 19);
        bed.Want(0);

        Assert.Equal("0 ClearProtodown 0", bed.Run(100_000, since: bed.NowMs));
        Assert.Equal(Missing, bed.Problem());
        bed.Show(0, Held);
        Assert.Contains(bed.TakeAll(), command => command.Kind == KernelCommandKind.ClearProtodown);
    }

    [Fact]
    public void An_announcement_that_can_not_be_sent_is_said_and_repeated_with_a_whole_burst()
    {
        ReconcilerBed bed = Quiet();
        bed.Want(0);
        bed.Take();
        bed.Answer = _ => (KernelResult.Done, NetworkDown);
        bed.Show(0, Up);
        Assert.Equal("0 Announce 0, 50 Announce 0, 150 Announce 0", bed.Run(10_200, since: 10_000));
        Assert.Equal((NotAnnounced, NetworkDown), (bed.Problem(), bed.Reconciler.GetStatus(0).Errno));
        Assert.False(bed.Reconciler.GetStatus(0).Announced);

        bed.Answer = _ => (KernelResult.Done, 0);

        Assert.Equal(Burst, bed.Run(100_000, since: 10_350));
        Assert.Equal((None, 0), (bed.Problem(), bed.Reconciler.GetStatus(0).Errno));
    }

    [Fact]
    public void A_repeat_that_can_not_be_sent_is_followed_by_a_whole_burst()
    {
        ReconcilerBed bed = Quiet();
        bed.Want(0);
        bed.Take();
        bed.Show(0, Up);
        Assert.Equal("0 Announce 0, 40 Announce 0, 80 Announce 0", bed.Run(11_000, since: 10_000));
        bed.Answer = _ => (KernelResult.Done, NetworkDown);
        Assert.Equal("1100 Announce 0", bed.Run(11_110, since: 10_000));

        bed.Answer = _ => (KernelResult.Done, 0);

        Assert.Equal("1150 Announce 0, 1190 Announce 0, 1230 Announce 0, 2250 Announce 0, 3350 Announce 0", bed.Run(100_000, since: 10_000));
    }

    /// <summary>A refusal is about the state in which it was refused: in another one it counts no longer.</summary>
    [Theory]
    [InlineData(KernelResult.Refused)]
    [InlineData(KernelResult.Blocked)]
    public void What_somebody_else_lets_go_up_after_a_refusal_is_announced_at_once(KernelResult result)
    {
        ReconcilerBed bed = Quiet();
        bed.Answer = command => command.Kind == KernelCommandKind.Announce ? (KernelResult.Done, 0) : (result, Busy);
        bed.Want(0);
        bed.RunUntil(20_000);

        bed.Show(0, Free);
        bed.Show(0, Up);

        Assert.Equal(Burst, bed.Run(100_000, since: 20_000));
        Assert.Equal((None, 0), (bed.Problem(), bed.Reconciler.GetStatus(0).Errno));
    }

    [Fact]
    public void What_somebody_else_puts_down_after_a_refusal_has_no_error_any_more()
    {
        ReconcilerBed bed = Serving();
        bed.Answer = _ => (KernelResult.Refused, NotPermitted);
        bed.Want();
        bed.RunUntil(20_000);

        bed.Show(0, Held);

        Assert.Equal(new InterfaceStatus(Ifindex(0), true, false, false, false, 0, None), bed.Reconciler.GetStatus(0).WithoutChanges);
        bed.Answer = _ => (KernelResult.Done, 0);
        bed.Show(0, Up);
        Assert.Equal("SetProtodown 0", bed.Take());
    }

    /// <summary>Announcements fail for long, then the link goes down and comes back: that is a new start.</summary>
    [Theory]
    [InlineData(Held)]
    [InlineData(Free)]
    public void What_could_not_be_announced_is_when_it_comes_up_again(LinkConditions down)
    {
        ReconcilerBed bed = Quiet();
        bed.Answer = command => (KernelResult.Done, command.Kind == KernelCommandKind.Announce ? NetworkDown : 0);
        bed.Want(0);
        bed.Take();
        bed.Show(0, Up);
        bed.RunUntil(60_000);
        bed.Answer = _ => (KernelResult.Done, 0);

        bed.Show(0, down);
        Assert.Equal(down == Held ? "ClearProtodown 0" : "", bed.Take());
        bed.NowMs += 1;
        bed.Show(0, Up);

        Assert.Equal("Announce 0", bed.Take());
    }
}
