using System;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

/// <summary>Once it runs, the core allocates nothing: no event can bring a garbage collection about.</summary>
public sealed class ZeroAllocationTests
{
    private const int Events = 100_000;

    [Fact]
    public void Gateway_allocates_nothing()
    {
        var commands = new GatewayCommandList();
        var gateway = new Gateway(
            new NodeId(1),
            VniSetTests.Parse("1-100"),
            new GatewayTiming(TimeSpan.FromSeconds(1), 3, TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(80)),
            default);
        var now = new Instant(0);
        var said = new long[Enum.GetValues<GatewayCommandKind>().Length];

        AssertAllocatesNothing(step =>
        {
            // It stands still now and then.
            now += TimeSpan.FromMilliseconds(step % 5000 == 4999 ? 10_000 : 50);
            commands.Clear();
            gateway.Handle(NextEvent(step), now, commands);
            foreach (ref readonly GatewayCommand command in commands.Commands)
            {
                said[(int)command.Kind]++;
            }
        });

        Assert.InRange(said[(int)GatewayCommandKind.SendAdvertisement], 1000, Events);
        Assert.InRange(said[(int)GatewayCommandKind.PublishOwnership], 100, Events);
        Assert.InRange(said[(int)GatewayCommandKind.YieldOwnership], 50, Events);
        Assert.InRange(said[(int)GatewayCommandKind.SendHeard], 50, Events);
        Assert.InRange(said[(int)GatewayCommandKind.SendGone], 50, Events);
        Assert.InRange(said[(int)GatewayCommandKind.SendGoodbye], 50, Events);
        Assert.InRange(said[(int)GatewayCommandKind.SendTaken], 50, Events);
        Assert.InRange(said[(int)GatewayCommandKind.ReportPeerLeft], 50, Events);
        Assert.InRange(said[(int)GatewayCommandKind.ReportForgedHandover], 50, Events);
    }

    /// <summary>
    /// Seven peers; now and then they fall silent, so that they die and come back, or leave; it is drained, faulty and
    /// back again.
    /// </summary>
    private static GatewayEvent NextEvent(int step)
    {
        var uid = new NodeId(2 + (ulong)step % 7);
        var address = new Ipv4Address((uint)step % 7);
        return (step % 1000) switch
        {
            500 => new GatewayEvent(GatewayEventKind.DrainRequested),
            501 or 505 => new GatewayEvent(GatewayEventKind.TakenReceived, uid, address, Subject: new NodeId(1)),
            600 => new GatewayEvent(GatewayEventKind.UndrainRequested),
            800 => new GatewayEvent(GatewayEventKind.FaultRaised, Fault: GatewayFaults.TrackedFile),
            801 => new GatewayEvent(GatewayEventKind.FaultCleared, Fault: GatewayFaults.TrackedFile),
            int at when at % 50 == 7 => new GatewayEvent(GatewayEventKind.GoodbyeReceived, uid, address, Subject: uid),
            int at when at % 50 == 9 => new GatewayEvent(GatewayEventKind.JoiningReceived, new NodeId(99), address),
            int at when at % 50 == 10 => new GatewayEvent(GatewayEventKind.HeardReceived, uid, address, Subject: new NodeId(1)),
            int at when at % 50 == 11 => new GatewayEvent(GatewayEventKind.GoneReceived, uid, address, Subject: uid),
            int at when at % 50 == 8 => new GatewayEvent(GatewayEventKind.GoodbyeReceived, uid, new Ipv4Address(99)),
            _ when step / 1000 % 5 == 4 || step % 2 == 0 => new GatewayEvent(GatewayEventKind.DeadlineReached),
            _ => GatewayEvent.AdvertisementReceived(uid, address),
        };
    }

