using System;
using System.Globalization;
using Wmgwd2.Core;

namespace Wmgwd2.Io;

/// <summary>
/// Decides whether the service manager's watchdog is told that all is well. When it is not told, it kills this process; then
/// its stop hook fences, and another one is started.
/// </summary>
/// <remarks>
/// The cluster thread has to make a turn from one time to the next; it is woken for that, for it may have nothing else to do.
/// The kernel thread is given much longer. What it waits for is the kernel's rtnl lock, which others may hold for seconds:
/// a signal doesn't end that wait, SIGKILL neither, the fence that follows would wait for the same lock, and this gateway has
/// fallen silent already (<c>stuck-after</c>), so that the others serve. But one that is stuck for another minute may be stuck in
/// itself, with VNIs up that the others serve too. Then the hook's fence is the only thing that helps; and where it was the
/// kernel, hardly anything is lost: this gateway would have to listen anew in any case.
/// </remarks>
internal sealed class Watchdog
{
    /// <summary>How much longer than <c>stuck-after</c> the kernel thread may be at the same piece of work.</summary>
    internal static readonly TimeSpan KernelPatience = TimeSpan.FromMinutes(1);

    /// <summary>Longer than any service manager waits; what is longer still would overflow.</summary>
    private const long MaximumMicroseconds = 1_000_000_000_000_000;

    private readonly HealthBoard _health;
    private readonly TimeSpan _pause;
    private long _turns;

    /// <param name="period">How long the service manager waits from one sign of life to the next.</param>
    /// <param name="stuckAfter">As <see cref="StuckAfter"/>.</param>
    /// <param name="health">What the threads say of themselves.</param>
    /// <param name="now">The time.</param>
    public Watchdog(TimeSpan period, TimeSpan stuckAfter, HealthBoard health, Instant now)
    {
        _health = health;
        _pause = period / 2;
        StuckAfter = stuckAfter;
        _turns = health.ClusterTurns;
        Deadline = now + _pause;
    }

    /// <summary>When it has to be asked next.</summary>
    public Instant Deadline { get; private set; }

    /// <summary>When this gateway falls silent because its kernel thread is stuck.</summary>
    public TimeSpan StuckAfter { get; set; }

    /// <summary>Reads how long the service manager waits for a sign of life (sd_watchdog_enabled(3)).</summary>
    /// <param name="microseconds">What WATCHDOG_USEC holds, or null.</param>
    /// <param name="process">What WATCHDOG_PID holds, or null: any process.</param>
    /// <param name="period">Receives the time; null when it waits for none of this process.</param>
    /// <returns>False when one of the two is no number.</returns>
    public static bool TryReadPeriod(string? microseconds, string? process, out TimeSpan? period)
    {
        period = null;
        long count = 0;
        if ((microseconds != null && !TryParse(microseconds, out count)) | !TryReadProcess(process, out bool own))
        {
            return false;
        }

        if (microseconds != null && own)
        {
            period = TimeSpan.FromTicks(Math.Min(count, MaximumMicroseconds) * TimeSpan.TicksPerMicrosecond);
        }

        return true;
    }

    /// <summary>Whether all is well, at <see cref="Deadline"/>; sets the next one.</summary>
    public bool IsWell(Instant now)
    {
        long turns = _health.ClusterTurns;
        Instant busySince = _health.KernelBusySince;
        bool well = turns != _turns && (busySince == Instant.Never || now < busySince + StuckAfter + KernelPatience);
        _turns = turns;
        _health.Wakeup.Signal();

        // What is well again says so in time, if there is time left.
        Deadline = now + (well ? _pause : _pause / 8);
        return well;
    }

    private static bool TryReadProcess(string? process, out bool own)
    {
        long id = Environment.ProcessId;
        bool read = process == null || TryParse(process, out id);
        own = id == Environment.ProcessId;
        return read;
    }

    private static bool TryParse(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;
}
