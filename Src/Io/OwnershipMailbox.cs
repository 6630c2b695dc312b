using System;
using System.Threading;
using Wmgwd2.Core;

namespace Wmgwd2.Io;

/// <summary>
/// What the cluster thread has for the kernel thread: the latest wanted ownership, not a queue that could grow. The one
/// writes and never waits; the other reads when it gets to it. Each word is whole; a set of words that is half old and half
/// new is mended by the wake-up that follows.
/// </summary>
internal sealed class OwnershipMailbox : IDisposable
{
    private readonly ulong[] _wanted;
    private readonly int _count;
    private long _decided;
    private long _leaseEnds;
    private int _announcements;
    private bool _closed;

    public OwnershipMailbox(int count)
    {
        _count = count;
        _wanted = new ulong[(count + 63) / 64];
    }

    /// <summary>Wakes the kernel thread.</summary>
    public Wakeup Wakeup { get; } = new();

    /// <summary>When the latest ownership was decided.</summary>
    public Instant Decided => new(Volatile.Read(ref _decided));

    /// <summary>Until when it holds unless the cluster thread says otherwise: a thread that stands still serves nothing.</summary>
    public Instant LeaseEnds => new(Volatile.Read(ref _leaseEnds));

    /// <summary>How often it was asked to announce all owned VNIs.</summary>
    public int Announcements => Volatile.Read(ref _announcements);

    /// <summary>Whether nothing more will come: let go of everything, and end.</summary>
    public bool Closed => Volatile.Read(ref _closed);

    public void Dispose() => Wakeup.Dispose();

    /// <summary>Publishes an ownership: this gateway wants what its own slot owns.</summary>
    public void Publish(ReadOnlySpan<ushort> owners, Instant decided)
    {
        Volatile.Write(ref _decided, decided.Nanoseconds);
        for (int word = 0; word < _wanted.Length; word++)
        {
            ulong bits = 0;
            ReadOnlySpan<ushort> part = owners[(word << 6)..Math.Min(_count, (word + 1) << 6)];
            for (int bit = 0; bit < part.Length; bit++)
            {
                bits |= part[bit] == PeerTable.OwnSlot ? 1ul << bit : 0;
            }

            Volatile.Write(ref _wanted[word], bits);
        }

        Wakeup.Signal();
    }

    /// <summary>Says that the ownership holds until then.</summary>
    public void Renew(Instant leaseEnds) => Volatile.Write(ref _leaseEnds, leaseEnds.Nanoseconds);

    /// <summary>Asks to announce all owned VNIs.</summary>
    public void Announce()
    {
        Volatile.Write(ref _announcements, _announcements + 1);
        Wakeup.Signal();
    }

    /// <summary>Says that this was all.</summary>
    public void Close()
    {
        Volatile.Write(ref _closed, true);
        Wakeup.Signal();
    }

    /// <summary>Reads the latest ownership.</summary>
    /// <param name="wanted">Receives a bit for each VNI, as <see cref="VniBitmap.Words"/> has them.</param>
    public void Read(Span<ulong> wanted)
    {
        for (int word = 0; word < _wanted.Length; word++)
        {
            wanted[word] = Volatile.Read(ref _wanted[word]);
        }
    }
}
