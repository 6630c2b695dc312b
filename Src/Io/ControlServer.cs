using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
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
    void RequestDrain(bool drain);

    /// <summary>Reads the config again, and goes by it when it is valid.</summary>
    /// <param name="report">What has changed, or what is wrong; lines.</param>
    /// <returns>Whether it was valid.</returns>
    bool TryReload(out string report);
}

/// <summary>
/// The unix socket that operators ask. Runs on the main thread, which has nothing else to do; no client is ever waited for,
/// and neither of the other threads waits for this one.
/// </summary>
internal sealed class ControlServer : IDisposable
{
    private const int WakeupTag = -1;
    private const int ListenerTag = -2;
    private const int ClientLimit = 64;

    private static readonly TimeSpan ClientTime = TimeSpan.FromSeconds(10);

    private readonly string _path;
    private readonly ILogger _logger;
    private readonly IControlled _daemon;
    private readonly Socket _listener;
    private readonly EventPoll _poll = new();
    private readonly Dictionary<int, ControlClient> _clients = [];
    private readonly Readiness[] _ready = new Readiness[16];
    private RateLimit _acceptFailed = new(1);

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
        _listener = Open(path);
        _poll.Add(_listener.Handle.ToInt32(), ListenerTag);
        _poll.Add(Wakeup.Descriptor, WakeupTag);
    }

    /// <summary>Wakes this thread.</summary>
    public Wakeup Wakeup { get; } = new();

    public void Dispose()
    {
        foreach (ControlClient client in _clients.Values)
        {
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
            int count = _poll.Wait(_ready, FindPatience(deadline));
            bool woken = MonotonicClock.Now >= deadline;
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
                    default:
                        Serve(_ready[i]);
                        break;
                }
            }

            DropLateClients();
            if (woken)
            {
                return;
            }
        }
    }

    /// <summary>How long to wait at most, in milliseconds; -1 without a limit.</summary>
    private int FindPatience(Instant deadline)
    {
        if (_clients.Count == 0 && deadline == Instant.Never)
        {
            return -1;
        }

        // Rounded up, or it would wake a moment too early and go round and round until then.
        double milliseconds = Math.Ceiling((deadline - MonotonicClock.Now).TotalMilliseconds);
        return (int)Math.Clamp(milliseconds, 0, ClientTime.TotalMilliseconds);
    }

    private static Socket Open(string path)
    {
        var endPoint = new UnixDomainSocketEndPoint(path);
        if (File.Exists(path))
        {
            RemoveStale(path, endPoint);
        }

        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            listener.Bind(endPoint);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite
                | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
            listener.Listen(ClientLimit);
            return listener;
        }
        catch (SocketException error)
        {
            listener.Dispose();
            throw new IOException($"{path}: the control socket can't be opened: {error.Message}", error);
        }
    }

    private static void RemoveStale(string path, UnixDomainSocketEndPoint endPoint)
    {
        if (!IsSocket(path))
        {
            throw new IOException($"{path}: is there and is no socket; expected a path for the control socket alone");
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endPoint);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        catch (SocketException error)
        {
            throw new IOException($"{path}: the control socket can't be opened: {error.Message}", error);
        }

        throw new IOException($"{path}: another daemon answers there; expected a control-socket of its own for each");
    }

    private static unsafe bool IsSocket(string path)
    {
        statx status;
        return Libc.statx(Libc.AT_FDCWD, path, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_TYPE, &status) == 0
            && (status.stx_mode & Libc.S_IFMT) == Libc.S_IFSOCK;
    }

    private void Accept()
    {
        try
        {
            Socket socket = _listener.Accept();
            if (_clients.Count >= ClientLimit)
            {
                DropOldest();
            }

            var client = new ControlClient(socket, MonotonicClock.Now + ClientTime);
            _clients.Add(client.Descriptor, client);
            _poll.Add(client.Descriptor, client.Descriptor);
        }
        catch (SocketException error)
        {
            // The client was gone again, or there are no descriptors left: then the oldest gives its own up.
            if (_acceptFailed.Allows(MonotonicClock.Now))
            {
                Log.ClientFailed(_logger, error.Message);
            }

            DropOldest();
        }
    }

    private void Serve(Readiness ready)
    {
        if (!_clients.TryGetValue(ready.Tag, out ControlClient? client))
        {
            return;
        }

        bool stays;
        try
        {
            stays = client.Answering ? client.Write() : client.Read(_daemon);
        }
        catch (Exception error) when (error is IOException or SocketException or OutOfMemoryException)
        {
            Log.ClientFailed(_logger, error.Message);
            stays = false;
        }

        if (!stays)
        {
            Drop(ready.Tag);
        }
        else if (client.Answering)
        {
            _poll.Modify(ready.Tag, ready.Tag, readable: false, writable: true);
        }
    }

    private void DropLateClients()
    {
        Instant now = MonotonicClock.Now;
        foreach (int tag in _clients.Where(client => client.Value.Deadline <= now).Select(client => client.Key).ToArray())
        {
            Drop(tag);
        }
    }

    // Whoever has been there longest has had the best chance.
    private void DropOldest()
    {
        if (_clients.Count > 0)
        {
            Drop(_clients.MinBy(client => client.Value.Deadline).Key);
        }
    }

    private void Drop(int tag)
    {
        _poll.Remove(tag);
        _clients[tag].Dispose();
        _clients.Remove(tag);
    }
}
