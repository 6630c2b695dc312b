using System;
using System.Collections.Generic;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Wmgwd2.Config;
using Wmgwd2.Core;
using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>
/// Tells the service manager that started this process how things are (sd_notify(3)): that it is ready, reloads or stops, a line
/// of status when something changes, and that it is alive. Belongs to the main thread. Without a service manager that wants to be
/// told, it does nothing.
/// </summary>
internal sealed class ServiceNotifier : IDisposable
{
    private static readonly TimeSpan StatusPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);

    private readonly NotifySocket? _socket;
    private readonly Watchdog? _watchdog;
    private readonly Func<string?> _takeStatusChange;
    private readonly List<string> _unsent = [];
    private Instant _nextStatus;
    private Instant _nextTry = Instant.Never;
    private bool _stopping;

    /// <param name="socket">Where messages go, or null.</param>
    /// <param name="watchdog">Decides when it is told that this process is alive; null when it doesn't ask.</param>
    /// <param name="takeStatusChange">Gives the status when it has changed.</param>
    public ServiceNotifier(NotifySocket? socket, Watchdog? watchdog, Func<string?> takeStatusChange) =>
        (_socket, _watchdog, _takeStatusChange) = (socket, watchdog, takeStatusChange);

    /// <summary>When <see cref="Turn"/> has something to do next.</summary>
    public Instant Deadline => _socket == null
        ? Instant.Never
        : _unsent.Count > 0 ? _nextTry : Instant.Min(_nextStatus, _watchdog?.Deadline ?? Instant.Never);

    /// <summary>Opens what the environment names. What is wrong with it is logged.</summary>
    public static ServiceNotifier FromEnvironment(Settings settings, HealthBoard health, Func<string?> takeStatusChange, ILogger logger)
    {
        NotifySocket? socket = NotifySocket.Open(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), logger);
        string? microseconds = Environment.GetEnvironmentVariable("WATCHDOG_USEC");
        string? process = Environment.GetEnvironmentVariable("WATCHDOG_PID");
        if (!Watchdog.TryReadPeriod(microseconds, process, out TimeSpan? period))
        {
            Log.NoWatchdog(logger, microseconds ?? "", process ?? "");
        }

        Watchdog? watchdog = period is { } time ? new Watchdog(time, settings.StuckAfter, health, MonotonicClock.Now) : null;
        return new ServiceNotifier(socket, watchdog, takeStatusChange);
    }

    public void Dispose() => _socket?.Dispose();

    /// <summary>Says that it serves its purpose from now on; after the start, and after a reload.</summary>
    public void Ready() => SendUnlessStopping("READY=1");

    /// <summary>Says that it reloads its configuration; <see cref="Ready"/> ends that.</summary>
    public unsafe void Reloading()
    {
        // Not the clock of all instants, but the one that systemd compares with (Type=notify-reload).
        timespec time;
        _ = Libc.clock_gettime(Libc.CLOCK_MONOTONIC, &time);
        long microseconds = time.tv_sec * 1_000_000 + time.tv_nsec / 1000;
        SendUnlessStopping(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}"));
    }

    /// <summary>Says that it ends; once.</summary>
    /// <param name="atMost">How long that may take, whatever the service manager's own limit is.</param>
    public void Stopping(TimeSpan atMost)
    {
        if (!_stopping)
        {
            _stopping = true;
            Send(string.Create(
                CultureInfo.InvariantCulture, $"STOPPING=1\nEXTEND_TIMEOUT_USEC={(long)atMost.TotalMicroseconds}"));
        }
    }

    /// <summary>Goes by other settings from now on.</summary>
    public void Follow(Settings settings)
    {
        if (_watchdog != null)
        {
            _watchdog.StuckAfter = settings.StuckAfter;
        }
    }

    /// <summary>Sends what is due.</summary>
    public void Turn(Instant now)
    {
        if (_socket == null || (_unsent.Count > 0 && !TrySendUnsent(_socket, now)))
        {
            return;
        }

        if (now >= _nextStatus)
        {
            _nextStatus = now + StatusPause;
            if (_takeStatusChange() is { } status)
            {
                // The reason of a fault may be another program's text.
                Send($"STATUS={status.ReplaceLineEndings(" ")}");
            }
        }

        if (_watchdog != null && now >= _watchdog.Deadline && _watchdog.IsWell(now))
        {
            Send("WATCHDOG=1");
        }
    }

    private void SendUnlessStopping(string message)
    {
        if (!_stopping)
        {
            Send(message);
        }
    }

    private void Send(string message)
    {
        // In order: what has to wait holds up what comes after it.
        if (_socket != null && (_unsent.Count > 0 || !_socket.TrySend(message)))
        {
            _unsent.Add(message);
            _nextTry = MonotonicClock.Now + RetryPause;
        }
    }

    private bool TrySendUnsent(NotifySocket socket, Instant now)
    {
        while (_unsent.Count > 0 && socket.TrySend(_unsent[0]))
        {
            _unsent.RemoveAt(0);
        }

        _nextTry = now + RetryPause;
        return _unsent.Count == 0;
    }
}
