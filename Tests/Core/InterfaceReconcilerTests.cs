using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;
using Xunit;
using static Wmgwd2.Core.InterfaceProblem;
using static Wmgwd2.Tests.Core.ReconcilerBed;

namespace Wmgwd2.Tests.Core;

/// <summary>What is wanted, what the kernel shows, and what is to be done about the difference.</summary>
public sealed class InterfaceReconcilerTests
{
    private const LinkConditions Nothing = LinkConditions.None;
    private const LinkConditions Protodown = LinkConditions.Protodown;
    private const LinkConditions LowerUp = LinkConditions.LowerUp;
    private const LinkConditions OperationallyUp = LinkConditions.OperationallyUp;
    private const LinkConditions NotOperationallyUp = LinkConditions.AdministrativelyUp | LowerUp;

    /// <summary>
    /// The table in the remarks of the reconciler. The problem is the one after everything that could be done.
    /// </summary>
    [Theory]
    [InlineData(false, Held, "up", true, "", None)]
    [InlineData(false, Protodown, "up", true, "", None)] // Nobody has set it up yet.
    [InlineData(false, Protodown | OperationallyUp, "up", true, "", None)] // The operational state lags behind.
    [InlineData(false, Nothing, "up", true, "SetProtodown 0", None)]
    [InlineData(false, Free, "up", true, "SetProtodown 0", None)]
    [InlineData(false, Up, "up", true, "SetProtodown 0", None)]
    [InlineData(false, Up, "down", true, "SetProtodown 0", None)]
    [InlineData(false, Up, "up", false, "SetProtodown 0", None)]
    [InlineData(false, Up | Protodown, "up", true, "SetProtodown 0", None)] // Its lower device has flapped.
    [InlineData(false, LowerUp | Protodown, "up", true, "SetProtodown 0", None)]
    [InlineData(true, Held, "up", true, "ClearProtodown 0", NotOperational)]
    [InlineData(true, Held, "down", true, "ClearProtodown 0", LowerDown)]
    [InlineData(true, Held, "up", false, "ClearProtodown 0", NotOperational)]
    [InlineData(true, Up | Protodown, "up", true, "ClearProtodown 0, Announce 0", None)]
    [InlineData(true, Protodown, "up", true, "ClearProtodown 0", AdministrativelyDown)]
    [InlineData(true, Nothing, "up", true, "", AdministrativelyDown)]
    [InlineData(true, Free, "up", true, "", NotOperational)]
    [InlineData(true, NotOperationallyUp, "up", true, "", NotOperational)]
    [InlineData(true, Free, "down", true, "", LowerDown)]
    [InlineData(true, Up, "down", true, "", LowerDown)]
    [InlineData(true, Up, "unknown", true, "QueryLink 0", NotOperational)]
    [InlineData(true, Up, "up", false, "", NoAddress)]
    [InlineData(true, Up, "up", true, "Announce 0", None)]
    [InlineData(true, Up, "none", true, "Announce 0", None)] // In another namespace, say.
    public void When_wanted_and_shown_then(
        bool wanted, LinkConditions shown, string lower, bool address, string commands, InterfaceProblem problem)
    {
        var bed = new ReconcilerBed();
        bed.Want(wanted ? [0] : []);
        Assert.Equal(Missing, bed.Problem());
        Assert.Equal("", bed.Take());

        bed.Show(0, shown, lower: lower == "none" ? 0 : null);
        if (lower is "up" or "down")
        {
            bed.ShowLower(0, lower == "up");
        }

        if (address)
        {
            bed.ShowAddress(0, "10.0.0.1");
        }

        Assert.Equal(commands, bed.Take());
        Assert.Equal(problem, bed.Problem());
        Assert.False(bed.Reconciler.HasWork);
    }

