using System;

namespace Wmgwd2.Core;

/// <summary>
/// A point in time of a clock that never steps. The core is told the instant with every event and never asks a clock.
/// </summary>
/// <param name="Nanoseconds">Since an origin that all instants of a process share.</param>
public readonly record struct Instant(long Nanoseconds) : IComparable<Instant>
{
    /// <summary>An instant after all others; the deadline of what never comes.</summary>
    public static Instant Never => new(long.MaxValue);

    /// <summary>Order in time.</summary>
    public int CompareTo(Instant other) => Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>The earlier of two instants.</summary>
    public static Instant Min(Instant left, Instant right) => left <= right ? left : right;

    /// <summary>The later of two instants.</summary>
    public static Instant Max(Instant left, Instant right) => left >= right ? left : right;

    /// <summary>The time from <paramref name="right"/> to <paramref name="left"/>.</summary>
    public static TimeSpan operator -(Instant left, Instant right) =>
        TimeSpan.FromTicks((left.Nanoseconds - right.Nanoseconds) / TimeSpan.NanosecondsPerTick);

    /// <summary>The instant that much later.</summary>
    public static Instant operator +(Instant left, TimeSpan right) =>
        new(left.Nanoseconds + right.Ticks * TimeSpan.NanosecondsPerTick);

    /// <summary>The instant that much earlier.</summary>
    public static Instant operator -(Instant left, TimeSpan right) => left + -right;

    /// <summary>Order in time.</summary>
    public static bool operator <(Instant left, Instant right) => left.Nanoseconds < right.Nanoseconds;

    /// <summary>Order in time.</summary>
    public static bool operator >(Instant left, Instant right) => left.Nanoseconds > right.Nanoseconds;

    /// <summary>Order in time.</summary>
    public static bool operator <=(Instant left, Instant right) => left.Nanoseconds <= right.Nanoseconds;

    /// <summary>Order in time.</summary>
    public static bool operator >=(Instant left, Instant right) => left.Nanoseconds >= right.Nanoseconds;
}
