using System;
using System.Text;
using System.Threading;
using Microsoft.Extensions.Logging;
using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>
/// Logs to stderr, a line each. On a terminal with time and severity; otherwise with the syslog priority that journald and
/// other collectors read ("&lt;6&gt;"; sd-daemon(3)). Never waits: a line that whoever reads stderr has no room for is lost,
/// and counted in the next that isn't. Allocates nothing but for an exception.
/// </summary>
/// <param name="threshold">The lowest level that is logged at first.</param>
/// <param name="descriptor">Where to.</param>
internal sealed class StderrLogger(LogLevel threshold, int descriptor = Libc.STDERR_FILENO) : ILineLogger
{
    // A pipe takes that much at once or nothing (PIPE_BUF, limits.h), so lines of two threads don't mix.
    private const int LineLimit = 4096;

    private readonly bool _terminal = Libc.isatty(descriptor) == 1;
    private volatile LogLevel _threshold = threshold;
    private SpinLock _writing = new(enableThreadOwnerTracking: false);
    private int _lost;

    /// <summary>The lowest level that is logged; can be changed from any thread.</summary>
    public LogLevel Threshold
    {
        get => _threshold;
        set => _threshold = value;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= Threshold && logLevel != LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Log(logLevel, Encoding.UTF8.GetBytes(formatter(state, exception)), exception);
        }
    }

    public void Log(LogLevel level, ReadOnlySpan<byte> line, Exception? exception)
    {
        int lost = Interlocked.Exchange(ref _lost, 0);
        Span<byte> room = stackalloc byte[LineLimit];
        var writer = new LineWriter(room[..^1]);
        AppendPrefix(ref writer, level);
        if (lost > 0)
        {
            writer.Append("("u8);
            writer.Append(lost);
            writer.Append(" log lines lost before this one) "u8);
        }

        AppendWithoutLineBreaks(ref writer, line);
        if (exception != null)
        {
            writer.Append(": "u8);
            AppendWithoutLineBreaks(ref writer, Encoding.UTF8.GetBytes(exception.ToString()));
        }

        int length = writer.Written.Length;
        room[length++] = (byte)'\n';
        if (!TryWrite(room[..length]))
        {
            Interlocked.Add(ref _lost, lost + 1);
        }
    }

    private unsafe bool TryWrite(ReadOnlySpan<byte> line)
    {
        // Whether there is room is true for the next write only, so nobody else may come between. It is held for two calls
        // that don't wait, and so by a lock that allocates nothing when somebody has to wait for it.
        bool taken = false;
        try
        {
            _writing.Enter(ref taken);
            pollfd room = new() { fd = descriptor, events = Libc.POLLOUT };
            if (Libc.poll(&room, 1, 0) != 1 || (room.revents & Libc.POLLOUT) == 0)
            {
                return false;
            }

            fixed (byte* start = line)
            {
                return Libc.write(descriptor, start, (nuint)line.Length) == line.Length;
            }
        }
        finally
        {
            if (taken)
            {
                _writing.Exit();
            }
        }
    }

    private void AppendPrefix(ref LineWriter writer, LogLevel level)
    {
        if (_terminal)
        {
            writer.Append(DateTime.Now, "yyyy-MM-dd HH:mm:ss.fff");
            writer.Append(level switch
            {
                LogLevel.Critical => " critical "u8,
                LogLevel.Error => " error    "u8,
                LogLevel.Warning => " warning  "u8,
                LogLevel.Information => " info     "u8,
                _ => " debug    "u8,
            });
        }
        else
        {
            writer.Append(level switch
            {
                LogLevel.Critical => "<2>"u8,
                LogLevel.Error => "<3>"u8,
                LogLevel.Warning => "<4>"u8,
                LogLevel.Information => "<6>"u8,
                _ => "<7>"u8,
            });
        }
    }

    private static void AppendWithoutLineBreaks(ref LineWriter writer, ReadOnlySpan<byte> text)
    {
        int at = 0;
        while (at < text.Length)
        {
            int length = MeasureLineBreak(text[at..]);
            if (length == 0)
            {
                at++;
            }
            else
            {
                writer.Append(text[..at]);
                writer.Append(" | "u8);
                text = text[(at + length)..];
                at = 0;
            }
        }

        writer.Append(text);
    }

    /// <summary>How long the line break is that a text begins with; what Unicode takes for one (standard, section 5.8).</summary>
    private static int MeasureLineBreak(ReadOnlySpan<byte> text) => text switch
    {
        [(byte)'\r', (byte)'\n', ..] => 2,
        [(byte)'\r' or (byte)'\n' or (byte)'\f', ..] => 1,
        [0xc2, 0x85, ..] => 2,
        [0xe2, 0x80, 0xa8 or 0xa9, ..] => 3,
        _ => 0,
    };
}