    [Fact]
    public void What_is_wanted_later_is_compared_with_what_was_shown_before()
    {
        ReconcilerBed bed = Quiet(3);

        bed.Want(0, 2);
        Assert.Equal("ClearProtodown 0, ClearProtodown 2", bed.Take());
        bed.Show(0, Up);
        bed.Show(2, Up);
        Assert.Equal("Announce 0, Announce 2", bed.Take());

        bed.RunUntil(bed.NowMs + 100);
        bed.Want(1, 2);
        Assert.Equal("SetProtodown 0, ClearProtodown 1", bed.Take());
    }

    [Fact]
    public void What_is_already_so_is_not_done_again()
    {
        ReconcilerBed bed = Serving();

        bed.Want(0);
        bed.Show(0, Up);
        bed.ShowLower(0, up: true);
        bed.ShowAddress(0, "10.0.0.1");

        Assert.False(bed.Reconciler.HasWork);
        Assert.Equal("", bed.Take());
        Assert.False(bed.Reconciler.TryTakeMovement(bed.Now, out _));
    }

    [Fact]
    public void Announcements_go_first_then_releases_then_takeovers()
    {
        ReconcilerBed bed = Quiet(4);
        bed.Want(1, 3);
        bed.Take();
        bed.NowMs += 100;
        bed.Want(0, 3);

        bed.Show(3, Up);
        bed.Show(1, Up);

        Assert.Equal("Announce 3, SetProtodown 1, ClearProtodown 0", bed.Take());
    }

    [Fact]
    public void Command_that_is_under_way_is_not_given_twice()
    {
        ReconcilerBed bed = Quiet(2);
        bed.Want(0);
        Assert.True(bed.Reconciler.TryTakeCommand(bed.Now, out KernelCommand clear));
        Assert.Equal(new KernelCommand(KernelCommandKind.ClearProtodown, 0, Ifindex(0)), clear);

        bed.Show(0, Held);
        bed.Want(0, 1);
        bed.Want(1);

        Assert.Equal("ClearProtodown 1", bed.Take());
        bed.Reconciler.CompleteProtodown(clear, KernelResult.Done, 0, bed.Now);
        Assert.Equal("SetProtodown 0", bed.Take());
    }

    [Fact]
    public void After_a_takeover_nothing_is_announced_before_the_kernel_shows_it_operational()
    {
        ReconcilerBed bed = Quiet();
        bed.Want(0);
        Assert.Equal("ClearProtodown 0", bed.Take());

        bed.NowMs += 1;
        Assert.Equal("", bed.Take());
        bed.Show(0, Free);
        Assert.Equal("", bed.Take());
        bed.Show(0, NotOperationallyUp);
        Assert.Equal("", bed.Take());
        bed.Show(0, Up);
        Assert.Equal("Announce 0", bed.Take());
    }

    [Fact]
    public void Lower_device_that_flaps_brings_up_what_is_not_owned_and_it_is_put_down_again()
    {
        ReconcilerBed bed = Quiet(2);
        bed.ShowLower(1, up: false);
        bed.Show(1, Held);
        bed.ShowLower(1, up: true);
        Assert.Equal("", bed.Take());

        bed.Show(1, Up | Protodown);

        Assert.Equal(UpThoughNotOwned, bed.Problem(1));
        Assert.Equal((1, true), (bed.Reconciler.Repaired.Count, bed.Reconciler.Repaired[1]));
        Assert.Equal("SetProtodown 1", bed.Take());
        Assert.Equal(None, bed.Problem(1));
    }

    [Fact]
    public void Lower_device_that_flaps_stops_the_announcements_of_what_is_owned_until_it_is_back()
    {
        ReconcilerBed bed = Serving();
        bed.Reconciler.AnnounceOwned(bed.Now);
        bed.ShowLower(0, up: false);
        bed.Show(0, Free);
        Assert.Equal("", bed.Run(20_000, since: 0));
        Assert.Equal(LowerDown, bed.Problem());
        Assert.False(bed.Reconciler.GetStatus(0).Announced);

        bed.Show(0, Up);
        Assert.Equal("", bed.Take());
        bed.ShowLower(0, up: true);

        Assert.Equal(Burst, bed.Run(30_000, since: 20_000));
    }

