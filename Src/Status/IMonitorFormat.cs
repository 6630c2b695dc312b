using System.Buffers;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>How events are written.</summary>
public interface IMonitorFormat
{
    /// <summary>Writes an event, a line.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="destination">Where to.</param>
    void Write(in MonitorEvent happened, IBufferWriter<byte> destination);

    /// <summary>Writes how it stands, to who begins to follow.</summary>
    /// <param name="state">The state as an event.</param>
    /// <param name="status">The status.</param>
    /// <param name="taken">The VNIs that are taken.</param>
    /// <param name="wrong">The VNIs that have a problem.</param>
    /// <param name="destination">Where to.</param>
    void WriteInitial(
        in MonitorEvent state, StatusSnapshot status, VniBitmap taken, VniBitmap wrong, IBufferWriter<byte> destination);
}
