using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>poll.h.</summary>
internal static partial class Libc
{
    public const short POLLIN = 0x001;
    public const short POLLOUT = 0x004;
    public const short POLLNVAL = 0x020;

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int poll(pollfd* fds, nuint nfds, int timeout);
}

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct pollfd
{
    public int fd;
    public short events;
    public short revents;
}
