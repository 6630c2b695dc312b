using System;

namespace Wmgwd2.Benchmarks;

/// <summary>The clock that the kernel stamps frames by (CLOCK_REALTIME), so that its stamps and this program's compare.</summary>
internal static class WallClock
{
    /// <summary>Nanoseconds since 1970, to the 100 ns that .NET has.</summary>
    public static long NowNs => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
}
