using System;
using System.Collections.Generic;
using Microsoft.Extensions.Logging;

namespace Wmgwd2.Tests.Io;

/// <summary>Keeps the lines that are logged.</summary>
internal sealed class RecordingLogger(LogLevel threshold = LogLevel.Information) : ILogger
{
    public List<string> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= threshold;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Add($"{logLevel}: {formatter(state, exception)}");
}
