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
    private readonly ulong[] _yielding;
    private long _decided;
    private long _leaseEnds;
    private int _announcements;
    private int _yields;
    private bool _closed;

    public OwnershipMailbox(int count)
    {
        _wanted = new ulong[(count + 63) / 64];
        _yielding = new ulong[_wanted.Length];
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

    /// <summary>Publishes an ownership.</summary>
    /// <param name="serving">The VNIs that this gateway serves.</param>
    /// <param name="decided">When that was decided.</param>
    public void Publish(VniBitmap serving, Instant decided)
    {
        Volatile.Write(ref _decided, decided.Nanoseconds);
        Copy(serving.Words, _wanted);
        Wakeup.Signal();
    }

    /// <summary>Publishes only what is to be let go of.</summary>
    public void PublishLosses(VniBitmap serving, Instant decided)
    {
        Volatile.Write(ref _decided, decided.Nanoseconds);
        ReadOnlySpan<ulong> words = serving.Words;
        for (int word = 0; word < words.Length; word++)
        {
            Volatile.Write(ref _wanted[word], _wanted[word] & words[word]);
        }

        Wakeup.Signal();
    }

    /// <summary>Says that the ownership holds until then.</summary>
    public void Renew(Instant leaseEnds) => Volatile.Write(ref _leaseEnds, leaseEnds.Nanoseconds);

    /// <summary>How often it was asked to yield VNIs.</summary>
    public int Yields => Volatile.Read(ref _yields);

    /// <summary>Asks to yield VNIs: to serve them on without a route.</summary>
    /// <param name="yielding">The VNIs that another gateway will serve.</param>
    public void Yield(VniBitmap yielding)
    {
        Copy(yielding.Words, _yielding);
        Volatile.Write(ref _yields, _yields + 1);
        Wakeup.Signal();
    }

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
    public void Read(Span<ulong> wanted) => Read(_wanted, wanted);

    /// <summary>Reads which VNIs are yielded.</summary>
    /// <param name="yielding">Receives a bit for each VNI.</param>
    public void ReadYielding(Span<ulong> yielding) => Read(_yielding, yielding);

    private static void Copy(ReadOnlySpan<ulong> words, ulong[] shared)
    {
        for (int word = 0; word < words.Length; word++)
        {
            Volatile.Write(ref shared[word], words[word]);
        }
    }

    private static void Read(ulong[] shared, Span<ulong> words)
    {
        for (int word = 0; word < words.Length; word++)
        {
            words[word] = Volatile.Read(ref shared[word]);
        }
    }
}
