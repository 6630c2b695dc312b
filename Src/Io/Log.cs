using System;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Io;

/// <summary>Every line that the daemon logs. None allocates anything but for the texts that it is given.</summary>
internal static class Log
{
    public static void Started(
        ILogger logger, string version, NodeId uid, VniSet vnis, double intervalMs, int held, int changed, int missing) =>
        Write(logger, LogLevel.Information,
            $"wmgwd2 {version} starts: uid {uid}, VNIs {vnis.ToString()}, interval {intervalMs} ms, {held} interfaces held down ({changed} were not), {missing} missing");

    public static void Ended(ILogger logger, int held) =>
        Write(logger, LogLevel.Information, $"wmgwd2 ends; {held} interfaces are held down");

    public static void Failed(ILogger logger, string reason) =>
        Write(logger, LogLevel.Error, $"wmgwd2 can't go on: {reason}");

    public static void StartedOften(ILogger logger, double waitS) =>
        Write(logger, LogLevel.Warning,
            $"started again and again: when there are peers, it listens {waitS:0.###} s longer before it takes over");

    public static void MemoryNotLocked(ILogger logger, string reason) =>
        Write(logger, LogLevel.Information, $"memory isn't locked: {reason}");

    public static void ForgottenHeld(ILogger logger, int count) =>
        Write(logger, LogLevel.Warning, $"{count} interfaces held down that an earlier config had and that were up");

    public static void FenceFailed(ILogger logger, string failure) =>
        Write(logger, LogLevel.Error, $"fence: {failure}");

    public static void SignalReceived(ILogger logger, string signal, string action) =>
        Write(logger, LogLevel.Information, $"{signal}: {action}");

    public static void Reloaded(ILogger logger, string report) =>
        Write(logger, LogLevel.Information, $"reload: {report}");

    public static void NotReloaded(ILogger logger, string reason) =>
        Write(logger, LogLevel.Error, $"reload: {reason}; everything stays as it is");

    public static void ThreadFailed(ILogger logger, Exception error, string thread) =>
        Write(logger, LogLevel.Critical, $"the {thread} thread failed; letting go of everything", error);

    public static void UidNotKept(ILogger logger, NodeId uid, string path, string reason) =>
        Write(logger, LogLevel.Warning,
            $"the uid {uid} was drawn at random for this run only: {path} can't be written: {reason}");

    public static void UidDrawn(ILogger logger, NodeId uid, string path) =>
        Write(logger, LogLevel.Information, $"the uid {uid} was drawn at random and written to {path}");

    public static void StateChanged(ILogger logger, string state, int peers, int owned, int vnis) =>
        Write(logger, LogLevel.Information, $"state {state}; {peers} live peers, owns {owned} of {vnis} VNIs");

    public static void Fault(ILogger logger, string faults) => Write(logger, LogLevel.Error, $"state fault: {faults}");

    public static void PeerAppeared(ILogger logger, NodeId uid, Ipv4Address address, int owned) =>
        Write(logger, LogLevel.Information, $"peer {uid} ({address}) appeared; it owns {owned} VNIs");

    public static void PeerExpired(ILogger logger, NodeId uid, Ipv4Address address, double silentMs) =>
        Write(logger, LogLevel.Warning, $"peer {uid} ({address}) is dead: not heard for {silentMs} ms");

    public static void PeerLeft(ILogger logger, NodeId uid, Ipv4Address address) =>
        Write(logger, LogLevel.Information, $"peer {uid} ({address}) said goodbye");

    public static void ForgedHandover(ILogger logger, NodeId uid, Ipv4Address address) =>
        Write(logger, LogLevel.Warning,
            $"a handover message of {uid} from {address} is ignored: that isn't where {uid} is heard from");

    public static void PeerMoved(ILogger logger, NodeId uid, Ipv4Address address) =>
        Write(logger, LogLevel.Warning,
            $"peer {uid} is heard from {address} now; when it moves to and fro, two gateways have the same uid");

    public static void PeerTableFull(ILogger logger, NodeId uid, Ipv4Address address) =>
        Write(logger, LogLevel.Error,
            $"no room for peer {uid} ({address}): 255 peers are alive; is somebody flooding the cluster's port?");

    public static void DuplicateUid(ILogger logger, NodeId uid, Ipv4Address address, Ipv4Address ownAddress) =>
        Write(logger, LogLevel.Error,
            $"the gateway at {address} has the uid of this one ({uid}, at {ownAddress}): each needs its own; the one with the lower address goes on");