    [Fact]
    public void Protodown_that_somebody_clears_is_set_again_and_said()
    {
        ReconcilerBed bed = Quiet();

        bed.Show(0, Free);

        Assert.Equal(UpThoughNotOwned, bed.Problem());
        Assert.True(bed.Reconciler.HasRepairs && bed.Reconciler.Repaired[0]);
        Assert.Equal("SetProtodown 0", bed.Take());
        bed.Reconciler.ForgetRepairs();
        Assert.Equal((false, 0), (bed.Reconciler.HasRepairs, bed.Reconciler.Repaired.Count));
    }

    [Fact]
    public void What_is_up_when_it_is_seen_first_or_let_go_of_is_nobodys_doing()
    {
        var bed = new ReconcilerBed(2);
        bed.ShowAll(Up);
        bed.Want(1);
        bed.Take();
        bed.Want();
        bed.Show(1, Up);

        Assert.False(bed.Reconciler.HasRepairs);
    }

    [Fact]
    public void Somebody_who_keeps_clearing_it_is_answered_each_50_ms_at_most()
    {
        ReconcilerBed bed = Quiet();
        int releases = 0;
        for (int ms = 0; ms < 1000; ms++)
        {
            bed.NowMs += 1;
            bed.Show(0, Up);
            releases += bed.TakeAll().Count;
        }

        Assert.InRange(releases, 15, 21);
    }

    /// <summary>
    /// The pause is for what others do: own decisions that follow each other fast are carried out at once.
    /// </summary>
    [Fact]
    public void What_was_released_just_now_and_owned_since_is_released_at_once()
    {
        ReconcilerBed bed = Serving();
        bed.Want();
        Assert.Equal("SetProtodown 0", bed.Take());
        bed.NowMs += 10;
        bed.Want(0);
        Assert.Equal("ClearProtodown 0", bed.Take());
        bed.Show(0, Up);
        Assert.Equal("Announce 0", bed.Take());
        bed.NowMs += 10;

        bed.Want();

        Assert.Equal("SetProtodown 0", bed.Take());
    }

    [Fact]
    public void Protodown_that_somebody_sets_is_cleared_again_and_what_comes_up_is_announced_anew()
    {
        ReconcilerBed bed = Serving();

        bed.Show(0, Held);
        Assert.Equal("ClearProtodown 0", bed.Take());
        bed.Show(0, Up);

        Assert.Equal(Burst, bed.Run(20_000, since: 10_000));
    }

    [Fact]
    public void Interface_that_is_made_again_has_another_ifindex_and_no_addresses_yet()
    {
        ReconcilerBed bed = Serving();

        bed.Reconciler.ObserveLinkGone(Ifindex(0), bed.Now);
        Assert.Equal((Missing, 0), (bed.Problem(), bed.Reconciler.GetStatus(0).Ifindex));
        Assert.Equal("", bed.Take());
        bed.Show(0, Protodown, ifindex: 77);
        bed.ShowLower(0, up: true);

        Assert.Equal([new KernelCommand(KernelCommandKind.ClearProtodown, 0, 77)], bed.TakeAll());
        bed.Show(0, Up, ifindex: 77);
        Assert.Equal(NoAddress, bed.Problem());
        bed.Reconciler.ObserveAddress(77, GatewayDriver.Ip("10.0.0.1"), true, bed.Now);
        Assert.Equal([new KernelCommand(KernelCommandKind.Announce, 0, 77)], bed.TakeAll());
    }

    [Fact]
    public void Interface_that_is_made_again_before_it_was_seen_to_be_gone_starts_anew()
    {
        ReconcilerBed bed = Serving();

        bed.Show(0, Up, ifindex: 77);
        bed.ShowLower(0, up: true);
        Assert.Equal(NoAddress, bed.Problem());
        bed.Reconciler.ObserveLinkGone(Ifindex(0), bed.Now);

        Assert.Equal(77, bed.Reconciler.GetStatus(0).Ifindex);
    }

