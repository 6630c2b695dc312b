using System;
using System.Buffers;
using System.Collections.Generic;
using Wmgwd2.Status;

namespace Wmgwd2.Io;

/// <summary>
/// What is told in one format: each line once, in a ring of bytes, however many read it. Who is so slow that what comes
/// next runs over what he has still to read is told that in a last line.
/// </summary>
/// <param name="format">The format.</param>
/// <param name="capacity">How many bytes may be unread.</param>
internal sealed class MonitorLog(IMonitorFormat format, int capacity)
{
    private readonly byte[] _bytes = new byte[capacity];
    private readonly ArrayBufferWriter<byte> _line = new();
    private long _end;

    /// <summary>The format.</summary>
    public IMonitorFormat Format => format;

    /// <summary>Who reads it.</summary>
    public List<MonitorSubscription> Readers { get; } = [];

    /// <summary>Appends an event.</summary>
    public void Append(in MonitorEvent happened)
    {
        _line.ResetWrittenCount();
        format.Write(happened, _line);
        ReadOnlySpan<byte> line = _line.WrittenSpan;
        for (int i = Readers.Count - 1; i >= 0; i--)
        {
            if (_end + line.Length - Readers[i].Position > capacity)
            {
                Drop(Readers[i], happened);
            }
        }

        int start = (int)(_end % capacity);
        int first = Math.Min(line.Length, capacity - start);
        line[..first].CopyTo(_bytes.AsSpan(start));
        line[first..].CopyTo(_bytes);
        _end += line.Length;
    }

    /// <summary>Begins to read, at what comes next.</summary>
    public MonitorSubscription Subscribe()
    {
        var reader = new MonitorSubscription(this, _end);
        Readers.Add(reader);
        return reader;
    }

    /// <summary>What there is from a position on, as much of it as stands together.</summary>
    public ReadOnlySpan<byte> ReadFrom(long position)
    {
        int start = (int)(position % capacity);
        return _bytes.AsSpan(start, (int)Math.Min(_end - position, capacity - start));
    }

    private void Drop(MonitorSubscription reader, in MonitorEvent happened)
    {
        Readers.Remove(reader);
        var rest = new ArrayBufferWriter<byte>();
        if (reader.IsWithinLine)
        {
            for (long at = reader.Position; rest.WrittenCount == 0 || rest.WrittenSpan[^1] != '\n'; at++)
            {
                rest.Write([_bytes[at % capacity]]);
            }
        }

        format.Write(new MonitorEvent { Kind = MonitorEventKind.Dropped, Time = happened.Time }, rest);
        reader.Drop(rest.WrittenMemory);
    }
}

/// <summary>One who reads a log.</summary>
internal sealed class MonitorSubscription(MonitorLog log, long position)
{
    private ReadOnlyMemory<byte> _last;

    /// <summary>How far he has read.</summary>
    public long Position { get; private set; } = position;

    /// <summary>Whether what he has read ends with a part of a line.</summary>
    public bool IsWithinLine { get; private set; }

    /// <summary>Whether nothing more comes.</summary>
    public bool Dropped { get; private set; }

    /// <summary>What he has still to read, as much of it as stands together.</summary>
    public ReadOnlySpan<byte> Unread => Dropped ? _last.Span : log.ReadFrom(Position);

    /// <summary>He has read so many bytes of that.</summary>
    public void Advance(int count)
    {
        if (Dropped)
        {
            _last = _last[count..];
        }
        else if (count > 0)
        {
            IsWithinLine = Unread[count - 1] != '\n';
            Position += count;
        }
    }

    /// <summary>He gets this and no more.</summary>
    public void Drop(ReadOnlyMemory<byte> last)
    {
        Dropped = true;
        _last = last;
    }

    /// <summary>He reads no more.</summary>
    public void End() => log.Readers.Remove(this);
}
