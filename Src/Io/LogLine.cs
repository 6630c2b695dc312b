using System;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Wmgwd2.Io;

/// <summary>A logger that takes lines as they are, so that nothing is allocated for them.</summary>
internal interface ILineLogger : ILogger
{
    /// <summary>Logs a line.</summary>
    /// <param name="level">Its level.</param>
    /// <param name="line">The line, UTF-8; it is gone when this returns.</param>
    /// <param name="exception">What it is about, if that is an exception.</param>
    void Log(LogLevel level, ReadOnlySpan<byte> line, Exception? exception);
}

/// <summary>
/// A line of the log while it is put together from an interpolated string: straight into bytes that its thread has for that,
/// and not at all when the logger doesn't want the level.
/// </summary>
[InterpolatedStringHandler]
internal ref struct LogLine
{
    /// <summary>How many bytes a line has at most.</summary>
    public const int Limit = 4096;

    [ThreadStatic]
    private static byte[]? _roomOfThread;

    private readonly bool _enabled;
    private LineWriter _writer;

    /// <summary>Begins a line; the compiler's call.</summary>
    /// <param name="literalLength">Not needed.</param>
    /// <param name="formattedCount">Not needed.</param>
    /// <param name="logger">Where it goes.</param>
    /// <param name="level">Its level.</param>
    /// <param name="enabled">Whether the logger wants it; otherwise nothing is formatted.</param>
    public LogLine(int literalLength, int formattedCount, ILogger logger, LogLevel level, out bool enabled)
    {
        enabled = _enabled = logger.IsEnabled(level);
        _writer = enabled ? new LineWriter(TakeRoom()) : default;
    }

    /// <summary>Allocates what the lines of the calling thread need, so that not even its first one allocates anything.</summary>
    public static void Prepare()
    {
        // Sign and decimal point are made into UTF-8 when the first number needs them.
        var line = new LineWriter(TakeRoom());
        line.Append(-0.5);
        line.Append(-0.5, "0.0");
    }

    /// <summary>Appends what stands in the string itself.</summary>
    public void AppendLiteral(string text) => _writer.Append(text);

    /// <summary>Appends a text.</summary>
    public void AppendFormatted(string text) => _writer.Append(text);

    /// <summary>Appends a value.</summary>
    public void AppendFormatted<T>(T value, string? format = null)
        where T : IUtf8SpanFormattable => _writer.Append(value, format);

    /// <summary>Hands the line to the logger.</summary>
    public readonly void WriteTo(ILogger logger, LogLevel level, Exception? exception)
    {
        if (!_enabled)
        {
            return;
        }

        if (logger is ILineLogger lines)
        {
            lines.Log(level, _writer.Written, exception);
        }
        else
        {
            logger.Log(level, default, Encoding.UTF8.GetString(_writer.Written), exception, static (line, _) => line);
        }
    }

    private static byte[] TakeRoom() => _roomOfThread ??= new byte[Limit];
}
