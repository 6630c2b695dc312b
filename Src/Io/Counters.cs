using System;
using System.Threading;

namespace Wmgwd2.Io;

/// <summary>Counters by an enum, counted by one thread and read by any.</summary>
internal sealed class Counters<T>
    where T : unmanaged, Enum
{
    private readonly long[] _values = new long[Enum.GetValues<T>().Length];

    /// <summary>The value of a counter.</summary>
    public long this[T counter] => Volatile.Read(ref _values[Index(counter)]);

    /// <summary>Counts.</summary>
    public void Add(T counter, long count = 1) =>
        Volatile.Write(ref _values[Index(counter)], _values[Index(counter)] + count);

    /// <summary>Notes a value that was counted elsewhere.</summary>
    public void Set(T counter, long value) => Volatile.Write(ref _values[Index(counter)], value);

    private static int Index(T counter) => System.Runtime.CompilerServices.Unsafe.BitCast<T, int>(counter);
}

/// <summary>What the cluster thread counts beside <see cref="Core.AdvertisementResult"/>.</summary>
internal enum ClusterCounter
{
    AdvertisementsSent,
    AdvertisementsNotSent,
    PeersAppeared,
    PeersExpired,

    /// <summary>On the managed heap, by the thread itself, since its first turn. 0 as long as nothing fails.</summary>
    ClusterAllocatedBytes,
}

/// <summary>What the kernel thread counts.</summary>
internal enum KernelCounter
{
    AnnouncementsSent,
    AnnouncementsNotSent,
    ProtodownSet,
    ProtodownCleared,
    ProtodownRefused,
    NotificationsLost,
    NotificationsUnreadable,
    Dumps,
    Repairs,
    Takeovers,
    Releases,

    /// <inheritdoc cref="ClusterCounter.ClusterAllocatedBytes"/>
    KernelAllocatedBytes,
}