    public static void Stalled(ILogger logger, double stoodMs) =>
        Write(logger, LogLevel.Error,
            $"this gateway stood still for {stoodMs} ms: the peers have taken over; letting go, then listening");

    public static void WrongLength(ILogger logger, Ipv4Address address, int length, long count) =>
        Write(logger, LogLevel.Warning, $"a datagram from {address} is ignored: {length} bytes; expected 8 ({count} so far)");

    public static void NotAllowed(ILogger logger, Ipv4Address address, long count) =>
        Write(logger, LogLevel.Warning, $"a datagram from {address} is ignored: not on the allow list ({count} so far)");

    public static void ZeroUid(ILogger logger, Ipv4Address address, long count) =>
        Write(logger, LogLevel.Warning, $"a datagram from {address} is ignored: uid 0 ({count} so far)");

    public static void AdvertisementNotSent(ILogger logger, Ipv4Address broadcast, string reason, long count) =>
        Write(logger, LogLevel.Error, $"advertisements to {broadcast} can't be sent: {reason} ({count} so far)");

    public static void NoNetwork(ILogger logger, Ipv4Address broadcast, int port, string reason) =>
        Write(logger, LogLevel.Error,
            $"the cluster's network isn't there: {broadcast}, port {port}: {reason}; trying again each second");

    public static void FileNotWatched(ILogger logger, string path, string reason) =>
        Write(logger, LogLevel.Warning, $"track-file {path} is read once a second only: {reason}");

    public static void Moved(ILogger logger, int taken, int released, double durationMs) =>
        Write(logger, LogLevel.Information, $"took over {taken} VNIs, let go of {released}, in {durationMs:0.0} ms");

    public static void MovedWithProblems(ILogger logger, int taken, int released, double durationMs, int failed) =>
        Write(logger, LogLevel.Warning,
            $"took over {taken} VNIs, let go of {released}, in {durationMs:0.0} ms; {failed} of them have a problem");

    public static void ProtodownChanged(ILogger logger, Vni vni, string state) =>
        Write(logger, LogLevel.Debug, $"VNI {vni}: protodown {state}");

    public static void Announced(ILogger logger, Vni vni) => Write(logger, LogLevel.Debug, $"VNI {vni}: announced");

    public static void ProtodownRefused(ILogger logger, Vni vni, string state, string reason) =>
        Write(logger, LogLevel.Warning, $"VNI {vni}: protodown {state} refused: {reason}");

    public static void Repaired(ILogger logger, VniNames vnis) =>
        Write(logger, LogLevel.Warning, $"somebody brought up what this gateway doesn't own; held down again: {vnis}");

    public static void Problem(ILogger logger, string vnis, string problem) =>
        Write(logger, LogLevel.Warning, $"{vnis}: {problem}");

    public static void NoProblem(ILogger logger) =>
        Write(logger, LogLevel.Information, $"no problem with any VNI any more");

    public static void NotificationsLost(ILogger logger) =>
        Write(logger, LogLevel.Warning, $"link notifications were lost; comparing everything");

    public static void NotificationUnreadable(ILogger logger, string error) =>
        Write(logger, LogLevel.Warning, $"a message of the kernel can't be read: {error}");

    public static void DumpFailed(ILogger logger, string reason) =>
        Write(logger, LogLevel.Error, $"the kernel doesn't answer: {reason}; trying again");

    public static void LeaseEnded(ILogger logger) =>
        Write(logger, LogLevel.Error, $"the cluster thread stands still: letting go of everything until it goes on");

    public static void NotNotified(ILogger logger, string socket, string reason) =>
        Write(logger, LogLevel.Warning, $"NOTIFY_SOCKET {socket}: the service manager isn't told: {reason}");

    public static void NoWatchdog(ILogger logger, string microseconds, string process) =>
        Write(logger, LogLevel.Warning,
            $"WATCHDOG_USEC '{microseconds}', WATCHDOG_PID '{process}': the watchdog isn't told: expected numbers from 1");

    public static void DrainedAlone(ILogger logger, int vnis) =>
        Write(logger, LogLevel.Warning,
            $"asked to drain, and no peer is alive: nobody serves {vnis} VNIs until 'wmgwd2 undrain'");

    public static void ClientFailed(ILogger logger, string reason) =>
        Write(logger, LogLevel.Warning, $"a client of the control socket failed: {reason}");

    private static void Write(
        ILogger logger, LogLevel level,
        [InterpolatedStringHandlerArgument(nameof(logger), nameof(level))] ref LogLine line, Exception? exception = null) =>
        line.WriteTo(logger, level, exception);
}
