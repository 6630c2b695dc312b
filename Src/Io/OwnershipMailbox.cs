using System;
using System.Threading;
using Wmgwd2.Config;
using Wmgwd2.Core;

namespace Wmgwd2.Io;

/// <summary>
/// What the cluster thread has for the kernel thread: the latest wanted ownership, not a queue that could grow. The one
/// writes and never waits; the other reads when it gets to it. Each word is whole; a set of words that is half old and half
/// new is mended by the wake-up that follows.
/// </summary>
internal sealed class OwnershipMailbox : IDisposable
{
    private Edition _latest;
    private long _decided;
    private long _leaseEnds;
    private int _announcements;
    private int _yields;
    private bool _closed;

    /// <param name="settings">The settings whose VNIs these are.</param>
    public OwnershipMailbox(Settings settings) => _latest = new Edition(settings);

    /// <summary>Wakes the kernel thread.</summary>
    public Wakeup Wakeup { get; } = new();

    /// <summary>The words, and the settings that say which VNIs they are of. Whoever reads goes on to it when it has changed.</summary>
    public Edition Latest => Volatile.Read(ref _latest);

    /// <summary>When the latest ownership was decided.</summary>
    public Instant Decided => new(Volatile.Read(ref _decided));

    /// <summary>Until when it holds unless the cluster thread says otherwise: a thread that stands still serves nothing.</summary>
    public Instant LeaseEnds => new(Volatile.Read(ref _leaseEnds));

    /// <summary>How often it was asked to announce all owned VNIs.</summary>
    public int Announcements => Volatile.Read(ref _announcements);

    /// <summary>How often it was asked to yield VNIs.</summary>
    public int Yields => Volatile.Read(ref _yields);

    /// <summary>Whether nothing more will come: let go of everything, and end.</summary>
    public bool Closed => Volatile.Read(ref _closed);

    public void Dispose() => Wakeup.Dispose();

    /// <summary>
    /// The settings have changed. What was published holds for the VNIs that stay, until it is published again; the reader
    /// finds old words with the old settings, or new ones with the new.
    /// </summary>
    public void Change(Settings settings)
    {
        Volatile.Write(ref _latest, new Edition(settings, _latest));
        Wakeup.Signal();
    }

    /// <summary>Publishes an ownership.</summary>
    /// <param name="serving">The VNIs that this gateway serves.</param>
    /// <param name="decided">When that was decided.</param>
    public void Publish(VniBitmap serving, Instant decided)
    {
        Volatile.Write(ref _decided, decided.Nanoseconds);
        _latest.Write(serving);
        Wakeup.Signal();
    }

    /// <summary>Publishes only what is to be let go of.</summary>
    public void PublishLosses(VniBitmap serving, Instant decided)
    {
        Volatile.Write(ref _decided, decided.Nanoseconds);
        _latest.WriteLosses(serving);
        Wakeup.Signal();
    }

    /// <summary>Says that the ownership holds until then.</summary>
    public void Renew(Instant leaseEnds) => Volatile.Write(ref _leaseEnds, leaseEnds.Nanoseconds);

    /// <summary>Asks to yield VNIs: to serve them on without a route.</summary>
    /// <param name="yielding">The VNIs that another gateway will serve.</param>
    public void Yield(VniBitmap yielding)
    {
        _latest.WriteYielding(yielding);
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

    /// <summary>The words of one set of VNIs: a bit for each, as <see cref="VniBitmap.Words"/> has them.</summary>
    internal sealed class Edition
    {
        private readonly VniBitmap _wanted;
        private readonly VniBitmap _yielding;

        public Edition(Settings settings)
        {
            Settings = settings;
            _wanted = new VniBitmap(settings.Vnis.Count);
            _yielding = new VniBitmap(settings.Vnis.Count);
        }

        public Edition(Settings settings, Edition before)
            : this(settings)
        {
            int[] newIndexes = settings.Vnis.FindIndexesOf(before.Settings.Vnis);
            _wanted.SetFrom(before._wanted, newIndexes);
            _yielding.SetFrom(before._yielding, newIndexes);
        }

        /// <summary>The settings, whose VNIs the words are of.</summary>
        public Settings Settings { get; }

        /// <summary>Reads the latest ownership.</summary>
        /// <param name="wanted">Receives a bit for each VNI.</param>
        public void Read(VniBitmap wanted) => Read(_wanted.Words, wanted.Words);

        /// <summary>Reads which VNIs are yielded.</summary>
        /// <param name="yielding">Receives a bit for each VNI.</param>
        public void ReadYielding(VniBitmap yielding) => Read(_yielding.Words, yielding.Words);

        internal void Write(VniBitmap serving) => Write(serving.Words, _wanted.Words);

        internal void WriteYielding(VniBitmap yielding) => Write(yielding.Words, _yielding.Words);

        internal void WriteLosses(VniBitmap serving)
        {
            Span<ulong> wanted = _wanted.Words;
            for (int word = 0; word < wanted.Length; word++)
            {
                Volatile.Write(ref wanted[word], wanted[word] & serving.Words[word]);
            }
        }

        private static void Write(ReadOnlySpan<ulong> words, Span<ulong> shared)
        {
            for (int word = 0; word < words.Length; word++)
            {
                Volatile.Write(ref shared[word], words[word]);
            }
        }

        private static void Read(Span<ulong> shared, Span<ulong> words)
        {
            for (int word = 0; word < words.Length; word++)
            {
                words[word] = Volatile.Read(ref shared[word]);
            }
        }
    }
}
