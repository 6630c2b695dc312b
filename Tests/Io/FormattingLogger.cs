using System;
using System.IO;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Wmgwd2.Io;

namespace Wmgwd2.Tests.Io;

/// <summary>The daemon's own logger, to where nobody reads: for tests that count what a line allocates.</summary>
internal sealed class FormattingLogger : ILineLogger, IDisposable
{
    private readonly SafeFileHandle _nowhere = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
    private readonly StderrLogger _logger;

    public FormattingLogger(LogLevel threshold) =>
        _logger = new StderrLogger(threshold, (int)_nowhere.DangerousGetHandle());

    /// <summary>How many lines there have been.</summary>
    public int Count { get; private set; }

    public void Dispose() => _nowhere.Dispose();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => _logger.IsEnabled(logLevel);

    public void Log(LogLevel level, ReadOnlySpan<byte> line, Exception? exception)
    {
        Count++;
        _logger.Log(level, line, exception);
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        throw new NotSupportedException("The daemon logs lines.");
}
