using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Wmgwd2.Core;
using Wmgwd2.Interop;
using Wmgwd2.Status;

namespace Wmgwd2.Io;

/// <summary>What the control socket asks of a daemon.</summary>
internal interface IControlled
{
    /// <summary>Makes a status.</summary>
    StatusSnapshot TakeStatus();

    /// <summary>Asks to hand over and stand by, or to take part again.</summary>
    /// <returns>What whoever asks has to know of that, in lines; empty when there is nothing.</returns>
    string RequestDrain(bool drain);

    /// <summary>Reads the config again, and goes by it when it is valid.</summary>
    /// <param name="report">What has changed, or what is wrong; lines.</param>
    /// <returns>Whether it was valid.</returns>
    bool TryReload(out string report);

    /// <summary>What the threads have for who follows.</summary>
    EventFeed Events { get; }

    /// <summary>What the kernel showed for each VNI; another one when the VNIs are others.</summary>
    KernelView View { get; }

    /// <summary>Words why this gateway can't serve; null when it can.</summary>
    string? Describe(GatewayFaults faults);
}

/// <summary>
/// The unix socket that operators ask. Runs on the main thread, which has nothing else to do; no client is ever waited for,
/// and neither of the other threads waits for this one.
/// </summary>
internal sealed class ControlServer : IDisposable
{
    private const int WakeupTag = -1;
    private const int ListenerTag = -2;
    private const int EventsTag = -3;

    /// <summary>How many may ask at once.</summary>
    private const int ClientLimit = 64;

    /// <summary>How many may follow at once, beside those that ask.</summary>
    private const int FollowerLimit = 16;

    /// <summary>How many bytes may be left behind, and for how long nobody has asked for anything, before they are given back.</summary>
    private const long LitterLimit = 1 << 20;

    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly ILogger _logger;
    private readonly IControlled _daemon;
    private readonly UnixSocket _listener;
    private readonly EventPoll _poll = new();
    private readonly Dictionary<int, ControlClient> _clients = [];
    private readonly Readiness[] _ready = new Readiness[16];
    private readonly MonitorStream _monitor;
    private RateLimit _acceptFailed = new(1);
    private Instant _acceptAgain = Instant.Never;
    private long _tidiedAt;

    /// <summary>Opens the socket: replaces a stale one, refuses to replace a live one.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="daemon">What is asked.</param>
    /// <param name="logger">The log.</param>
    /// <exception cref="IOException">There is a live one, or it can't be opened; the message says which and why.</exception>
    public ControlServer(string path, IControlled daemon, ILogger logger)
    {
        _path = path;
        _logger = logger;
        _daemon = daemon;
        _monitor = new MonitorStream(daemon);
        _listener = Open(path);
        _poll.Add(_listener.Descriptor, ListenerTag);
        _poll.Add(Wakeup.Descriptor, WakeupTag);
        _poll.Add(daemon.Events.Wakeup.Descriptor, EventsTag);
    }

    /// <summary>How long one may take from its connection to the last byte of its answer.</summary>
    public TimeSpan ClientTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Wakes this thread.</summary>
    public Wakeup Wakeup { get; } = new();

    public void Dispose()
    {
        _monitor.End(MonotonicClock.Now);
        foreach (ControlClient client in _clients.Values)
        {
            if (client.Subscription != null && TryServe(client) && !client.HasMore)
            {
                client.TakeRest();
            }

            client.Dispose();
        }

        _listener.Dispose();
        _poll.Dispose();
        Wakeup.Dispose();
        try
        {
            File.Delete(_path);
        }
        catch (UnauthorizedAccessException)
        {
            // The user that this runs as by now may not: the next start replaces it.
        }
    }

