using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;
using Xunit;
using static Wmgwd2.Tests.Core.ReconcilerBed;

namespace Wmgwd2.Tests.Core;

/// <summary>What becomes of everything that has a place for each VNI when the VNIs change while a gateway serves.</summary>
public sealed class ReindexTests
{
    [Fact]
    public void Each_VNI_finds_its_index_in_the_other_set()
    {
        VniSet before = VniSetTests.Parse("1-5,10,20-22");
        VniSet after = VniSetTests.Parse("4-6,10-12,22");

        Assert.Equal([-1, -1, -1, 0, 1, 3, -1, -1, 6], after.FindIndexesOf(before));
    }

    [Fact]
    public void Queue_keeps_the_order_and_the_instants_of_those_that_stay()
    {
        var before = new DelayQueue(4);
        before.Append(2, new Instant(10));
        before.Append(0, new Instant(20));
        before.Append(3, new Instant(30));
        var after = new DelayQueue(3);

        after.AppendFrom(before, [2, 1, -1, 0]);

        Assert.Equal((2, new Instant(20)), (after.Count, after.NextDue));
        Assert.True(after.TryTake(new Instant(20), out int first));
        Assert.Equal((2, new Instant(30)), (first, after.NextDue));
    }

    [Theory]
    [InlineData("1-40,100,4096,1048576-1048580", "1-40,100,4096,1048576-1048580")]
    [InlineData("1-40,100,4096,1048576-1048580", "30-50,100,1048570-1048578")]
    [InlineData("1-600", "16776000-16777215")]
    [InlineData("7", "1-2000")]
    public void Ownership_equals_recomputation_and_those_that_stay_keep_their_owners(string ranges, string newRanges)
    {
        VniSet vnis = VniSetTests.Parse(ranges);
        VniSet newVnis = VniSetTests.Parse(newRanges);
        var ownership = new Ownership(vnis, 8);
        var recomputed = new Ownership(newVnis, 8);
        foreach (int slot in (int[])[3, 0, 5, 7])
        {
            ownership.Add(slot, new NodeId(0x9e3779b97f4a7c15ul * (ulong)(slot + 1)));
            recomputed.Add(slot, new NodeId(0x9e3779b97f4a7c15ul * (ulong)(slot + 1)));
        }

        var changed = new Ownership(newVnis, ownership);
        Assert.Same(newVnis, changed.Vnis);
        Assert.Equal(recomputed.Owners, changed.Owners);

        // It goes on as the other one does.
        foreach (Ownership each in (Ownership[])[recomputed, changed])
        {
            each.Remove(5);
            each.Add(1, new NodeId(77));
        }

        Assert.Equal(recomputed.Owners, changed.Owners);
        Assert.True(changed.IsMember(1) && !changed.IsMember(5));
    }

    [Fact]
    public void Ownership_without_members_has_no_owners()
    {
        var changed = new Ownership(VniSetTests.Parse("1-20"), new Ownership(VniSetTests.Parse("5"), 8));

        Assert.All(changed.Owners.ToArray(), owner => Assert.Equal(Ownership.NoOwner, owner));
    }

