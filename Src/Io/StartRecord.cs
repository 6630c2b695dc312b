using System;
using System.Globalization;
using System.IO;
using Wmgwd2.Core;

namespace Wmgwd2.Io;

/// <summary>
/// Remembers the latest start beside the control socket, so that a gateway that is restarted again and again waits longer each
/// time, as one that comes back from faults does: it must not drag its VNIs to and fro.
/// </summary>
internal static class StartRecord
{
    /// <summary>Writes down this start.</summary>
    /// <param name="path">The file: the instant of the latest start in nanoseconds, and the wait of the next one that is too soon.</param>
    /// <param name="timing">The timing of the gateway.</param>
    /// <param name="now">The instant of this start.</param>
    /// <returns>How much longer to listen now. 0 where nothing is written: the wait is a courtesy, no condition.</returns>
    public static TimeSpan Update(string path, GatewayTiming timing, Instant now)
    {
        try
        {
            bool soon = TryRead(path, out Instant latest, out TimeSpan wait)
                && latest <= now && now - latest < Gateway.Probation + wait;
            TimeSpan next = soon ? timing.Lengthen(wait) : TimeSpan.Zero;
            File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $"{now.Nanoseconds} {next.Ticks}\n"));
            return soon ? wait : TimeSpan.Zero;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return TimeSpan.Zero;
        }
    }

    /// <summary>Reads what the latest start has written. Anything else means that there was none.</summary>
    private static bool TryRead(string path, out Instant latest, out TimeSpan wait)
    {
        (latest, wait) = (default, default);
        if (!File.Exists(path))
        {
            return false;
        }

        string[] words = File.ReadAllText(path).TrimEnd().Split(' ');
        if (words.Length != 2
            || !long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out long nanoseconds)
            || !long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out long ticks)
            || ticks > Gateway.MaximumWait.Ticks)
        {
            return false;
        }

        (latest, wait) = (new Instant(nanoseconds), TimeSpan.FromTicks(ticks));
        return true;
    }
}
