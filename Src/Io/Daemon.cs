using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using Microsoft.Extensions.Logging;
using Wmgwd2.Config;
using Wmgwd2.Core;
using Wmgwd2.Interop;
using Wmgwd2.Status;

namespace Wmgwd2.Io;

/// <summary>
/// The daemon: fences, starts the cluster thread and the kernel thread, answers the operator on the main thread, and sees to
/// it that however it ends nothing stays up.
/// </summary>
internal sealed class Daemon : IControlled
{
    private const int ThreadStackSize = 256 << 10;

    private readonly Settings _settings;
    private readonly ILogger _logger;
    private readonly string _version;
    private NodeId _uid;
    private ClusterThread? _cluster;
    private KernelThread? _kernel;
    private HealthBoard? _health;
    private bool _failed;
    private bool _ending;

    private Daemon(Settings settings, string version, ILogger logger)
    {
        _settings = settings;
        _version = version;
        _logger = logger;
    }

    /// <summary>Runs a daemon until it is told to end.</summary>
    /// <returns>The exit code: 0 after an orderly end, 1 when it could not start or something failed.</returns>
    public static int Run(Settings settings, string version)
    {
        var logger = new StderrLogger(settings.LogLevel switch
        {
            LogThreshold.Debug => LogLevel.Debug,
            LogThreshold.Info => LogLevel.Information,
            LogThreshold.Warning => LogLevel.Warning,
            _ => LogLevel.Error,
        });
        try
        {
            return new Daemon(settings, version, logger).Run();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException
            or SystemCallException or InvalidDataException or SocketException)
        {
            Log.Failed(logger, error.Message);
            return 1;
        }
    }

    private int Run()
    {
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
        using var control = new ControlServer(_settings.ControlSocket, this, _logger);
        FenceReport fenced = RunFence();
        if (fenced.Failures.Count > 0)
        {
            return 1;
        }

        _uid = _settings.Uid ?? UidFile.ReadOrDraw(_settings.UidFile, _logger);
        Log.Started(_logger, _version, _uid, _settings.Vnis, _settings.Timing.Interval.TotalMilliseconds,
            fenced.Held, fenced.Changed, fenced.Missing);
        TimeSpan wait = StartRecord.Update($"{_settings.ControlSocket}.started", _settings.Timing, MonotonicClock.Now);
        if (wait > TimeSpan.Zero)
        {
            Log.StartedOften(_logger, wait.TotalSeconds);
        }

        using var mailbox = new OwnershipMailbox(_settings.Vnis.Count);
        using var health = new HealthBoard();
        using var kernel = new KernelThread(_settings, KernelThread.CompareInterval, mailbox, health, _logger);
        using var cluster = new ClusterThread(_settings, _uid, wait, mailbox, health, _logger);
        (_cluster, _kernel, _health) = (cluster, kernel, health);
        cluster.Start();
        Privileges.Reduce(_settings, user);
        using IDisposable signals = CatchSignals(cluster);
        if (_settings.TrackFile is { } path)
        {
            StartThread("file", new TrackedFile(path, health).Run, control.Wakeup);
        }

        // What fencing thousands of interfaces took goes back to the machine; from here on nothing is allocated.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Thread kernelThread = StartThread("kernel", kernel.Run, control.Wakeup);
        Thread clusterThread = StartThread("cluster", cluster.Run, control.Wakeup);
        try
        {
            while (!Volatile.Read(ref _ending))
            {
                control.ServeUntilWoken();
            }
        }
        catch (Exception error)
        {
            Fail(error, "main");
        }

        // Whichever has ended, for whatever reason: the rest lets go now.
        mailbox.Close();
        cluster.RequestStop();
        cluster.RequestStop();
        kernelThread.Join();
        clusterThread.Join();
        fenced = RunFence();
        Log.Ended(_logger, fenced.Held);
        return _failed || fenced.Failures.Count > 0 ? 1 : 0;
    }

