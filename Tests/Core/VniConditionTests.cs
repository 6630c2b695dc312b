using System;
using System.Linq;
using Wmgwd2.Core;
using Xunit;
using static Wmgwd2.Tests.Core.ReconcilerBed;

namespace Wmgwd2.Tests.Core;

/// <summary>How it stands with a VNI, since when, and what is counted of it.</summary>
public sealed class VniConditionTests
{
    [Fact]
    public void Condition_says_since_when()
    {
        ReconcilerBed bed = Quiet();
        AssertIs(bed, VniCondition.Held, sinceMs: 0);

        bed.NowMs = 20_000;
        bed.Want(0);
        bed.NowMs += 1;
        bed.TakeAll();
        AssertIs(bed, VniCondition.Rising, sinceMs: 20_000);

        bed.NowMs += 1;
        bed.Show(0, Up);
        bed.NowMs += 1;
        bed.TakeAll();
        AssertIs(bed, VniCondition.Served, sinceMs: 20_003);

        // Announced again and again, and with another address: served all the while.
        bed.RunUntil(30_000);
        bed.ShowAddress(0, "10.0.0.2");
        bed.RunUntil(40_000);
        AssertIs(bed, VniCondition.Served, sinceMs: 20_003);

        bed.ShowLower(0, up: false);
        AssertIs(bed, VniCondition.Wrong, sinceMs: 40_000);
        bed.NowMs += 1;
        bed.ShowLower(0, up: true);
        bed.TakeAll();
        AssertIs(bed, VniCondition.Served, sinceMs: 40_001);

        bed.NowMs += 1;
        bed.Show(0, Free);
        AssertIs(bed, VniCondition.Interrupted, sinceMs: 40_002);
        bed.NowMs += 1;
        bed.Show(0, Up);
        bed.TakeAll();
        AssertIs(bed, VniCondition.Served, sinceMs: 40_003);

        bed.NowMs = 50_000;
        bed.Want();
        AssertIs(bed, VniCondition.Lowering, sinceMs: 50_000);
        bed.NowMs += 1;
        bed.TakeAll();
        AssertIs(bed, VniCondition.Held, sinceMs: 50_001);
    }

    [Fact]
    public void What_the_kernel_showed_served_is_counted_once_and_its_release()
    {
        ReconcilerBed bed = Quiet(3);
        bed.Want(0, 1, 2);
        bed.TakeAll();
        Assert.Equal((0, 0), Counts(bed));
        bed.Show(0, Up);
        bed.Show(1, Up);
        bed.RunUntil(20_000);
        Assert.Equal((2, 0), Counts(bed));

        bed.ShowLower(0, up: false);
        bed.ShowLower(0, up: true);
        bed.RunUntil(30_000);
        Assert.Equal((2, 0), Counts(bed));

        // One that never came up is not let go of; one whose interface is gone is, as soon as it isn't wanted.
        bed.Reconciler.ObserveLinkGone(Ifindex(1), bed.Now);
        Assert.Equal((2, 0), Counts(bed));
        bed.Want();
        bed.RunUntil(40_000);
        Assert.Equal((2, 2), Counts(bed));
    }

    [Fact]
    public void Last_announcement_is_known()
    {
        ReconcilerBed bed = Quiet();
        Assert.Equal(Instant.Never, bed.Reconciler.GetAnnouncedAt(0));
        bed.NowMs = 20_000;
        bed.Want(0);
        bed.TakeAll();
        bed.Show(0, Up);
        Assert.Equal(Instant.Never, bed.Reconciler.GetAnnouncedAt(0));
        bed.TakeAll();
        Assert.Equal(At(20_000), bed.Reconciler.GetAnnouncedAt(0));
        bed.RunUntil(30_000);
        Assert.Equal(At(22_200), bed.Reconciler.GetAnnouncedAt(0));

        // One that can't be sent is none.
        bed.Answer = command => (KernelResult.Done, command.Kind == KernelCommandKind.Announce ? 105 : 0);
        bed.Reconciler.AnnounceOwned(bed.Now);
        bed.TakeAll();
        Assert.Equal(At(22_200), bed.Reconciler.GetAnnouncedAt(0));
    }

    [Fact]
    public void Changes_are_numbered_and_nothing_else_is_one()
    {
        ReconcilerBed bed = Serving();
        int before = bed.Reconciler.GetStatus(0).Changes;
        long count = bed.Reconciler.ChangeCount;
        bed.Show(0, Up);
        bed.ShowAddress(0, "10.0.0.3");
        bed.RunUntil(20_000);
        Assert.Equal(count, bed.Reconciler.ChangeCount);
        for (int change = 1; change <= 600; change++)
        {
            bed.ShowLower(0, up: change % 2 == 0);
            bed.TakeAll();
            Assert.Equal((before + change) % 256, bed.Reconciler.GetStatus(0).Changes);
            Assert.Equal(count + change, bed.Reconciler.ChangeCount);
        }
    }

    [Fact]
    public void Other_indexes_keep_what_is_known()
    {
        ReconcilerBed bed = Quiet(2);
        bed.Want(1);
        bed.TakeAll();
        bed.Show(1, Up);
        bed.RunUntil(20_000);
        (Instant since, Instant announcedAt) = (bed.Reconciler.GetSince(1), bed.Reconciler.GetAnnouncedAt(1));
        (long changes, (long, long) counts) = (bed.Reconciler.ChangeCount, Counts(bed));
        bed.Reindex(3, -1, 2);
        Assert.Equal((since, announcedAt), (bed.Reconciler.GetSince(2), bed.Reconciler.GetAnnouncedAt(2)));
        Assert.Equal((Instant.Never, bed.Now), (bed.Reconciler.GetAnnouncedAt(0), bed.Reconciler.GetSince(0)));
        Assert.Equal((changes, counts), (bed.Reconciler.ChangeCount, Counts(bed)));
    }

    [Fact]
    public void Every_part_of_a_status_keeps_to_its_bits()
    {
        const int HighestErrno = 4095;
        foreach (InterfaceProblem problem in Enum.GetValues<InterfaceProblem>())
        {
            for (int changes = 0; changes < 256; changes++)
            {
                var status = new InterfaceStatus(
                    int.MaxValue, true, false, true, false, HighestErrno, problem, taken: true, changes);
                Assert.Equal(
                    (int.MaxValue, true, false, true, false, HighestErrno, problem, true, changes),
                    (status.Ifindex, status.Protodown, status.Operational, status.Wanted, status.Announced, status.Errno,
                        status.Problem, status.Taken, status.Changes));
                Assert.Equal((changes + 1) % 256, status.WithNextChange.Changes);
                Assert.Equal(status.WithoutChanges, status.WithNextChange.WithoutChanges);
            }
        }

        Assert.InRange(Enum.GetValues<InterfaceProblem>().Max(problem => (int)problem), 0, 15);
    }

    private static (long Takeovers, long Releases) Counts(ReconcilerBed bed) =>
        (bed.Reconciler.TakeoverCount, bed.Reconciler.ReleaseCount);

    private static void AssertIs(ReconcilerBed bed, VniCondition condition, double sinceMs)
    {
        Assert.Equal(condition, bed.Reconciler.GetStatus(0).Condition);
        Assert.Equal(At(sinceMs), bed.Reconciler.GetSince(0));
    }
}
