using System;
using System.Threading;
using Wmgwd2.Core;

namespace Wmgwd2.Io;

/// <summary>What the cluster thread tells the main thread of.</summary>
/// <param name="Command">What the gateway wants said.</param>
/// <param name="At">When.</param>
/// <param name="State">The gateway's state then.</param>
/// <param name="Faults">Why it couldn't serve then.</param>
internal readonly record struct ClusterEvent(GatewayCommand Command, Instant At, GatewayState State, GatewayFaults Faults);

/// <summary>
/// What the two threads have for who follows the daemon: the cluster thread a ring of events, one writer and one reader, in which
/// what there is no room for is counted; the kernel thread only that there is something new, for how it stands with each VNI is
/// there to be read, and compared with what was told, so that nothing can be lost. Nobody waits or allocates, and while nobody
/// follows nothing is done.
/// </summary>
internal sealed class EventFeed : IDisposable
{
    /// <summary>How many events of the cluster there is room for: more than all peers can cause at once.</summary>
    public const int Capacity = 2 * PeerTable.SlotCount;

    private readonly ClusterEvent[] _ring = new ClusterEvent[Capacity];
    private bool _followed;
    private long _written;
    private long _read;
    private long _lost;
    private int _signalled;

    /// <summary>Wakes the main thread.</summary>
    public Wakeup Wakeup { get; } = new();

    /// <summary>How many events of the cluster have been read.</summary>
    public long Position => _read;

    /// <summary>Whether anybody follows.</summary>
    public bool Followed
    {
        get => Volatile.Read(ref _followed);
        set
        {
            Volatile.Write(ref _followed, value);

            // Whoever reads the gateway from here on sees what happened while this was not set.
            Interlocked.MemoryBarrier();
        }
    }

    /// <summary>How many events of the cluster have been written.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Whether there are events of the cluster that have not been read.</summary>
    public bool HasUnread => _written != Volatile.Read(ref _read);

    /// <summary>How many events of the cluster there was no room for.</summary>
    public long Lost => Volatile.Read(ref _lost);

    public void Dispose() => Wakeup.Dispose();

    /// <summary>Writes an event of the cluster; by the cluster thread.</summary>
    public void Write(in ClusterEvent happened)
    {
        long at = _written;
        if (at - Volatile.Read(ref _read) >= Capacity)
        {
            Volatile.Write(ref _lost, _lost + 1);
        }
        else
        {
            _ring[at % Capacity] = happened;
            Volatile.Write(ref _written, at + 1);
        }
    }

    /// <summary>Wakes the main thread, if anybody follows and it isn't awake already.</summary>
    public void Signal()
    {
        if (Followed && Interlocked.Exchange(ref _signalled, 1) == 0)
        {
            Wakeup.Signal();
        }
    }

    /// <summary>The main thread is about to read all that there is.</summary>
    public void BeginReading() => Interlocked.Exchange(ref _signalled, 0);

    /// <summary>Reads the next event of the cluster, if there is one; by the main thread.</summary>
    public bool TryRead(out ClusterEvent happened)
    {
        bool any = _read < Written;
        happened = any ? _ring[_read % Capacity] : default;
        if (any)
        {
            Volatile.Write(ref _read, _read + 1);
        }

        return any;
    }

    /// <summary>Passes over events that nobody needs; by the main thread.</summary>
    /// <param name="position">The one before which nothing is needed.</param>
    public void SkipTo(long position) => Volatile.Write(ref _read, position);
}