    private FenceReport RunFence()
    {
        FenceReport report = Fence.Run(_settings.Vnis, _settings.InterfacePattern);
        foreach (string failure in report.Failures)
        {
            Log.FenceFailed(_logger, failure);
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

    private Registrations CatchSignals(ClusterThread cluster)
    {
        int count = 0;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            string action = Interlocked.Increment(ref count) == 1
                ? "serving until the peers have taken over, then letting go; again to let go at once"
                : "letting go at once";
            Log.SignalReceived(_logger, context.Signal.ToString(), action);
            cluster.RequestStop();
        }

        PosixSignal[] ending = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];
        return new Registrations([.. ending.Select(signal => PosixSignalRegistration.Create(signal, Stop))]);
    }

    void IControlled.RequestDrain(bool drain) => _cluster!.RequestDrain(drain);

    StatusSnapshot IControlled.TakeStatus()
    {
        (ClusterThread cluster, KernelThread kernel) = (_cluster!, _kernel!);
        return cluster.ReadGateway(gateway =>
        {
            Instant now = MonotonicClock.Now;
            ushort[] owners = gateway.Ownership.Owners.ToArray();
            return new StatusSnapshot
            {
                Version = _version,
                Uid = _uid,
                Address = gateway.OwnAddress,
                State = gateway.State,
                Fault = FaultText.Describe(gateway.Faults, _health!.TrackedInterface, _health.TrackedFile),
                InState = now - gateway.StateSince,
                Interval = _settings.Timing.Interval,
                Peers = TakePeers(gateway, owners, now),
                Vnis = _settings.Vnis,
                InterfacePattern = _settings.InterfacePattern,
                Owners = owners,
                StatusOf = kernel.Reconciler.GetStatus,
                ReasonsOf = kernel.Reconciler.GetProtodownReasons,
                Counters = TakeCounters(gateway, cluster, kernel),
            };
        });
    }

    private static List<PeerStatus> TakePeers(Gateway gateway, ushort[] owners, Instant now)
    {
        // All at once: there may be millions of VNIs, and hundreds of peers.
        var owned = new int[PeerTable.SlotCount];
        foreach (ushort owner in owners)
        {
            if (owner != Ownership.NoOwner)
            {
                owned[owner]++;
            }
        }

        var peers = new List<PeerStatus>();
        for (int slot = 1; slot < PeerTable.SlotCount; slot++)
        {
            Peer peer = gateway.Peers[slot];
            if (peer.Uid.Value != 0)
            {
                peers.Add(new PeerStatus(
                    slot, peer.Uid, peer.Address, peer.Alive, now - peer.LastHeard, owned[slot]));
            }
        }

        peers.Sort((left, right) => left.Uid.Value.CompareTo(right.Uid.Value));
        return peers;
    }

    private static List<CounterStatus> TakeCounters(Gateway gateway, ClusterThread cluster, KernelThread kernel)
    {
        var counters = new List<CounterStatus>();
        foreach (AdvertisementResult result in Enum.GetValues<AdvertisementResult>())
        {
            counters.Add(new CounterStatus(
                $"received_{ToSnakeCase(result.ToString())}", gateway.CountReceived(result) + cluster.Refused[result]));
        }

        counters.AddRange(Enum.GetValues<ClusterCounter>()
            .Select(counter => new CounterStatus(ToSnakeCase(counter.ToString()), cluster.Counters[counter])));
        counters.AddRange(Enum.GetValues<KernelCounter>()
            .Select(counter => new CounterStatus(ToSnakeCase(counter.ToString()), kernel.Counters[counter])));
        return counters;
    }

    private static string ToSnakeCase(string name) => string.Concat(
        name.Select((letter, at) => (at > 0 && char.IsUpper(letter) ? "_" : "") + char.ToLowerInvariant(letter)));

    private sealed class Registrations(PosixSignalRegistration[] registrations) : IDisposable
    {
        public void Dispose()
        {
            foreach (PosixSignalRegistration registration in registrations)
            {
                registration.Dispose();
            }
        }
    }
}
