using System;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Simulation;

/// <summary>
/// The clock of one machine, as CLOCK_BOOTTIME is: it began at the machine's boot, runs a little faster or slower than the
/// true time, never goes back, and may leap forward (the guest of a hypervisor that stood still). With its machine frozen as
/// a whole it may stand still instead.
/// </summary>
internal sealed class VirtualClock(Instant since, Instant shown, int partsPerMillion)
{
    private Instant _since = since;
    private Instant _shown = shown;
    private bool _stands;

    /// <summary>What it shows at a true instant.</summary>
    public Instant Read(Instant now)
    {
        long elapsed = _stands ? 0 : now.Nanoseconds - _since.Nanoseconds;
        return new Instant(_shown.Nanoseconds + elapsed + elapsed * partsPerMillion / 1_000_000);
    }

    /// <summary>The true instant at which it will show <paramref name="shown"/>; now if it does so already.</summary>
    public Instant WhenShows(Instant shown, Instant now)
    {
        long remaining = shown.Nanoseconds - Read(now).Nanoseconds;
        if (shown == Instant.Never || remaining <= 0)
        {
            return shown == Instant.Never ? Instant.Never : now;
        }

        // Rounded up: a timer never fires before its time.
        double factor = 1_000_000.0 / (1_000_000 + partsPerMillion);
        return new Instant(now.Nanoseconds + (long)(remaining * factor) + 2);
    }

    /// <summary>It shows a later time from one moment to the next.</summary>
    public void Leap(TimeSpan by) => _shown += by;

    /// <summary>It stands still, as its machine does.</summary>
    public void Stop(Instant now) => (_shown, _since, _stands) = (Read(now), now, true);

    /// <summary>It goes on, if it stood still, from where it was.</summary>
    public void Go(Instant now)
    {
        if (_stands)
        {
            (_since, _stands) = (now, false);
        }
    }
}
