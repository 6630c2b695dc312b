using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>sys/epoll.h.</summary>
internal static partial class Libc
{
    public const int EPOLL_CLOEXEC = 0x80000;
    public const int EPOLL_CTL_ADD = 1;
    public const int EPOLL_CTL_DEL = 2;
    public const int EPOLL_CTL_MOD = 3;
    public const uint EPOLLIN = 0x001;
    public const uint EPOLLOUT = 0x004;
    public const uint EPOLLERR = 0x008;
    public const uint EPOLLHUP = 0x010;

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int epoll_ctl(int epfd, int op, int fd, void* ev);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int epoll_wait(int epfd, void* events, int maxevents, int timeout);
}

/// <summary>struct epoll_event as x64 has it: packed, so that 32-bit programs see the same bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct epoll_event_packed
{
    public uint events;
    public ulong data;
}

/// <summary>struct epoll_event as every other architecture has it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct epoll_event_aligned
{
    public uint events;
    private readonly uint _padding;
    public ulong data;
}
