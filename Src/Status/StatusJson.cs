using System;
using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>
/// The status as JSON, a piece at a time: so that a status of very many VNIs needs no more memory than one of few, however
/// slowly it is read. README.md documents the members.
/// </summary>
public sealed class StatusJson : IStatusDocument
{
    /// <summary>How every output of this program for others writes an instant: RFC 3339, UTC, with milliseconds.</summary>
    internal const string Rfc3339 = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    private readonly StatusSnapshot _status;
    private readonly IBufferWriter<byte> _destination;
    private readonly Utf8JsonWriter _writer;
    private readonly string?[] _ownerNames;
    private int _next = -1;

    /// <summary>Begins.</summary>
    /// <param name="status">The status.</param>
    /// <param name="destination">Where the pieces go.</param>
    public StatusJson(StatusSnapshot status, IBufferWriter<byte> destination)
    {
        _status = status;
        _destination = destination;
        _writer = new Utf8JsonWriter(destination);
        _ownerNames = new string?[PeerTable.SlotCount];
        _ownerNames[PeerTable.OwnSlot] = status.Uid.ToString();
        foreach (PeerStatus peer in status.Peers)
        {
            _ownerNames[peer.Slot] = peer.Uid.ToString();
        }
    }

    /// <inheritdoc/>
    public bool WriteNext(int vnis)
    {
        if (_next < 0)
        {
            WriteHead();
            _next = 0;
        }

        for (int i = 0; i < vnis && _next < _status.Vnis.Count; i++)
        {
            WriteVni(_next++);
        }

        if (_next == _status.Vnis.Count)
        {
            WriteTail();
        }

        _writer.Flush();
        return _writer.CurrentDepth > 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private void WriteHead()
    {
        _writer.WriteStartObject();
        _writer.WriteString("version", _status.Version);
        _writer.WriteString("uid", _status.Uid.ToString());
        _writer.WriteString("address", _status.Address.ToString());
        _writer.WriteString("state", _status.StateName);
        _writer.WriteNumber("state_since_s", Math.Round(_status.InState.TotalSeconds, 3));
        _writer.WriteNumber("interval_ms", _status.Interval.TotalMilliseconds);
        _writer.WriteStartArray("peers");
        foreach (PeerStatus peer in _status.Peers)
        {
            _writer.WriteStartObject();
            _writer.WriteString("uid", peer.Uid.ToString());
            _writer.WriteString("address", peer.Address.ToString());
            _writer.WriteBoolean("alive", peer.Alive);
            _writer.WriteNumber("last_heard_ms", (long)peer.SinceHeard.TotalMilliseconds);
            _writer.WriteNumber("owned_vnis", peer.OwnedVnis);
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
        _writer.WriteStartArray("vnis");
    }

    private void WriteVni(int index)
    {
        InterfaceStatus status = _status.StatusOf(index);
        ushort owner = _status.Owners[index];
        Vni vni = _status.Vnis[index];
        _writer.WriteStartObject();
        _writer.WriteNumber("vni", vni.Value);
        _writer.WriteString("owner", owner == Ownership.NoOwner ? null : _ownerNames[owner]);
        _writer.WriteBoolean("owned", owner == PeerTable.OwnSlot);
        _writer.WriteString("interface", _status.InterfacePattern.NameOf(vni));
        _writer.WriteNumber("ifindex", status.Ifindex);
        _writer.WriteBoolean("protodown", status.Protodown);
        _writer.WriteBoolean("operational", status.Operational);
        _writer.WriteString("problem", ProblemText.Describe(status, _status.ReasonsOf(index)));
        _writer.WriteString("condition", StatusSnapshot.NameOf(status.Condition));
        WriteAge(_writer, "since_s", _status.Now, _status.SinceOf(index));
        WriteAge(_writer, "announced_s", _status.Now, _status.AnnouncedAtOf(index));
        _writer.WriteEndObject();
    }

    private void WriteTail()
    {
        _writer.WriteEndArray();
        _writer.WriteStartObject("counters");
        foreach (CounterStatus counter in _status.Counters)
        {
            _writer.WriteNumber(counter.Name, counter.Value);
        }

        _writer.WriteEndObject();
        _writer.WriteString("fault", _status.Fault);
        _writer.WriteString("started_at", _status.StartedAt.ToString(Rfc3339, CultureInfo.InvariantCulture));
        if (_status.LastMovement is { } movement)
        {
            _writer.WriteNumber("last_movement_ms", Math.Round(movement.TotalMilliseconds, 3));
        }
        else
        {
            _writer.WriteNull("last_movement_ms");
        }

        if (_status.ListensFor is { } left)
        {
            _writer.WriteNumber("listens_for_s", Math.Round(left.TotalSeconds, 3));
        }
        else
        {
            _writer.WriteNull("listens_for_s");
        }

        _writer.WriteEndObject();
        _writer.Flush();
        _destination.Write("\n"u8);
    }

    /// <summary>Writes how long ago something was, in seconds; null when it never was.</summary>
    internal static void WriteAge(Utf8JsonWriter writer, string name, Instant now, Instant then)
    {
        if (then == Instant.Never)
        {
            writer.WriteNull(name);
        }
        else
        {
            // What came after the status was taken is no older than that.
            writer.WriteNumber(name, Math.Round(Math.Max(0, (now - then).TotalSeconds), 3));
        }
    }
}
