using System;
using System.Globalization;
using System.IO;

namespace Wmgwd2.Cli;

/// <summary>
/// A bar that says how far a computation is: on a terminal only, from one second on, and gone without a trace when it is over.
/// </summary>
/// <param name="errors">Where it is drawn: standard error, so that it is in nobody's pipe.</param>
/// <param name="terminal">Whether that is a terminal.</param>
/// <param name="milliseconds">The time since any origin.</param>
internal sealed class ProgressBar(TextWriter errors, bool terminal, Func<long> milliseconds) : IDisposable
{
    private const int PatienceMilliseconds = 1000;
    private const int RedrawMilliseconds = 100;
    private const int Width = 40;

    private readonly long _start = milliseconds();
    private long _drawn = long.MinValue;

    /// <summary>A bar on standard error.</summary>
    public static ProgressBar OnStandardError(TextWriter errors) => new(
        errors, !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"),
        () => Environment.TickCount64);

    /// <summary>Draws the bar, where it is time to.</summary>
    /// <param name="done">How much is done.</param>
    /// <param name="total">Of how much.</param>
    public void Report(long done, long total)
    {
        long now = milliseconds();
        if (!terminal || now < _start + PatienceMilliseconds || (_drawn != long.MinValue && now < _drawn + RedrawMilliseconds))
        {
            return;
        }

        _drawn = now;
        var full = (int)(done * Width / total);
        string percent = (done * 100 / total).ToString(CultureInfo.InvariantCulture);
        errors.Write("\r[" + new string('#', full) + new string('.', Width - full) + "] " + percent.PadLeft(3) + " %");
        errors.Flush();
    }

    /// <summary>Removes it.</summary>
    public void Dispose()
    {
        if (_drawn != long.MinValue)
        {
            // Back to the beginning of the line, and clear to its end (ECMA-48, EL).
            errors.Write("\r\e[K");
            errors.Flush();
        }
    }
}
