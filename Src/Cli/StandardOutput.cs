using System;
using Wmgwd2.Interop;

namespace Wmgwd2.Cli;

/// <summary>
/// Standard output without a buffer, and without patience for nobody: the console's own stream takes what nobody reads any more
/// for written.
/// </summary>
internal static class StandardOutput
{
    /// <summary>Whether it is a terminal.</summary>
    public static bool IsTerminal => Libc.isatty(Libc.STDOUT_FILENO) == 1;

    /// <summary>Whether texts on it are to be coloured: on a terminal, unless NO_COLOR says otherwise (no-color.org).</summary>
    public static bool IsColoured => IsTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>Writes all of it, and waits for that.</summary>
    /// <returns>False when nobody reads.</returns>
    public static unsafe bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (int at = 0; at < bytes.Length;)
            {
                nint length = Libc.write(Libc.STDOUT_FILENO, start + at, (nuint)(bytes.Length - at));
                int errno = Libc.errno;
                if (length >= 0)
                {
                    at += (int)length;
                }
                else if (errno == Errno.EAGAIN)
                {
                    pollfd room = new() { fd = Libc.STDOUT_FILENO, events = Libc.POLLOUT };
                    _ = Libc.poll(&room, 1, -1);
                }
                else if (errno != Errno.EINTR)
                {
                    return false;
                }
            }
        }

        return true;
    }
}
