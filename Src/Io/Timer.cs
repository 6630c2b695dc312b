using Wmgwd2.Core;
using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>A timer that makes its descriptor readable at an instant.</summary>
internal sealed class Timer() : FileDescriptor(
    Libc.timerfd_create(Libc.CLOCK_BOOTTIME, Libc.TFD_NONBLOCK | Libc.TFD_CLOEXEC), "timerfd_create")
{
    private Instant _set = Instant.Never;

    /// <summary>Sets the instant, in place of the one before; this also ends the readability.</summary>
    public unsafe void Set(Instant instant)
    {
        if (instant == _set)
        {
            return;
        }

        _set = instant;
        itimerspec value = default;
        if (instant != Instant.Never)
        {
            // 0 would disarm it; an instant that is past makes it readable at once.
            long nanoseconds = long.Max(instant.Nanoseconds, 1);
            value.it_value.tv_sec = nanoseconds / 1_000_000_000;
            value.it_value.tv_nsec = nanoseconds % 1_000_000_000;
        }

        if (Libc.timerfd_settime(Descriptor, Libc.TFD_TIMER_ABSTIME, &value, null) < 0)
        {
            throw new SystemCallException("timerfd_settime", Libc.errno);
        }
    }

    /// <summary>Ends the readability after the instant has come.</summary>
    public unsafe void Acknowledge()
    {
        ulong expirations;
        _ = Libc.read(Descriptor, &expirations, sizeof(ulong));
        _set = Instant.Never;
    }
}
