using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>time.h.</summary>
internal static partial class Libc
{
    /// <summary>Monotonic, and stands still while the machine is suspended.</summary>
    public const int CLOCK_MONOTONIC = 1;

    /// <summary>Monotonic, and goes on while the machine is suspended.</summary>
    public const int CLOCK_BOOTTIME = 7;

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int clock_gettime(int clockid, timespec* tp);
}

/// <summary>struct timespec: 64-bit time.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct timespec
{
    public long tv_sec;
    public long tv_nsec;
}
