using System;
using System.Linq;
using Microsoft.Extensions.Logging;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Wmgwd2.Status;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>Every line of the log as it reads: who watches logs looks for these texts.</summary>
public sealed class LogTests
{
    private static readonly NodeId Uid = new(ulong.MaxValue);
    private static readonly Ipv4Address Address = new(0x0a00010b);
    private static readonly Vni Vni = new(Vni.Maximum);
    private static readonly VniSet Vnis = new([new VniRange(new Vni(1), new Vni(100)), new VniRange(Vni, Vni)]);

    private static readonly (Action<ILogger> Log, string Line)[] Lines =
    [
        (log => Log.Started(log, "0.1.0", Uid, Vnis, 62.5, 97, 3, 1),
            "Information: wmgwd2 0.1.0 starts: uid 18446744073709551615, VNIs 1-100,16777215, interval 62.5 ms, "
            + "97 interfaces held down (3 were not), 1 missing"),
        (log => Log.Ended(log, 97), "Information: wmgwd2 ends; 97 interfaces are held down"),
        (log => Log.Failed(log, "a {reason}"), "Error: wmgwd2 can't go on: a {reason}"),
        (log => Log.StartedOften(log, 1.25), "Warning: started again and again: when there are peers, it listens 1.25 s longer before it takes over"),
        (log => Log.StartedOften(log, 60), "Warning: started again and again: when there are peers, it listens 60 s longer before it takes over"),
        (log => Log.MemoryNotLocked(log, "why"), "Information: memory isn't locked: why"),
        (log => Log.FenceFailed(log, "why"), "Error: fence: why"),
        (log => Log.ForgottenHeld(log, 3), "Warning: 3 interfaces held down that an earlier config had and that were up"),
        (log => Log.SignalReceived(log, "SIGTERM", "letting go at once"), "Information: SIGTERM: letting go at once"),
        (log => Log.ThreadFailed(log, new InvalidOperationException("why"), "kernel"), "Critical: the kernel thread failed; letting go of everything"),
        (log => Log.UidNotKept(log, Uid, "/uid", "why"),
            "Warning: the uid 18446744073709551615 was drawn at random for this run only: /uid can't be written: why"),
        (log => Log.UidDrawn(log, Uid, "/uid"), "Information: the uid 18446744073709551615 was drawn at random and written to /uid"),
        (log => Log.StateChanged(log, "active", 2, 33, 100), "Information: state active; 2 live peers, owns 33 of 100 VNIs"),
        (log => Log.Fault(log, "why"), "Error: state fault: why"),
        (log => Log.PeerAppeared(log, Uid, Address, 33), "Information: peer 18446744073709551615 (10.0.1.11) appeared; it owns 33 VNIs"),
        (log => Log.PeerExpired(log, Uid, Address, 300.1234), "Warning: peer 18446744073709551615 (10.0.1.11) is dead: not heard for 300.1234 ms"),
        (log => Log.PeerLeft(log, new NodeId(7), Address), "Information: peer 7 (10.0.1.11) said goodbye"),
        (log => Log.ForgedHandover(log, new NodeId(7), Address),
            "Warning: a handover message of 7 from 10.0.1.11 is ignored: that isn't where 7 is heard from"),
        (log => Log.PeerMoved(log, new NodeId(7), Address),
            "Warning: peer 7 is heard from 10.0.1.11 now; when it moves to and fro, two gateways have the same uid"),
        (log => Log.PeerTableFull(log, new NodeId(7), Address),
            "Error: no room for peer 7 (10.0.1.11): 255 peers are alive; is somebody flooding the cluster's port?"),
        (log => Log.DuplicateUid(log, new NodeId(7), Address, new Ipv4Address(0)),
            "Error: the gateway at 10.0.1.11 has the uid of this one (7, at 0.0.0.0): each needs its own; "
            + "the one with the lower address goes on"),
        (log => Log.Stalled(log, 3000), "Error: this gateway stood still for 3000 ms: the peers have taken over; letting go, then listening"),
        (log => Log.WrongLength(log, Address, 9, long.MaxValue),
            "Warning: a datagram from 10.0.1.11 is ignored: 9 bytes; expected 8 (9223372036854775807 so far)"),
        (log => Log.NotAllowed(log, Address, 1), "Warning: a datagram from 10.0.1.11 is ignored: not on the allow list (1 so far)"),
        (log => Log.ZeroUid(log, Address, 1), "Warning: a datagram from 10.0.1.11 is ignored: uid 0 (1 so far)"),
        (log => Log.AdvertisementNotSent(log, new Ipv4Address(uint.MaxValue), "why", 1),
            "Error: advertisements to 255.255.255.255 can't be sent: why (1 so far)"),
        (log => Log.NoNetwork(log, Address, 3000, "why"),
            "Error: the cluster's network isn't there: 10.0.1.11, port 3000: why; trying again each second"),
        (log => Log.FileNotWatched(log, "/file", "why"), "Warning: track-file /file is read once a second only: why"),
        (log => Log.Moved(log, 33, 0, 12.34), "Information: took over 33 VNIs, let go of 0, in 12.3 ms"),
        (log => Log.Moved(log, 0, 33, 0.05), "Information: took over 0 VNIs, let go of 33, in 0.1 ms"),
        (log => Log.MovedWithProblems(log, 33, 0, 5000, 2),
            "Warning: took over 33 VNIs, let go of 0, in 5000.0 ms; 2 of them have a problem"),
        (log => Log.ProtodownChanged(log, Vni, "on"), "Debug: VNI 16777215: protodown on"),
        (log => Log.Announced(log, Vni), "Debug: VNI 16777215: announced"),
        (log => Log.ProtodownRefused(log, Vni, "off", "why"), "Warning: VNI 16777215: protodown off refused: why"),
        (log => Log.Repaired(log, Names(0, 1, 2)), "Warning: somebody brought up what this gateway doesn't own; held down again: VNIs 1-3"),
        (log => Log.Repaired(log, Names(100)),
            "Warning: somebody brought up what this gateway doesn't own; held down again: VNI 16777215 (vrrp4-16777215)"),
        (log => Log.Problem(log, "VNIs 1-3", "no such interface"), "Warning: VNIs 1-3: no such interface"),
        (log => Log.NoProblem(log), "Information: no problem with any VNI any more"),
        (log => Log.NotificationsLost(log), "Warning: link notifications were lost; comparing everything"),
        (log => Log.NotificationUnreadable(log, "Truncated"), "Warning: a message of the kernel can't be read: Truncated"),
        (log => Log.DumpFailed(log, "why"), "Error: the kernel doesn't answer: why; trying again"),
        (log => Log.LeaseEnded(log), "Error: the cluster thread stands still: letting go of everything until it goes on"),
        (log => Log.NotNotified(log, "@notify", "why"), "Warning: NOTIFY_SOCKET @notify: the service manager isn't told: why"),
        (log => Log.NoWatchdog(log, "soon", "1"),
            "Warning: WATCHDOG_USEC 'soon', WATCHDOG_PID '1': the watchdog isn't told: expected numbers from 1"),
        (log => Log.DrainedAlone(log, 3),
            "Warning: asked to drain, and no peer is alive: nobody serves 3 VNIs until 'wmgwd2 undrain'"),
        (log => Log.ClientFailed(log, "why"), "Warning: a client of the control socket failed: why"),
    ];

    private static VniNames Names(params int[] indexes)
    {
        var chosen = new VniBitmap(Vnis.Count);
        Array.ForEach(indexes, index => chosen[index] = true);
        return new VniNames(Vnis, InterfacePattern.TryParse("vrrp4-%d")!, chosen);
    }

    [Fact]
    public void Lines_read_as_they_always_did()
    {
        var logger = new RecordingLogger(LogLevel.Debug);
        foreach ((Action<ILogger> log, string _) in Lines)
        {
            log(logger);
        }

        Assert.Equal(Lines.Select(line => line.Line), logger.Lines);
    }
}
