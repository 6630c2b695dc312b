using Wmgwd2.Core;
using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>The clock of all instants: CLOCK_BOOTTIME, which nobody sets and which goes on during a suspend.</summary>
internal static class MonotonicClock
{
    public static unsafe Instant Now
    {
        get
        {
            timespec time;
            _ = Libc.clock_gettime(Libc.CLOCK_BOOTTIME, &time);
            return new Instant(time.tv_sec * 1_000_000_000 + time.tv_nsec);
        }
    }
}