    [Fact]
    public void Interface_that_gets_another_name_is_missing()
    {
        ReconcilerBed bed = Serving();

        bed.ShowOther(Ifindex(0), Up);

        Assert.Equal((Missing, 0), (bed.Problem(), bed.Reconciler.GetStatus(0).Ifindex));
        Assert.Equal("", bed.Run(100_000, since: 0));
    }

    [Fact]
    public void Interface_that_gets_the_name_of_another_vni_is_that_ones()
    {
        ReconcilerBed bed = Quiet(2);
        bed.Reconciler.ObserveLinkGone(Ifindex(1), bed.Now);

        bed.Show(1, Free, ifindex: Ifindex(0));

        Assert.Equal(Missing, bed.Problem(0));
        Assert.Contains(new KernelCommand(KernelCommandKind.SetProtodown, 1, Ifindex(0)), bed.TakeAll());
    }

    [Fact]
    public void Lower_device_that_was_not_seen_is_asked_for()
    {
        var bed = new ReconcilerBed();
        bed.Show(0, Held);

        Assert.Equal([new KernelCommand(KernelCommandKind.QueryLink, 0, LowerIfindex(0))], bed.TakeAll());
        Assert.Equal("", bed.Take());
    }

    [Fact]
    public void Lower_device_that_several_stand_on_is_seen_for_all_and_asked_for_no_more()
    {
        var bed = new ReconcilerBed(3);
        foreach (int index in (int[])[0, 1, 2])
        {
            bed.Show(index, Up, lower: index == 1 ? LowerIfindex(1) : LowerIfindex(0));
            bed.ShowAddress(index, "10.0.0.1");
        }

        bed.Want(0, 1, 2);
        bed.ShowOther(LowerIfindex(0), Up);

        Assert.Equal("Announce 0, Announce 2, QueryLink 1", bed.Take());
        bed.Reconciler.ObserveLinkGone(LowerIfindex(0), bed.Now);
        Assert.Equal([LowerDown, NotOperational, LowerDown], new[] { 0, 1, 2 }.Select(bed.Problem));
    }

    [Fact]
    public void Lower_device_that_can_not_be_asked_for_counts_as_down()
    {
        var bed = new ReconcilerBed { Answer = _ => (KernelResult.Gone, 19) };
        bed.Want(0);
        bed.Show(0, Up);
        bed.ShowAddress(0, "10.0.0.1");

        Assert.Equal("QueryLink 0", bed.Take());
        Assert.Equal(LowerDown, bed.Problem());
    }

    [Fact]
    public void Lower_device_that_is_another_one_now_is_asked_for()
    {
        ReconcilerBed bed = Serving();

        bed.Show(0, Up, lower: 500);

        Assert.Equal([new KernelCommand(KernelCommandKind.QueryLink, 0, 500)], bed.TakeAll());
        Assert.Equal(NotOperational, bed.Problem());
        bed.ShowOther(500, Up);
        Assert.Equal("Announce 0", bed.Take());
    }

    [Fact]
    public void Dump_leaves_what_it_shows_alone_and_finds_what_is_gone()
    {
        ReconcilerBed bed = Serving(3);
        bed.ShowAddress(0, "10.0.0.2");
        bed.RunUntil(20_000);
        for (int round = 0; round < 3; round++)
        {
            bed.Reconciler.BeginDump();
            bed.Show(0, Up);
            bed.ShowLower(0, up: true);
            bed.Show(2, Up);
            bed.ShowAddress(0, "10.0.0.1");
            if (round < 2)
            {
                bed.ShowAddress(0, "10.0.0.2");
            }

            if (round == 0)
            {
                bed.ShowAddress(2, "10.0.0.1");
            }

            bed.Reconciler.EndDump(bed.Now);
            Assert.Equal("", bed.Take());
            Assert.Equal([None, Missing, round == 0 ? None : NoAddress], new[] { 0, 1, 2 }.Select(bed.Problem));
            Assert.Equal(round == 2 ? 1 : 2, Addresses(bed, 0).Count);
        }
    }

