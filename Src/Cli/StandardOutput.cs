using System;
using System.Globalization;
using Wmgwd2.Interop;
using Wmgwd2.Io;
using Wmgwd2.Status;

namespace Wmgwd2.Cli;

/// <summary>
/// Standard output without a buffer, and without patience for nobody: the console's own stream takes what nobody reads any more
/// for written.
/// </summary>
internal static class StandardOutput
{
    /// <summary>Whether it is a terminal.</summary>
    public static bool IsTerminal => Libc.isatty(Libc.STDOUT_FILENO) == 1;

    /// <summary>How texts on it are to be coloured.</summary>
    public static Palette Palette => ChoosePalette(IsTerminal, Environment.GetEnvironmentVariable);

    /// <summary>Whether texts on it are to be coloured.</summary>
    public static bool IsColoured => Palette == Palette.Coloured;

    /// <summary>Coloured on a terminal that can show it, unless NO_COLOR is set and not empty (no-color.org).</summary>
    /// <param name="terminal">Whether it is a terminal.</param>
    /// <param name="variable">The value of a variable of the environment, or null.</param>
    public static Palette ChoosePalette(bool terminal, Func<string, string?> variable) =>
        terminal && string.IsNullOrEmpty(variable("NO_COLOR")) && variable("TERM") is not (null or "" or "dumb")
            ? Palette.Coloured
            : Palette.Plain;

    /// <summary>How large the terminal is, in characters; 80 by 24 where there is none that says.</summary>
    public static unsafe (int Columns, int Rows) MeasureTerminal()
    {
        winsize size;
        return Libc.ioctl(Libc.STDOUT_FILENO, Libc.TIOCGWINSZ, &size) == 0 && size is { ws_col: > 0, ws_row: > 0 }
            ? (size.ws_col, size.ws_row)
            : (80, 24);
    }

    /// <summary>How a daemon is asked for a text that fits the terminal.</summary>
    /// <param name="rowsTaken">How many rows are taken already; null when it may be higher than the terminal.</param>
    public static string RequestText(int? rowsTaken = null)
    {
        (int columns, int rows) = MeasureTerminal();
        string height = rowsTaken == null ? "" : string.Create(CultureInfo.InvariantCulture, $" {Math.Max(1, rows - rowsTaken.Value)}");
        return string.Create(CultureInfo.InvariantCulture, $"text {columns}{height}{(IsColoured ? " color" : "")}");
    }

    /// <summary>Waits until there is something to read, or nobody reads what would be written.</summary>
    /// <param name="descriptor">What is to be read from.</param>
    /// <returns>False when nobody reads.</returns>
    public static unsafe bool WaitFor(int descriptor)
    {
        pollfd* both = stackalloc pollfd[2];
        both[0] = new pollfd { fd = descriptor, events = Libc.POLLIN };

        // Waited for nothing: that its reader is gone is told all the same.
        both[1] = new pollfd { fd = Libc.STDOUT_FILENO };
        while (Libc.poll(both, 2, -1) < 0 && Libc.errno == Errno.EINTR)
        {
        }

        return both[1].revents == 0;
    }

    /// <summary>Writes all of it, and waits for that.</summary>
    /// <param name="bytes">What is written.</param>
    /// <param name="descriptor">Another place than standard output.</param>
    /// <returns>False when nobody reads.</returns>
    /// <exception cref="SystemCallException">It can't be written.</exception>
    public static unsafe bool TryWrite(ReadOnlySpan<byte> bytes, int descriptor = Libc.STDOUT_FILENO)
    {
        fixed (byte* start = bytes)
        {
            for (int at = 0; at < bytes.Length;)
            {
                nint length = Libc.write(descriptor, start + at, (nuint)(bytes.Length - at));
                int errno = Libc.errno;
                if (length >= 0)
                {
                    at += (int)length;
                }
                else if (errno == Errno.EAGAIN)
                {
                    pollfd room = new() { fd = descriptor, events = Libc.POLLOUT };
                    _ = Libc.poll(&room, 1, -1);
                }
                else if (errno == Errno.EPIPE)
                {
                    return false;
                }
                else if (errno != Errno.EINTR)
                {
                    throw new SystemCallException("write to standard output", errno);
                }
            }
        }

        return true;
    }
}
