using System;

namespace Wmgwd2.Core;

/// <summary>
/// Spreads what is periodic evenly: index i of n is due at i/n of each interval, whoever owns it. So each VNI
/// keeps its own time whatever moves around it, and no timer a VNI is needed. What is due within a step is gathered: most of
/// what a wake-up costs is that caches have gone cold.
/// </summary>
internal sealed class PeriodicCursor
{
    private const int Steps = 30;

    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(2);

    private readonly int _count;
    private readonly TimeSpan _interval;
    private readonly long _stepTicks;
    private Instant _cycleStart;
    private int _next;

    public PeriodicCursor(int count, TimeSpan interval, Instant now)
    {
        _count = count;
        _interval = interval;
        _stepTicks = Math.Min((interval / Steps).Ticks, LongestStep.Ticks);
        _cycleStart = now;
    }

    /// <summary>When the next wanted index is due, rounded up to a step.</summary>
    public Instant NextDue(VniBitmap wanted)
    {
        int next = wanted.NextSet(_next);
        Instant cycle = _cycleStart;
        if (next < 0)
        {
            next = wanted.NextSet(0);
            cycle += _interval;
        }

        if (next < 0)
        {
            return Instant.Never;
        }

        long offset = (Offset(next).Ticks + _stepTicks - 1) / _stepTicks * _stepTicks;
        return cycle + TimeSpan.FromTicks(offset);
    }

    /// <summary>Takes the next wanted index that is due.</summary>
    public bool TryTake(Instant now, VniBitmap wanted, out int index)
    {
        if (now - _cycleStart > 2 * _interval)
        {
            // Nothing was asked for long; one round is enough to make up for it.
            _cycleStart = now - _interval;
            _next = 0;
        }

        while (true)
        {
            index = wanted.NextSet(_next);
            if (index >= 0)
            {
                bool due = _cycleStart + Offset(index) <= now;
                _next = due ? index + 1 : _next;
                return due;
            }

            if (now < _cycleStart + _interval)
            {
                return false;
            }

            _cycleStart += _interval;
            _next = 0;
        }
    }

    private TimeSpan Offset(int index) => TimeSpan.FromTicks((long)((Int128)_interval.Ticks * index / _count));
}
