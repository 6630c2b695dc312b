using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>sys/resource.h.</summary>
internal static partial class Libc
{
    public const int RLIMIT_NOFILE = 7;
    public const int RLIMIT_MEMLOCK = 8;
    public const ulong RLIM_INFINITY = ulong.MaxValue;

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int getrlimit(int resource, rlimit* rlim);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int setrlimit(int resource, rlimit* rlim);
}

/// <summary>struct rlimit: 64-bit limits.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct rlimit
{
    public ulong rlim_cur;
    public ulong rlim_max;
}