    [Fact]
    public void Dump_finds_what_was_missed()
    {
        ReconcilerBed bed = Quiet(2);
        bed.Want(0);
        bed.Take();

        bed.Reconciler.BeginDump();
        bed.Show(0, Up);
        bed.Show(1, Up);
        bed.ShowAddress(0, "10.0.0.1");
        bed.ShowAddress(1, "10.0.0.1");
        bed.Reconciler.EndDump(bed.Now);

        Assert.Equal("Announce 0, SetProtodown 1", bed.Take());
    }

    [Fact]
    public void Port_is_that_of_the_vnis_whose_lower_device_it_names()
    {
        ReconcilerBed bed = Quiet(3);
        foreach ((int index, int port) in ((int, int)[])[(0, 31), (1, 32), (2, 33)])
        {
            bed.Reconciler.ObserveLink(new LinkState(LowerIfindex(index), port, Up, 1, 0), -1, bed.Now);
        }

        bed.Reconciler.ObservePort(32, LowerIfindex(1), learning: false, bed.Now);
        bed.Reconciler.ObservePort(31, LowerIfindex(2), learning: false, bed.Now);
        bed.Reconciler.ObservePort(40, 0, learning: false, bed.Now); // A VXLAN device names nothing.

        Assert.Equal([new KernelCommand(KernelCommandKind.SetLearning, 1, 32)], bed.TakeAll());
    }

    [Fact]
    public void No_more_are_let_go_up_than_the_kernel_brings_up_at_once()
    {
        const int Count = 3 * InterfaceReconciler.RisingLimit;
        ReconcilerBed bed = Quiet(Count);
        bed.Want([.. Enumerable.Range(0, Count)]);

        Assert.Equal(InterfaceReconciler.RisingLimit, bed.TakeAll().Count);
        Assert.False(bed.Reconciler.HasWork);

        // Each that has come up makes room for another one, and so does each that can't come up.
        bed.Show(5, Up);
        Assert.Equal($"Announce 5, ClearProtodown {InterfaceReconciler.RisingLimit}", bed.Take());
        bed.ShowLower(6, up: false);
        Assert.True(bed.Reconciler.HasWork);
        Assert.Equal($"ClearProtodown {InterfaceReconciler.RisingLimit + 1}", bed.Take());
    }

    [Fact]
    public void What_does_not_come_up_is_asked_for_and_holds_up_no_other()
    {
        const int Count = InterfaceReconciler.RisingLimit + 2;
        ReconcilerBed bed = Quiet(Count);
        bed.Want([.. Enumerable.Range(0, Count)]);
        bed.TakeAll();

        bed.NowMs = 10_020;
        List<KernelCommand> late = bed.TakeAll();

        Assert.Equal(
            Enumerable.Range(0, InterfaceReconciler.RisingLimit)
                .Select(index => new KernelCommand(KernelCommandKind.QueryLink, index, Ifindex(index))),
            late.SkipLast(2));
        Assert.Equal(
            [(KernelCommandKind.ClearProtodown, Count - 2), (KernelCommandKind.ClearProtodown, Count - 1)],
            late.TakeLast(2).Select(command => (command.Kind, command.Index)));
    }

    [Fact]
    public void What_is_left_behind_when_lower_devices_come_back_is_asked_for()
    {
        ReconcilerBed bed = Serving(3);
        for (int index = 0; index < 3; index++)
        {
            bed.ShowLower(index, up: false);
            bed.Show(index, Free);
            bed.ShowLower(index, up: true);
        }

        // The kernel brings the carrier of one back at once, and the others when it comes to them: up to seconds later.
        bed.Show(1, Up);
        Assert.Equal("Announce 1", bed.Take());
        Assert.Equal("20 QueryLink 0, 20 QueryLink 2", bed.Run(10_030, since: 10_000));

        // Once: a driver may have its own reasons, and the comparison each 30 s asks again.
        bed.Show(0, Free);
        Assert.DoesNotContain("QueryLink", bed.Run(100_000, since: 10_000));
    }

