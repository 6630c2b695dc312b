using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>Events as lines for people, each with its time.</summary>
/// <param name="pattern">How the interfaces of VNIs are called.</param>
public sealed class MonitorText(InterfacePattern pattern) : IMonitorFormat
{
    /// <inheritdoc/>
    public void Write(in MonitorEvent happened, IBufferWriter<byte> destination)
    {
        string line = happened.Kind switch
        {
            MonitorEventKind.State when happened.Text != null =>
                $"state {StatusSnapshot.NameOf(happened.State)}: {happened.Text}",
            MonitorEventKind.State => $"state {StatusSnapshot.NameOf(happened.State)}",
            MonitorEventKind.PeerAppeared => $"{NamePeer(happened)} appeared",
            MonitorEventKind.PeerExpired => $"{NamePeer(happened)} expired: not heard for {Milliseconds(happened)} ms",
            MonitorEventKind.PeerLeft => $"{NamePeer(happened)} left",
            MonitorEventKind.PeerMoved => $"peer {happened.Uid} moved: it is heard from {happened.Address} now",
            MonitorEventKind.Stalled => $"stood still for {Milliseconds(happened)} ms",
            MonitorEventKind.VniTaken => $"{NameVni(happened)} taken",
            MonitorEventKind.VniReleased => $"{NameVni(happened)} released",
            MonitorEventKind.VniBlocked => $"{NameVni(happened)} blocked: {happened.Text}",
            MonitorEventKind.VniProblem => $"{NameVni(happened)} problem: {happened.Text}",
            MonitorEventKind.VniOk => $"{NameVni(happened)} ok",
            MonitorEventKind.Lost => string.Create(CultureInfo.InvariantCulture, $"lost {happened.Count} events"),
            MonitorEventKind.Dropped => "dropped: this reader is too slow",
            _ => "the daemon ends",
        };
        Write(happened, line, destination);
    }

    /// <inheritdoc/>
    public void WriteInitial(
        in MonitorEvent state, StatusSnapshot status, VniBitmap taken, VniBitmap wrong, IBufferWriter<byte> destination)
    {
        Write(state, destination);
        foreach (PeerStatus peer in status.Peers)
        {
            if (peer.Alive)
            {
                Write(state, $"peer {peer.Uid} ({peer.Address}) is alive", destination);
            }
        }

        if (!taken.IsEmpty)
        {
            Write(state, $"VNIs {VniRanges.Format(status.Vnis, index => taken[index], int.MaxValue)} are taken", destination);
        }

        IReadOnlyList<(string Vnis, string Problem)> problems =
            new ProblemReport(status.Vnis, status.InterfacePattern).Gather(
                index => wrong[index] ? status.StatusOf(index) : default, status.ReasonsOf, int.MaxValue);
        foreach ((string vnis, string problem) in problems)
        {
            Write(state, $"{vnis} problem: {problem}", destination);
        }
    }

    private static string NamePeer(in MonitorEvent happened) => $"peer {happened.Uid} ({happened.Address})";

    private string NameVni(in MonitorEvent happened) => $"VNI {happened.Vni} ({pattern.NameOf(happened.Vni)})";

    private static string Milliseconds(in MonitorEvent happened) =>
        happened.Duration.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);

    private static void Write(in MonitorEvent happened, string line, IBufferWriter<byte> destination) =>
        Encoding.UTF8.GetBytes(
            $"{happened.Time.ToString(StatusJson.Rfc3339, CultureInfo.InvariantCulture)} {line}\n", destination);
}
