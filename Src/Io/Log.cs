using System;
using Microsoft.Extensions.Logging;
using Wmgwd2.Core;

namespace Wmgwd2.Io;

/// <summary>Every line that the daemon logs.</summary>
internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Information,
        Message = "wmgwd2 {Version} starts: uid {Uid}, VNIs {Vnis}, interval {IntervalMs} ms, {Held} interfaces held down ({Changed} were not), {Missing} missing")]
    public static partial void Started(
        ILogger logger, string version, NodeId uid, VniSet vnis, double intervalMs, int held, int changed, int missing);

    [LoggerMessage(Level = LogLevel.Information, Message = "wmgwd2 ends; {Held} interfaces are held down")]
    public static partial void Ended(ILogger logger, int held);

    [LoggerMessage(Level = LogLevel.Error, Message = "wmgwd2 can't go on: {Reason}")]
    public static partial void Failed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "started again and again: when there are peers, it listens {WaitS:0.###} s longer before it takes over")]
    public static partial void StartedOften(ILogger logger, double waitS);

    [LoggerMessage(Level = LogLevel.Information, Message = "memory isn't locked: {Reason}")]
    public static partial void MemoryNotLocked(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "fence: {Failure}")]
    public static partial void FenceFailed(ILogger logger, string failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Signal}: {Action}")]
    public static partial void SignalReceived(ILogger logger, string signal, string action);

    [LoggerMessage(Level = LogLevel.Critical, Message = "the {Thread} thread failed; letting go of everything")]
    public static partial void ThreadFailed(ILogger logger, Exception error, string thread);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "the uid {Uid} was drawn at random for this run only: {Path} can't be written: {Reason}")]
    public static partial void UidNotKept(ILogger logger, NodeId uid, string path, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "the uid {Uid} was drawn at random and written to {Path}")]
    public static partial void UidDrawn(ILogger logger, NodeId uid, string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "state {State}; {Peers} live peers, owns {Owned} of {Vnis} VNIs")]
    public static partial void StateChanged(ILogger logger, string state, int peers, int owned, int vnis);

    [LoggerMessage(Level = LogLevel.Error, Message = "state fault: {Faults}")]
    public static partial void Fault(ILogger logger, string faults);

    [LoggerMessage(Level = LogLevel.Information, Message = "peer {Uid} ({Address}) appeared; it owns {Owned} VNIs")]
    public static partial void PeerAppeared(ILogger logger, NodeId uid, Ipv4Address address, int owned);

    [LoggerMessage(Level = LogLevel.Warning, Message = "peer {Uid} ({Address}) is dead: not heard for {SilentMs} ms")]
    public static partial void PeerExpired(ILogger logger, NodeId uid, Ipv4Address address, double silentMs);

    [LoggerMessage(Level = LogLevel.Information, Message = "peer {Uid} ({Address}) said goodbye")]
    public static partial void PeerLeft(ILogger logger, NodeId uid, Ipv4Address address);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "a handover message of {Uid} from {Address} is ignored: that isn't where {Uid} is heard from")]
    public static partial void ForgedHandover(ILogger logger, NodeId uid, Ipv4Address address);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "peer {Uid} is heard from {Address} now; when it moves to and fro, two gateways have the same uid")]
    public static partial void PeerMoved(ILogger logger, NodeId uid, Ipv4Address address);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "no room for peer {Uid} ({Address}): 255 peers are alive; is somebody flooding the cluster's port?")]
    public static partial void PeerTableFull(ILogger logger, NodeId uid, Ipv4Address address);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "the gateway at {Address} has the uid of this one ({Uid}, at {OwnAddress}): each needs its own; the one with the lower address goes on")]
    public static partial void DuplicateUid(ILogger logger, NodeId uid, Ipv4Address address, Ipv4Address ownAddress);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "this gateway stood still for {StoodMs} ms: the peers have taken over; letting go, then listening")]
    public static partial void Stalled(ILogger logger, double stoodMs);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "a datagram from {Address} is ignored: {Length} bytes; expected 8 ({Count} so far)")]
    public static partial void WrongLength(ILogger logger, Ipv4Address address, int length, long count);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "a datagram from {Address} is ignored: not on the allow list ({Count} so far)")]
    public static partial void NotAllowed(ILogger logger, Ipv4Address address, long count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "a datagram from {Address} is ignored: uid 0 ({Count} so far)")]
    public static partial void ZeroUid(ILogger logger, Ipv4Address address, long count);

    [LoggerMessage(Level = LogLevel.Error, Message = "advertisements to {Broadcast} can't be sent: {Reason} ({Count} so far)")]
    public static partial void AdvertisementNotSent(ILogger logger, Ipv4Address broadcast, string reason, long count);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "the cluster's network isn't there: {Broadcast}, port {Port}: {Reason}; trying again each second")]
    public static partial void NoNetwork(ILogger logger, Ipv4Address broadcast, int port, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "took over {Taken} VNIs, let go of {Released}, in {DurationMs:0.0} ms")]
    public static partial void Moved(ILogger logger, int taken, int released, double durationMs);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "took over {Taken} VNIs, let go of {Released}, in {DurationMs:0.0} ms; {Failed} of them have a problem")]
    public static partial void MovedWithProblems(ILogger logger, int taken, int released, double durationMs, int failed);

    [LoggerMessage(Level = LogLevel.Debug, Message = "VNI {Vni}: protodown {State}")]
    public static partial void ProtodownChanged(ILogger logger, Vni vni, string state);

    [LoggerMessage(Level = LogLevel.Debug, Message = "VNI {Vni}: announced")]
    public static partial void Announced(ILogger logger, Vni vni);

    [LoggerMessage(Level = LogLevel.Warning, Message = "VNI {Vni}: protodown {State} refused: {Reason}")]
    public static partial void ProtodownRefused(ILogger logger, Vni vni, string state, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "somebody brought up what this gateway doesn't own; held down again: {Vnis}")]
    public static partial void Repaired(ILogger logger, string vnis);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Vnis}: {Problem}")]
    public static partial void Problem(ILogger logger, string vnis, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "no problem with any VNI any more")]
    public static partial void NoProblem(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "link notifications were lost; comparing everything")]
    public static partial void NotificationsLost(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "a message of the kernel can't be read: {Error}")]
    public static partial void NotificationUnreadable(ILogger logger, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "the kernel doesn't answer: {Reason}; trying again")]
    public static partial void DumpFailed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "the cluster thread stands still: letting go of everything until it goes on")]
    public static partial void LeaseEnded(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "a client of the control socket failed: {Reason}")]
    public static partial void ClientFailed(ILogger logger, string reason);
}
