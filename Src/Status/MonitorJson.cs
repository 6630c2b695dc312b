using System;
using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>Events as JSON, an object a line. README.md documents the members.</summary>
/// <param name="pattern">How the interfaces of VNIs are called.</param>
public sealed class MonitorJson(InterfacePattern pattern) : IMonitorFormat
{
    // One for all lines: a take-over of thousands of VNIs has as many.
    private readonly Utf8JsonWriter _writer = new(new ArrayBufferWriter<byte>());

    /// <inheritdoc/>
    public void Write(in MonitorEvent happened, IBufferWriter<byte> destination)
    {
        Utf8JsonWriter writer = _writer;
        writer.Reset(destination);
        Begin(writer, happened, NameOf(happened.Kind));
        switch (happened.Kind)
        {
            case MonitorEventKind.State:
                writer.WriteString("state", StatusSnapshot.NameOf(happened.State));
                writer.WriteString("fault", happened.Text);
                break;
            case MonitorEventKind.PeerAppeared or MonitorEventKind.PeerLeft or MonitorEventKind.PeerMoved:
                WritePeer(writer, happened.Uid, happened.Address);
                break;
            case MonitorEventKind.PeerExpired:
                WritePeer(writer, happened.Uid, happened.Address);
                WriteMilliseconds(writer, "silent_ms", happened);
                break;
            case MonitorEventKind.Stalled:
                WriteMilliseconds(writer, "stood_ms", happened);
                break;
            case MonitorEventKind.VniTaken or MonitorEventKind.VniReleased or MonitorEventKind.VniOk:
                WriteVni(writer, happened.Vni);
                break;
            case MonitorEventKind.VniBlocked or MonitorEventKind.VniProblem:
                WriteVni(writer, happened.Vni);
                writer.WriteString("problem", happened.Text);
                break;
            case MonitorEventKind.Lost:
                writer.WriteNumber("count", happened.Count);
                break;
        }

        writer.WriteEndObject();
        writer.Flush();
        destination.Write("\n"u8);
    }

    /// <inheritdoc/>
    public void WriteInitial(
        in MonitorEvent state, StatusSnapshot status, VniBitmap taken, VniBitmap wrong, IBufferWriter<byte> destination)
    {
        Utf8JsonWriter writer = _writer;
        writer.Reset(destination);
        Begin(writer, state, "initial");
        writer.WriteString("uid", status.Uid.ToString());
        writer.WriteString("address", status.Address.ToString());
        writer.WriteString("state", StatusSnapshot.NameOf(state.State));
        writer.WriteString("fault", state.Text);
        writer.WriteStartArray("peers");
        foreach (PeerStatus peer in status.Peers)
        {
            if (peer.Alive)
            {
                writer.WriteStartObject();
                WritePeer(writer, peer.Uid, peer.Address);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
        writer.WriteStartArray("taken");
        for (int index = taken.NextSet(0); index >= 0; index = taken.NextSet(index + 1))
        {
            writer.WriteNumberValue(status.Vnis[index].Value);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("problems");
        for (int index = wrong.NextSet(0); index >= 0; index = wrong.NextSet(index + 1))
        {
            writer.WriteStartObject();
            WriteVni(writer, status.Vnis[index]);
            writer.WriteString("problem", ProblemText.DescribeLasting(status.StatusOf(index), status.ReasonsOf(index)));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        destination.Write("\n"u8);
    }

    private static string NameOf(MonitorEventKind kind) => kind switch
    {
        MonitorEventKind.State => "state",
        MonitorEventKind.PeerAppeared => "peer_appeared",
        MonitorEventKind.PeerExpired => "peer_expired",
        MonitorEventKind.PeerLeft => "peer_left",
        MonitorEventKind.PeerMoved => "peer_moved",
        MonitorEventKind.Stalled => "stalled",
        MonitorEventKind.VniTaken => "vni_taken",
        MonitorEventKind.VniReleased => "vni_released",
        MonitorEventKind.VniBlocked => "vni_blocked",
        MonitorEventKind.VniProblem => "vni_problem",
        MonitorEventKind.VniOk => "vni_ok",
        MonitorEventKind.Lost => "lost",
        MonitorEventKind.Dropped => "dropped",
        _ => "ended",
    };

    private static void Begin(Utf8JsonWriter writer, in MonitorEvent happened, string name)
    {
        writer.WriteStartObject();
        writer.WriteString("time", happened.Time.ToString(StatusJson.Rfc3339, CultureInfo.InvariantCulture));
        writer.WriteString("event", name);
    }

    private static void WritePeer(Utf8JsonWriter writer, NodeId uid, Ipv4Address address)
    {
        writer.WriteString("uid", uid.ToString());
        writer.WriteString("address", address.ToString());
    }

    private static void WriteMilliseconds(Utf8JsonWriter writer, string name, in MonitorEvent happened) =>
        writer.WriteNumber(name, (long)Math.Round(happened.Duration.TotalMilliseconds));

    private void WriteVni(Utf8JsonWriter writer, Vni vni)
    {
        writer.WriteNumber("vni", vni.Value);
        writer.WriteString("interface", pattern.NameOf(vni));
    }
}
