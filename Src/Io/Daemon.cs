using System;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using Microsoft.Extensions.Logging;
using Wmgwd2.Config;
using Wmgwd2.Core;
using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>
/// The daemon: fences, starts the cluster thread and the kernel thread, answers the operator on the main thread, and sees to
/// it that however it ends nothing stays up.
/// </summary>
internal sealed partial class Daemon
{
    private const int ThreadStackSize = 256 << 10;

    /// <summary>What an end takes beside the dead interval: fencing everything, whoever else holds the kernel's locks.</summary>
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(10);

    private readonly SettingsSource _source;
    private readonly StderrLogger _logger;
    private readonly string _version;
    private readonly EventFeed _events = new();
    private readonly DateTime _startedAt = DateTime.UtcNow;
    private Settings _settings;
    private NodeId _uid;
    private ClusterThread? _cluster;
    private KernelThread? _kernel;
    private HealthBoard? _health;
    private ControlServer? _control;
    private ServiceNotifier? _notify;
    private TrackedFile? _trackedFile;
    private StartRecord? _record;
    private InterfaceClaim? _claim;
    private int _hangUps;
    private bool _failed;
    private bool _ending;
    private bool _stopping;

    private Daemon(Settings settings, SettingsSource source, string version, StderrLogger logger)
    {
        _settings = settings;
        _source = source;
        _version = version;
        _logger = logger;
    }

    /// <summary>Runs a daemon until it is told to end.</summary>
    /// <param name="settings">What it goes by at first.</param>
    /// <param name="source">Where that was read, and is read again.</param>
    /// <param name="version">Its version.</param>
    /// <returns>The exit code: 0 after an orderly end, 1 when it could not start or something failed.</returns>
    public static int Run(Settings settings, SettingsSource source, string version)
    {
        var logger = new StderrLogger(LevelOf(settings.LogLevel));
        try
        {
            return new Daemon(settings, source, version, logger).Run();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException
            or SystemCallException or InvalidDataException or SocketException)
        {
            Log.Failed(logger, error.Message);
            return 1;
        }
    }

    private static LogLevel LevelOf(LogThreshold threshold) => threshold switch
    {
        LogThreshold.Debug => LogLevel.Debug,
        LogThreshold.Info => LogLevel.Information,
        LogThreshold.Warning => LogLevel.Warning,
        _ => LogLevel.Error,
    };

    private int Run()
    {
        Signals.Keep();
        AppDomain.CurrentDomain.UnhandledException += (_, _) => RunFence();
        UnixUser? user = _settings.User is { } name ? UnixUser.Find(name) : null;
        if (Privileges.FindMissing(_settings) is { } missing)
        {
            Log.Failed(_logger, missing);
            return 1;
        }

        if (_settings.LockMemory && Privileges.TryLockMemory(user) is { } reason)
        {
            Log.MemoryNotLocked(_logger, reason);
        }

        Privileges.StartSocketThread(_settings, user);

        // In this order: two daemons with the same control socket must not fence each other's interfaces; and nobody hears
        // of this gateway, nor it of anybody, before its interfaces are down.
        using EventFeed events = _events;
        using var control = new ControlServer(_settings.ControlSocket, this, _logger);
        using var claim = new InterfaceClaim(_settings);
        _claim = claim;
        FenceReport fenced = RunFence();
        if (fenced.Failures.Count > 0)
        {
            return 1;
        }

        _uid = _settings.Uid ?? UidFile.ReadOrDraw(_settings.UidFile, _logger);
        Log.Started(_logger, _version, _uid, _settings.Vnis, _settings.Timing.Interval.TotalMilliseconds,
            fenced.Held, fenced.Changed, fenced.Missing);
        using var record = new StartRecord(StartRecord.PathOf(_settings));
        _record = record;
        TimeSpan wait = record.NoteStart(_settings, MonotonicClock.Now);
        if (wait > TimeSpan.Zero)
        {
            Log.StartedOften(_logger, wait.TotalSeconds);
        }

        using var mailbox = new OwnershipMailbox(_settings);
        using var health = new HealthBoard();
        using var kernel = new KernelThread(KernelThread.CompareInterval, mailbox, health, _logger) { Events = _events };
        using var cluster = new ClusterThread(_settings, _uid, wait, mailbox, health, _logger) { Events = _events };
        (_cluster, _kernel, _health, _control) = (cluster, kernel, health, control);
        cluster.Start();
        using ServiceNotifier notify = ServiceNotifier.FromEnvironment(
            _settings, health, new ServiceStatus(cluster, health).TakeChange, _logger);
        _notify = notify;
        Privileges.Reduce(_settings, user);
        StartThread("signals", FollowSignals, control.Wakeup);
        FollowTrackedFile();

        // What fencing thousands of interfaces took goes back to the machine; from here on nothing is allocated.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Thread kernelThread = StartThread("kernel", kernel.Run, control.Wakeup);
        Thread clusterThread = StartThread("cluster", cluster.Run, control.Wakeup);

        // Everything is held down, the sockets are open. The cluster's network may come later: then it waits for it in state
        // fault, which the status says, and a service manager that gave this start up would only have it repeated.
        notify.Ready();
        try
        {
            while (!Volatile.Read(ref _ending))
            {
                if (Volatile.Read(ref _stopping))
                {
                    NotifyStopping(notify);
                }

                notify.Turn(MonotonicClock.Now);
                control.ServeUntilWoken(notify.Deadline);
                if (Interlocked.Exchange(ref _hangUps, 0) > 0)
                {
                    _ = TryReload(out _);
                }
            }
        }
        catch (Exception error)
        {
            Fail(error, "main");
        }

        NotifyStopping(notify);

        // Whichever has ended, for whatever reason: the rest lets go now.
        mailbox.Close();
        cluster.RequestStop();
        cluster.RequestStop();
        kernelThread.Join();
        clusterThread.Join();
        fenced = RunFence();
        Log.Ended(_logger, fenced.Held);
        if (fenced.AllFailures.Count > 0)
        {
            return 1;
        }

        record.NoteEnd();
        return _failed ? 1 : 0;
    }

