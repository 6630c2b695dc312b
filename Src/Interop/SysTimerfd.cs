using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>sys/timerfd.h.</summary>
internal static partial class Libc
{
    public const int TFD_NONBLOCK = 0x800;
    public const int TFD_CLOEXEC = 0x80000;
    public const int TFD_TIMER_ABSTIME = 1;

    [LibraryImport(Library, SetLastError = true)]
    public static partial int timerfd_create(int clockid, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int timerfd_settime(int fd, int flags, itimerspec* newValue, itimerspec* oldValue);
}

/// <summary>struct itimerspec (time.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct itimerspec
{
    public timespec it_interval;
    public timespec it_value;
}
