using System;
using System.Globalization;
using System.Text;
using System.Threading;
using Microsoft.Extensions.Logging;
using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>
/// Logs to stderr, a line each. On a terminal with time and severity; otherwise with the syslog priority that journald and
/// other collectors read ("&lt;6&gt;"; sd-daemon(3)). Never waits: a line that whoever reads stderr has no room for is lost,
/// and counted in the next that isn't.
/// </summary>
internal sealed class StderrLogger(LogLevel threshold) : ILogger, ILoggerProvider
{
    // A pipe takes that much at once or nothing (PIPE_BUF, limits.h), so lines of two threads don't mix.
    private const int LineLimit = 4096;

    private readonly bool _terminal = Libc.isatty(Libc.STDERR_FILENO) == 1;
    private readonly Lock _writing = new();
    private int _lost;

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= threshold && logLevel != LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        string text = exception is null ? formatter(state, exception) : $"{formatter(state, exception)}: {exception}";
        int lost = Interlocked.Exchange(ref _lost, 0);
        string lostText = lost == 0 ? "" : $"({lost} log lines lost before this one) ";
        string line = $"{Prefix(logLevel)}{lostText}{text.ReplaceLineEndings(" | ")}";
        if (!TryWrite(line))
        {
            Interlocked.Add(ref _lost, lost + 1);
        }
    }

    private unsafe bool TryWrite(string line)
    {
        // Whether there is room is true for the next write only, so nobody else may come between; it is held for two calls
        // that don't wait.
        using Lock.Scope scope = _writing.EnterScope();
        pollfd room = new() { fd = Libc.STDERR_FILENO, events = Libc.POLLOUT };
        if (Libc.poll(&room, 1, 0) != 1 || (room.revents & Libc.POLLOUT) == 0)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[LineLimit];
        if (!Encoding.UTF8.TryGetBytes(line, bytes[..^1], out int length))
        {
            length = Encoding.UTF8.GetBytes(line.AsSpan(0, LineLimit / 4), bytes);
        }

        bytes[length++] = (byte)'\n';
        fixed (byte* start = bytes)
        {
            return Libc.write(Libc.STDERR_FILENO, start, (nuint)length) == length;
        }
    }

    private string Prefix(LogLevel level)
    {
        (int priority, string name) = level switch
        {
            LogLevel.Critical => (2, "critical"),
            LogLevel.Error => (3, "error   "),
            LogLevel.Warning => (4, "warning "),
            LogLevel.Information => (6, "info    "),
            _ => (7, "debug   "),
        };
        return _terminal
            ? string.Create(CultureInfo.InvariantCulture, $"{DateTime.Now:yyyy-MM-dd HH:mm:ss.fff} {name} ")
            : string.Create(CultureInfo.InvariantCulture, $"<{priority}>");
    }
}