    [Fact]
    public void Reconciler_allocates_nothing()
    {
        const int Count = 100;
        var now = new Instant(0);
        var reconciler = new InterfaceReconciler(Count, TimeSpan.FromSeconds(60), now);
        var wanted = new VniBitmap(Count);
        var did = new int[Enum.GetValues<KernelCommandKind>().Length];

        AssertAllocatesNothing(step =>
        {
            int index = step % Count;
            now += TimeSpan.FromMilliseconds(7);
            switch (step / Count % 8)
            {
                case 0:
                    wanted[index] = step / 800 % 2 == 0;
                    reconciler.SetWanted(wanted.Words, now, now);
                    break;
                case 1:
                    Show(reconciler, index, wanted[index] ? ReconcilerBed.Up : ReconcilerBed.Held, now);
                    break;
                case 2:
                    reconciler.ObserveLink(
                        new LinkState(LowerIfindex(index), PortIfindex(index), ReconcilerBed.Up, 2, 0), -1, now);
                    reconciler.ObservePort(PortIfindex(index), LowerIfindex(index), step % 3 == 0, now);
                    break;
                case 3 or 4:
                    reconciler.ObserveAddress(Ifindex(index), new Ipv4Address((uint)step % 3), step % 2 == 0, now);
                    break;
                case 5 when step % 7 == 0:
                    Dump(reconciler, index, now);
                    break;
                case 6 when step % 13 == 0:
                    reconciler.ObserveLinkGone(Ifindex(index), now);
                    break;
                case 6 when step % 13 == 1:
                    reconciler.Yield(wanted, TimeSpan.FromMilliseconds(20), now);
                    break;
                case 7:
                    reconciler.AnnounceOwned(now);
                    break;
            }

            while (reconciler.TryTakeCommand(now, out KernelCommand command))
            {
                did[(int)command.Kind]++;
                Complete(reconciler, command, fails: step % 17 == 0, now);
            }

            reconciler.TryTakeMovement(now, out _);
            foreach (Ipv4Address address in reconciler.Addresses.Of(index))
            {
                did[0] += address.Value > 3 ? 1 : 0;
            }
        });

        Assert.All(did, each => Assert.InRange(each, 100, 100 * Events));
    }

    private static int Ifindex(int index) => 1000 + index;

    private static int LowerIfindex(int index) => 2000 + index / 2;

    private static int PortIfindex(int index) => 3000 + index / 2;

    private static void Show(InterfaceReconciler reconciler, int index, LinkConditions conditions, Instant now) =>
        reconciler.ObserveLink(new LinkState(Ifindex(index), LowerIfindex(index), conditions, 1, 0), index, now);

    private static void Dump(InterfaceReconciler reconciler, int index, Instant now)
    {
        reconciler.BeginDump();
        for (int each = 0; each < reconciler.Count; each++)
        {
            if (each != index)
            {
                Show(reconciler, each, ReconcilerBed.Up, now);
                reconciler.ObserveAddress(Ifindex(each), new Ipv4Address(1), true, now);
            }
        }

        reconciler.EndDump(now);
    }

    private static void Complete(InterfaceReconciler reconciler, in KernelCommand command, bool fails, Instant now)
    {
        switch (command.Kind)
        {
            case KernelCommandKind.Announce:
                reconciler.CompleteAnnouncement(command, fails ? 100 : 0, now);
                break;
            case KernelCommandKind.QueryLink:
                reconciler.ObserveLinkGone(command.Ifindex, now);
                break;
            case KernelCommandKind.SetLearning:
                reconciler.CompleteLearning(command, 0, now);
                break;
            case KernelCommandKind.ClearLearning:
                break;
            default:
                reconciler.CompleteProtodown(
                    command, fails ? KernelResult.Blocked : KernelResult.Done, fails ? 16 : 0, now);
                break;
        }
    }

    private static void AssertAllocatesNothing(Action<int> step)
    {
        int at = 0;
        for (; at < Events / 2; at++)
        {
            step(at);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (; at < Events / 2 + Events; at++)
        {
            step(at);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated == 0, $"{allocated} bytes (in a debug build Enum.HasFlag allocates: -c Release)");
    }
}
