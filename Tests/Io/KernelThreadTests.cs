using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Wmgwd2.Tests.Namespaces;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>The kernel thread, turn by turn, with macvlans on veth pairs in a network namespace of its own.</summary>
public sealed class KernelThreadTests
{
    [NamespaceFact]
    public void Take_over_is_announced_in_both_kinds_for_each_address_with_echoes_and_repeats() => PrivateNamespace.Run(() =>
    {
        // More frames than are gathered in one call.
        const int Vnis = 12;
        const int Addresses = 3;
        const int Frames = 2 * Addresses;
        using var bed = new KernelBed(Vnis, Addresses);
        RouteRecorder shown = RouteRecorder.Dump();
        PacketCapture[] heard =
            [.. Enumerable.Range(1, Vnis).Select(vni => new PacketCapture(shown.Links[$"far{vni}"].Ifindex))];
        bed.Want(_ => true);
        bed.TurnUntilServed();
        List<string>[] first = [.. heard.Select(capture => Describe(capture.Read(Frames)))];
        Assert.All(first, frames => Assert.Equal(Frames, frames.Distinct().Count()));
        Assert.Contains("5e000105 1 192.168.5.3", first[4]);
        Assert.Contains("5e000105 2 192.168.5.3", first[4]);

        // What is kept is announced anew: at once, with two echoes, and twice more.
        bed.Mailbox.Announce();
        Instant end = MonotonicClock.Now + 2 * InterfaceReconciler.RepeatDelay + TimeSpan.FromMilliseconds(100);
        bed.TurnUntil(() => bed.Kernel.Reconciler.Deadline > end);
        for (int vni = 1; vni <= Vnis; vni++)
        {
            IEnumerable<string> all = Describe(heard[vni - 1].Read(5 * Frames));
            Assert.Equal(
                first[vni - 1].Order().Select(frame => (frame, 5)),
                all.GroupBy(frame => frame).Select(group => (group.Key, group.Count())).Order());
        }

        Array.ForEach(heard, capture => capture.Dispose());
    });

    [NamespaceFact]
    public void Lost_notifications_are_made_up_for() => PrivateNamespace.Run(() =>
    {
        using var bed = new KernelBed(vnis: 3);
        bed.Want(vni => vni != 3);
        bed.TurnUntilServed();
        int before = bed.Kernel.Reconciler.GetStatus(0).Ifindex;

        // Far more than 8 MiB of them; then what matters, which the kernel has no room for any more.
        PrivateNamespace.Ip(Enumerable.Range(0, 15_000).Select(i => $"link set far3 mtu {1400 + i % 2}"));
        PrivateNamespace.Ip(
            "link del vrrp4-1",
            "link add vrrp4-1 link lower1 address 00:00:5e:00:01:01 type macvlan mode bridge",
            "link set vrrp4-1 protodown on", "address add 192.168.1.1/24 dev vrrp4-1", "link set vrrp4-1 up",
            "link set vrrp4-2 protodown on",
            "link set vrrp4-3 protodown off");
        bed.TurnUntil(() => bed.Kernel.Counters[KernelCounter.NotificationsLost] > 0);
        bed.TurnUntil(() => bed.Kernel.Reconciler.GetStatus(0).Ifindex != before);
        bed.TurnUntilServed();
        bed.AssertKernelShowsIt();
    });

    [NamespaceFact]
    public void Lease_that_ends_lets_go_of_everything_until_it_is_renewed() => PrivateNamespace.Run(() =>
    {
        using var bed = new KernelBed(vnis: 3);
        bed.Want(_ => true);
        bed.TurnUntilServed();
        bed.Mailbox.Renew(MonotonicClock.Now + TimeSpan.FromMilliseconds(50));
        bed.TurnUntil(() => bed.IsServed(_ => false));
        bed.Mailbox.Renew(Instant.Never);
        bed.TurnUntilServed();
        bed.AssertKernelShowsIt();

        bed.Mailbox.Close();
        bed.Kernel.Run();
        Assert.True(bed.IsServed(_ => false));
    });