    /// <summary>Serves until it is woken.</summary>
    /// <param name="deadline">Or until then.</param>
    public void ServeUntilWoken(Instant deadline)
    {
        while (true)
        {
            int count = _poll.Wait(_ready, FindTimeout(deadline));
            bool woken = MonotonicClock.Now >= deadline;
            if (count == 0 && IsLittered)
            {
                Tidy();
            }

            for (int i = 0; i < count; i++)
            {
                switch (_ready[i].Tag)
                {
                    case WakeupTag:
                        Wakeup.Acknowledge();
                        woken = true;
                        break;
                    case ListenerTag:
                        Accept();
                        break;
                    case EventsTag:
                        _daemon.Events.Wakeup.Acknowledge();
                        _monitor.NoteSignal(MonotonicClock.Now);
                        break;
                    default:
                        Serve(_ready[i]);
                        break;
                }
            }

            TellFollowers();
            DropLateClients();
            AcceptAgain();
            if (woken)
            {
                return;
            }
        }
    }

    private static UnixSocket Open(string path)
    {
        UnixSocket? listener = null;
        try
        {
            RemoveStale(path);
            listener = new UnixSocket();
            listener.Bind(path);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite
                | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
            listener.Listen(ClientLimit);
            return listener;
        }
        catch (Exception error) when (error is SystemCallException or UnauthorizedAccessException or IOException)
        {
            listener?.Dispose();
            throw error as IOException
                ?? new IOException($"{path}: the control socket can't be opened: {error.Message}", error);
        }
    }

    private static void RemoveStale(string path)
    {
        if (FindKind(path) is not { } kind)
        {
            return;
        }

        if (kind != Libc.S_IFSOCK)
        {
            throw new IOException($"{path}: is there and is no socket; expected a path for the control socket alone");
        }

        using var probe = new UnixSocket();
        switch (probe.Connect(path))
        {
            case Errno.ECONNREFUSED:
                File.Delete(path);
                break;

            // EAGAIN: one that is stopped, and whose backlog is full.
            case 0 or Errno.EAGAIN:
                throw new IOException($"{path}: another daemon answers there; expected a control-socket of its own for each");
            case int errno:
                throw new SystemCallException("connect", errno);
        }
    }

    /// <summary>What is at a path, of the kinds of stat.h; null when nothing is.</summary>
    private static unsafe int? FindKind(string path)
    {
        statx status;
        return Libc.statx(Libc.AT_FDCWD, path, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_TYPE, &status) == 0
            ? status.stx_mode & Libc.S_IFMT
            : null;
    }

    private void Accept()
    {
        Socket? socket = _listener.Accept(out int errno);
        if (socket == null)
        {
            if (errno is not (Errno.EAGAIN or Errno.EINTR or Errno.ECONNABORTED))
            {
                BearFailure(SystemCallException.Describe(errno));
            }

            return;
        }

        if (_clients.Count - CountFollowers() >= ClientLimit)
        {
            DropOldest();
        }

        var client = new ControlClient(socket, MonotonicClock.Now + ClientTime);
        _clients.Add(client.Descriptor, client);
        _poll.Add(client.Descriptor, client.Descriptor);
    }

    /// <summary>
    /// Without descriptors the oldest client gives its own up. When there is none, nobody is listened to for a moment: who
    /// waits stays readable, and would have this thread go round and round.
    /// </summary>
    private void BearFailure(string reason)
    {
        Instant now = MonotonicClock.Now;
        if (_acceptFailed.Allows(now))
        {
            Log.ClientFailed(_logger, reason);
        }

        if (!DropOldest())
        {
            _poll.Modify(_listener.Descriptor, ListenerTag, readable: false, writable: false);
            _acceptAgain = now + IdleTime;
        }
    }

    private void AcceptAgain()
    {
        if (_acceptAgain <= MonotonicClock.Now)
        {
            _acceptAgain = Instant.Never;
            _poll.Modify(_listener.Descriptor, ListenerTag, readable: true, writable: false);
        }
    }

    private void Serve(Readiness ready)
    {
        if (!_clients.TryGetValue(ready.Tag, out ControlClient? client))
        {
            return;
        }

        // Who follows isn't read from any more: readable means that he is gone.
        bool isFollower = client.Subscription != null;
        if ((isFollower && ready.Readable) || !TryServe(client))
        {
            Drop(ready.Tag);
        }
        else if (client.Answering)
        {
            WaitFor(client);
        }
    }