    [Fact]
    public void What_stays_goes_on_as_if_nothing_had_happened()
    {
        ReconcilerBed left = Busy();
        ReconcilerBed changed = Busy();

        // Number 0 goes, and two come: one before the others, one behind.
        changed.Reindex(6, -1, 1, 2, 3, 4);

        Assert.Equal(left.Run(100_000, since: left.NowMs), changed.Run(100_000, since: changed.NowMs));
        Assert.Equal(
            [InterfaceProblem.Missing, .. Enumerable.Range(1, 4).Select(index => left.Problem(index)), InterfaceProblem.Missing],
            Enumerable.Range(0, 6).Select(index => changed.Problem(index)));
        Assert.Equal(left.Reconciler.ProblemCount + 2, changed.Reconciler.ProblemCount);
        for (int index = 1; index <= 4; index++)
        {
            Assert.Equal(left.Reconciler.GetStatus(index), changed.Reconciler.GetStatus(index));
        }

        // What is observed finds its VNI; and what is new is taken in when it shows.
        changed.ShowLower(2, up: false);
        Assert.Equal(InterfaceProblem.LowerDown, changed.Problem(2));
        changed.Show(5, Up);
        changed.ShowLower(5, up: true);
        Assert.Equal("SetProtodown 5", changed.Take().Replace("QueryLink 5, ", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Movement_under_way_ends_with_what_stays()
    {
        ReconcilerBed bed = Quiet(3);
        bed.Want(0, 1, 2);
        bed.Take();
        bed.Show(0, Up);
        bed.Take();
        Assert.Equal(2, bed.Reconciler.MovementOpen);
        bed.Want(0, 1);
        bed.Take();

        bed.Reindex(2, 0, 1, -1);

        Assert.Equal(1, bed.Reconciler.MovementOpen);
        bed.Show(1, Up);
        bed.Take();
        Assert.True(bed.Reconciler.TryTakeMovement(bed.Now, out Movement movement));
        Assert.Equal((3, 1, 0), (movement.Taken, movement.Released, movement.Failed));
    }

    [Fact]
    public void Yielded_port_learns_again_though_its_index_is_another_one()
    {
        ReconcilerBed bed = Serving(2);
        bed.Reconciler.ObserveLink(new LinkState(LowerIfindex(1), 31, Up, 1, 0), -1, bed.Now);
        bed.Reconciler.ObservePort(31, LowerIfindex(1), learning: true, bed.Now);
        var yielding = new VniBitmap(2) { [1] = true };
        bed.Reconciler.Yield(yielding, TimeSpan.Zero, bed.Now);
        Assert.Equal("ClearLearning 1", bed.Take());

        bed.Reindex(1, -1, 0);

        Assert.Contains("500 SetLearning 0", bed.Run(60_000, since: bed.NowMs), StringComparison.Ordinal);
    }

    [Fact]
    public void Gateway_serves_what_it_owns_of_the_new_VNIs_and_tells_no_peer()
    {
        GatewayDriver driver = ActiveNextToAPeer();
        driver.RunUntil(4);
        Assert.Equal(GatewayState.Active, driver.Gateway.State);
        Instant due = driver.Gateway.NextAdvertisement;
        VniSet vnis = VniSetTests.Parse("4-20,65536");
        var commands = new GatewayCommandList();

        driver.Gateway.Reconfigure(vnis, Timing(1, 3), driver.Now, commands);

        Assert.Equal([GatewayCommandKind.PublishOwnership], commands.Commands.ToArray().Select(command => command.Kind));
        Assert.Equal(due, driver.Gateway.NextAdvertisement);
        var expected = new Ownership(vnis, PeerTable.SlotCount);
        expected.Add(PeerTable.OwnSlot, new NodeId(1));
        expected.Add(1, new NodeId(2));
        Assert.Equal(expected.Owners, driver.Gateway.Ownership.Owners);
        Assert.All(
            Enumerable.Range(0, vnis.Count),
            index => Assert.Equal(expected.Owners[index] == PeerTable.OwnSlot, driver.Gateway.Serving[index]));
    }

    [Fact]
    public void Gateway_that_drains_serves_nothing_new()
    {
        GatewayDriver driver = ActiveNextToAPeer();
        driver.RunUntil(4);
        driver.Handle(GatewayEventKind.DrainRequested);
        VniSet before = driver.Gateway.Ownership.Vnis;
        VniSet vnis = VniSetTests.Parse("2-20,65536");
        HashSet<uint> served = [.. ServedOf(driver.Gateway, before)];
        Assert.NotEmpty(served);

        driver.Gateway.Reconfigure(vnis, Timing(1, 3), driver.Now, new GatewayCommandList());

        Assert.Equal(GatewayState.Draining, driver.Gateway.State);
        Assert.Equal(served.Where(vni => vni is >= 2 and <= 20 or 65536).Order(), ServedOf(driver.Gateway, vnis));
    }

    /// <summary>
    /// A gateway without peers may take any timing: its latest advertisement may be older than the new dead interval, and that is
    /// no standstill.
    /// </summary>
    [Theory]
    [InlineData(3.05)]
    [InlineData(3.15)]
    [InlineData(3.25)]
    [InlineData(3.3)]
    [InlineData(3.9)]
    [InlineData(4)]
    public void Gateway_serves_on_when_its_dead_interval_becomes_shorter_than_its_interval_was(double changed)
    {
        var driver = new GatewayDriver(10, "10.0.1.10");
        driver.RunUntil(changed);
        Gateway gateway = driver.Gateway;
        Assert.False(gateway.Serving.IsEmpty);

        gateway.Reconfigure(gateway.Ownership.Vnis, Timing(0.1, 3), driver.Now, new GatewayCommandList());

        var commands = new GatewayCommandList();
        while (gateway.Deadline <= GatewayDriver.At(changed + 2))
        {
            Instant now = gateway.Deadline;
            Assert.True(gateway.LeaseEnds > now, $"{now.Nanoseconds / 1e9}: the lease ended");
            gateway.Handle(new GatewayEvent(GatewayEventKind.DeadlineReached), now, commands);
            Assert.Equal(GatewayState.Active, gateway.State);
        }

        Assert.DoesNotContain(commands.Commands.ToArray(), command => command.Kind == GatewayCommandKind.ReportStalled);
    }

    [Fact]
    public void New_timing_holds_from_the_next_advertisement_on()
    {
        GatewayDriver driver = ActiveNextToAPeer();
        driver.RunUntil(3.6);

        Gateway gateway = driver.Gateway;
        gateway.Reconfigure(gateway.Ownership.Vnis, Timing(0.5, 8), driver.Now, new GatewayCommandList());

        Assert.Equal(GatewayDriver.At(4.0), gateway.NextAdvertisement);
        Assert.Equal(GatewayDriver.At(3.5 + 4), gateway.Peers[1].ExpiresAt);
        Assert.Equal(GatewayDriver.At(3 + 4), gateway.LeaseEnds);
        var advertised = new List<double>();
        var expired = new List<double>();
        var commands = new GatewayCommandList();
        while (gateway.Deadline <= GatewayDriver.At(8))
        {
            double at = gateway.Deadline.Nanoseconds / 1e9;
            commands.Clear();
            gateway.Handle(new GatewayEvent(GatewayEventKind.DeadlineReached), gateway.Deadline, commands);
            foreach (GatewayCommand command in commands.Commands)
            {
                (command.Kind switch
                {
                    GatewayCommandKind.SendAdvertisement => advertised,
                    GatewayCommandKind.ReportPeerExpired => expired,
                    _ => [],
                }).Add(at);
            }
        }

        Assert.Equal([4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8], advertised);
        Assert.Equal([7.5], expired);
    }

    [Theory]
    [InlineData(1, 3, 1, 3, null)]
    [InlineData(1, 3, 1, 100, null)]
    [InlineData(1, 3, 0.6, 4, null)]
    [InlineData(1, 3, 0.5, 3, "peers that advertise every 1000 ms would be taken for dead after 1500 ms")]
    [InlineData(1, 3, 0.05, 3, "peers that advertise every 1000 ms would be taken for dead after 150 ms")]
    [InlineData(0.05, 3, 1, 3, "peers take this gateway for dead after 150 ms, and it would advertise every 1000 ms")]
    [InlineData(0.05, 100, 1, 100, null)]
    [InlineData(1, 100, 0.05, 100, null)]
    public void Timing_that_peers_could_not_bear_is_known(
        double interval, int deadAfter, double newInterval, int newDeadAfter, string? conflict) =>
        Assert.Equal(conflict, Timing(newInterval, newDeadAfter).FindConflict(Timing(interval, deadAfter)));

    private static GatewayTiming Timing(double interval, int deadAfter) => new(TimeSpan.FromSeconds(interval), deadAfter);

    private static IEnumerable<uint> ServedOf(Gateway gateway, VniSet vnis) =>
        Enumerable.Range(0, vnis.Count).Where(index => gateway.Serving[index]).Select(index => vnis[index].Value);

    /// <summary>Active since 3 s; the peer was heard at 3.5 s.</summary>
    private static GatewayDriver ActiveNextToAPeer()
    {
        var driver = new GatewayDriver(1, "10.0.1.11");
        driver.RunUntil(1);
        driver.Hear(2, "10.0.1.12");
        driver.RunUntil(3.5);
        driver.Hear(2, "10.0.1.12");
        return driver;
    }

    /// <summary>Number 0 was let go of; 1 is in its burst, 2 in another part of it, 3 was refused, and 4 has long been served.</summary>
    private static ReconcilerBed Busy()
    {
        ReconcilerBed bed = Quiet(5);
        bed.Want(4);
        bed.Take();
        bed.Show(4, Up);
        bed.RunUntil(20_000);
        bed.Want(0, 1, 4);
        bed.Take();
        bed.Show(1, Up);
        bed.Take();
        bed.NowMs += 1200;
        bed.Want(1, 2, 4);
        bed.Take();
        bed.Show(2, Up);
        bed.Take();
        bed.NowMs += 30;
        bed.Answer = command => command.Index == 3 ? (KernelResult.Blocked, 16) : (KernelResult.Done, 0);
        bed.Want(1, 2, 3, 4);
        bed.Take();
        bed.NowMs += 10;
        return bed;
    }
}