    private FenceReport RunFence()
    {
        FenceReport report = Fence.Run(_settings);
        foreach (string failure in report.AllFailures)
        {
            Log.FenceFailed(_logger, failure);
        }

        if (report.Forgotten is { Changed: > 0 } forgotten)
        {
            Log.ForgottenHeld(_logger, forgotten.Changed);
        }

        return report;
    }

    private Thread StartThread(string name, Action run, Wakeup ended)
    {
        var thread = new Thread(
            () =>
            {
                try
                {
                    // For top and ps; what the runtime calls a thread stays inside the process.
                    _ = Libc.prctl(Libc.PR_SET_NAME, name, 0, 0, 0);
                    run();
                }
                catch (Exception error)
                {
                    Fail(error, name);
                }

                // Not left to IsAlive: a thread that has just said that it ends is alive for a moment more.
                Volatile.Write(ref _ending, true);
                ended.Signal();
            },
            ThreadStackSize)
        {
            Name = name,
            IsBackground = true,
        };
        thread.Start();
        return thread;
    }

    /// <summary>An exception that escaped. The end that follows fences with nothing but a netlink socket of its own.</summary>
    private void Fail(Exception error, string thread)
    {
        Volatile.Write(ref _failed, true);
        Log.ThreadFailed(_logger, error, thread);
    }

    private void NotifyStopping(ServiceNotifier notify) => notify.Stopping(_settings.Timing.DeadInterval + StopMargin);

    /// <summary>Does what signals ask for, on a thread of its own.</summary>
    private void FollowSignals()
    {
        for (bool again = false; ;)
        {
            int signal = Signals.Wait();
            if (Volatile.Read(ref _ending))
            {
                continue;
            }

            if (signal == Signals.Reload)
            {
                Interlocked.Increment(ref _hangUps);
            }
            else
            {
                string action = again
                    ? "letting go at once"
                    : "serving until the peers have taken over, then letting go; again to let go at once";
                again = true;
                Log.SignalReceived(_logger, Signals.NameOf(signal), action);
                _cluster!.RequestStop();
                Volatile.Write(ref _stopping, true);
            }

            _control!.Wakeup.Signal();
        }
    }

    private void FollowTrackedFile()
    {
        if (_trackedFile != null)
        {
            _trackedFile.Path = _settings.TrackFile;
        }
        else if (_settings.TrackFile is { } path)
        {
            _trackedFile = new TrackedFile(path, _health!, _logger);
            StartThread("file", _trackedFile.Run, _control!.Wakeup);
        }
    }
}