    [Fact]
    public void First_announcements_and_take_overs_come_before_repeats()
    {
        ReconcilerBed bed = Quiet(3);
        bed.Want(0);
        bed.Take();
        bed.Show(0, Up);
        bed.Take();
        bed.NowMs += 50;
        bed.Want(0, 1, 2);
        bed.Show(1, Up);

        Assert.Equal("Announce 1, ClearProtodown 2, Announce 0", bed.Take());
    }

    [Fact]
    public void Dump_after_one_that_was_broken_off_finds_what_is_gone()
    {
        ReconcilerBed bed = ReconcilerBed.Serving(2);
        bed.ShowAddress(0, "10.0.0.2");
        bed.Reconciler.BeginDump();
        bed.Show(0, ReconcilerBed.Up);

        bed.Reconciler.BeginDump();
        bed.Show(0, ReconcilerBed.Up);
        bed.ShowLower(0, up: true);
        bed.ShowAddress(0, "10.0.0.1");
        bed.Reconciler.EndDump(bed.Now);

        Assert.Equal(InterfaceProblem.Missing, bed.Problem(1));
        Assert.Equal(1, Count(bed.Reconciler.Addresses.Of(0)));

        static int Count(InterfaceAddresses.Enumerator addresses)
        {
            int count = 0;
            foreach (Ipv4Address unused in addresses)
            {
                count++;
            }

            return count;
        }
    }

    [Fact]
    public void Dump_of_addresses_alone_finds_what_is_gone()
    {
        ReconcilerBed bed = Serving(2);
        bed.Reconciler.BeginAddressDump();
        bed.ShowAddress(0, "10.0.0.1");
        bed.Reconciler.EndAddressDump(bed.Now);

        Assert.Equal([None, NoAddress], new[] { 0, 1 }.Select(bed.Problem));
    }

    [Fact]
    public void Status_says_what_the_kernel_showed()
    {
        ReconcilerBed bed = Serving();
        Assert.Equal(new InterfaceStatus(Ifindex(0), false, true, true, true, 0, None), bed.Reconciler.GetStatus(0).WithoutChanges);

        bed.NowMs += 100;
        bed.Want();
        bed.Take();
        Assert.Equal(new InterfaceStatus(Ifindex(0), true, false, false, false, 0, None), bed.Reconciler.GetStatus(0).WithoutChanges);

        bed.Show(0, Held, mac: 0x00005e000107, reasons: 1 << 7);
        Assert.Equal(0x80u, bed.Reconciler.GetProtodownReasons(0));
        Assert.Equal(0x00005e000107u, bed.Reconciler.GetHardwareAddress(0));
    }

    [Fact]
    public void Change_of_a_problem_is_noted_once()
    {
        ReconcilerBed bed = Serving();
        bed.Reconciler.ProblemsChanged = false;

        bed.Show(0, Up);
        Assert.False(bed.Reconciler.ProblemsChanged);
        bed.ShowLower(0, up: false);
        Assert.True(bed.Reconciler.ProblemsChanged);
        bed.Reconciler.ProblemsChanged = false;
        bed.ShowLower(0, up: false);
        Assert.False(bed.Reconciler.ProblemsChanged);
        bed.ShowLower(0, up: true);
        Assert.True(bed.Reconciler.ProblemsChanged);
    }

    private static List<Ipv4Address> Addresses(ReconcilerBed bed, int index)
    {
        var addresses = new List<Ipv4Address>();
        foreach (Ipv4Address address in bed.Reconciler.Addresses.Of(index))
        {
            addresses.Add(address);
        }

        return addresses;
    }
}