    [NamespaceFact]
    public void Interface_that_somebody_else_holds_down_is_named_and_taken_when_it_is_let_go() => PrivateNamespace.Run(() =>
    {
        var logger = new RecordingLogger();
        using var bed = new KernelBed(vnis: 2, logger: logger);
        PrivateNamespace.Ip("link set vrrp4-2 protodown on protodown_reason 7 on");
        bed.Want(_ => true);
        bed.TurnUntil(() => bed.Kernel.Reconciler.GetStatus(1).Problem == InterfaceProblem.Blocked);
        bed.TurnUntil(() => logger.Lines.Contains(
            "Warning: VNI 2 (vrrp4-2): owned, but others hold it down too: protodown reason bit 7 (FRR)"));
        Assert.Contains(
            "Warning: VNI 2: protodown off refused: Device or resource busy (errno 16): Cannot clear protodown, active reasons",
            logger.Lines);

        PrivateNamespace.Ip("link set vrrp4-2 protodown on protodown_reason 7 off");
        bed.TurnUntilServed();
        bed.TurnUntil(() => logger.Lines.Contains("Information: no problem with any VNI any more"));
    });

    [NamespaceFact]
    public void What_it_did_itself_is_not_blamed_on_somebody_else() => PrivateNamespace.Run(() =>
    {
        using var bed = new KernelBed(vnis: 2);
        bed.Want(_ => true);
        bed.TurnUntilServed();

        // More notifications than are read in one turn: the kernel's answer comes before those that still show it up.
        PrivateNamespace.Ip(Enumerable.Range(0, 300).Select(i => $"link set vrrp4-1 alias {i}"));
        bed.Want(_ => false);
        int turns = bed.Turns;
        bed.TurnUntil(() => bed.Turns == turns + 5);
        bed.TurnUntilServed();
        bed.AssertKernelShowsIt();
        Assert.Equal(0, bed.Kernel.Counters[KernelCounter.Repairs]);
    });

    [NamespaceFact]
    public void What_is_brought_up_though_not_owned_is_held_down_again() => PrivateNamespace.Run(() =>
    {
        var logger = new RecordingLogger();
        using var bed = new KernelBed(vnis: 2, logger: logger);
        bed.Want(vni => vni == 1);
        bed.TurnUntilServed();
        PrivateNamespace.Ip("link set lower2 down", "link set lower2 up");
        bed.TurnUntil(() => bed.Kernel.Counters[KernelCounter.Repairs] > 0);
        bed.TurnUntilServed();
        bed.AssertKernelShowsIt();
        Assert.Contains(
            "Warning: somebody brought up what this gateway doesn't own; held down again: VNI 2 (vrrp4-2)", logger.Lines);
    });

    [NamespaceFact]
    public void What_the_kernel_never_said_is_found_without_a_dump() => PrivateNamespace.Run(() =>
    {
        using var bed = new KernelBed(vnis: 3, compareInterval: TimeSpan.FromMilliseconds(300));
        bed.Want(vni => vni == 1);
        bed.TurnUntilServed();
        long dumps = bed.Kernel.Counters[KernelCounter.Dumps];

        // The kernel doesn't notify a protodown flag that changes while the link is administratively down.
        PrivateNamespace.Ip("link set vrrp4-2 down");
        bed.TurnUntilServed();
        PrivateNamespace.Ip("link set vrrp4-2 protodown off");
        Assert.False(RouteRecorder.Dump().Is("vrrp4-2", LinkConditions.Protodown));
        bed.TurnUntil(() => RouteRecorder.Dump().Is("vrrp4-2", LinkConditions.Protodown));

        Instant end = MonotonicClock.Now + TimeSpan.FromSeconds(1);
        bed.TurnUntil(() => MonotonicClock.Now > end);
        Assert.Equal(dumps, bed.Kernel.Counters[KernelCounter.Dumps]);
    });

    private static List<string> Describe(List<byte[]> frames) =>
    [
        .. frames.Select(frame => $"{Convert.ToHexStringLower(frame, 24, 4)} {frame[21]} {string.Join('.', frame[28..32])}"),
    ];
}
