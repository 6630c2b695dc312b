using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>sys/socket.h and asm-generic/socket.h.</summary>
internal static partial class Libc
{
    public const int AF_UNIX = 1;
    public const int AF_INET = 2;
    public const int AF_NETLINK = 16;
    public const int AF_PACKET = 17;
    public const int SOCK_STREAM = 1;
    public const int SOCK_RAW = 3;
    public const int SOCK_NONBLOCK = 0x800;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int SOL_SOCKET = 1;
    public const int SO_REUSEADDR = 2;
    public const int SO_RCVBUF = 8;
    public const int SO_PRIORITY = 12;
    public const int SO_PEERCRED = 17;
    public const int SO_BINDTODEVICE = 25;
    public const int SO_RCVBUFFORCE = 33;
    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_TRUNC = 0x20;

    [LibraryImport(Library, SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int bind(int fd, void* address, uint length);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int connect(int fd, void* address, uint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int listen(int fd, int backlog);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int accept4(int fd, void* address, uint* length, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int getsockname(int fd, void* address, uint* length);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int setsockopt(int fd, int level, int name, void* value, uint length);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial nint sendto(
        int fd, void* buffer, nuint length, int flags, void* address, uint addressLength);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int sendmmsg(int fd, mmsghdr* messages, uint count, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial nint recvfrom(
        int fd, void* buffer, nuint length, int flags, void* address, uint* addressLength);
}

/// <summary>struct iovec (sys/uio.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct iovec
{
    public void* iov_base;
    public nuint iov_len;
}

/// <summary>struct msghdr: glibc's, which on 64 bits is the kernel's.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct msghdr
{
    public void* msg_name;
    public uint msg_namelen;
    private readonly uint _padding1;
    public iovec* msg_iov;
    public nuint msg_iovlen;
    public void* msg_control;
    public nuint msg_controllen;
    public int msg_flags;
    private readonly uint _padding2;
}

/// <summary>struct mmsghdr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct mmsghdr
{
    public msghdr msg_hdr;
    public uint msg_len;
    private readonly uint _padding;
}