    private bool TryServe(ControlClient client)
    {
        try
        {
            return client.Answering
                ? client.Write()
                : client.Read(_daemon, CountFollowers() < FollowerLimit ? _monitor : null);
        }
        catch (Exception error) when (error is IOException or SocketException or OutOfMemoryException)
        {
            Log.ClientFailed(_logger, error.Message);
            return false;
        }
    }

    /// <summary>Who has something to read is waited for until there is room for it; who follows and has all, until he goes.</summary>
    private void WaitFor(ControlClient client) =>
        _poll.Modify(client.Descriptor, client.Descriptor, readable: false, writable: client.HasMore);

    private void TellFollowers()
    {
        Instant now = MonotonicClock.Now;
        if (now < _monitor.Deadline)
        {
            return;
        }

        _monitor.Read(now);
        List<ControlClient>? gone = null;
        foreach (ControlClient client in _clients.Values)
        {
            if (client.Subscription == null || !client.HasMore)
            {
                continue;
            }

            if (client.Subscription.Dropped)
            {
                // It gets the time of any other client for its last line.
                client.Deadline = Instant.Min(client.Deadline, now + ClientTime);
            }

            if (TryServe(client))
            {
                WaitFor(client);
            }
            else
            {
                (gone ??= []).Add(client);
            }
        }

        foreach (ControlClient client in gone ?? [])
        {
            Drop(client.Descriptor);
        }
    }

    private int CountFollowers()
    {
        int count = 0;
        foreach (ControlClient client in _clients.Values)
        {
            count += client.Subscription != null ? 1 : 0;
        }

        return count;
    }

    /// <summary>How long to wait for something to happen, in milliseconds; -1 without a limit.</summary>
    private int FindTimeout(Instant deadline)
    {
        Instant next = Instant.Min(Instant.Min(deadline, _monitor.Deadline), _acceptAgain);
        foreach (ControlClient client in _clients.Values)
        {
            next = Instant.Min(next, client.Deadline);
        }

        next = IsLittered ? Instant.Min(next, MonotonicClock.Now + IdleTime) : next;

        // Rounded up, or it would wake a moment too early and go round and round until then.
        return next == Instant.Never
            ? -1
            : (int)Math.Clamp(Math.Ceiling((next - MonotonicClock.Now).TotalMilliseconds), 0, int.MaxValue);
    }

    /// <summary>Whether answers have left much behind, and nobody asks for anything now.</summary>
    private bool IsLittered => _clients.Count == 0 && GC.GetAllocatedBytesForCurrentThread() - _tidiedAt > LitterLimit;

    /// <summary>
    /// Gives back what answers took: who asks a gateway of thousands of VNIs for its status again and again makes it grow by
    /// megabytes otherwise, and nothing else here allocates that would have them collected.
    /// </summary>
    private void Tidy()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _tidiedAt = GC.GetAllocatedBytesForCurrentThread();
    }

    private void DropLateClients()
    {
        Instant now = MonotonicClock.Now;
        while (FindOldest(_ => true) is { } client && client.Deadline <= now)
        {
            Drop(client.Descriptor);
        }
    }

    /// <summary>
    /// Whoever has been there longest has had the best chance; but one that has asked nothing yet goes before one that waits for
    /// its answer.
    /// </summary>
    /// <returns>Whether there was one.</returns>
    private bool DropOldest()
    {
        ControlClient? oldest = FindOldest(client => !client.Answering) ?? FindOldest(client => client.Subscription == null);
        if (oldest != null)
        {
            Drop(oldest.Descriptor);
        }

        return oldest != null;
    }

    private ControlClient? FindOldest(Func<ControlClient, bool> condition)
    {
        ControlClient? oldest = null;
        foreach (ControlClient client in _clients.Values)
        {
            if (condition(client) && (oldest == null || client.Deadline < oldest.Deadline))
            {
                oldest = client;
            }
        }

        return oldest;
    }

    private void Drop(int tag)
    {
        ControlClient client = _clients[tag];
        _poll.Remove(tag);
        _clients.Remove(tag);
        client.Dispose();
        if (client.Subscription != null)
        {
            _monitor.Forget();
        }
    }
}
