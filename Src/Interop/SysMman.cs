using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>sys/mman.h.</summary>
internal static partial class Libc
{
    public const int MCL_CURRENT = 1;
    public const int MCL_FUTURE = 2;
    public const int MCL_ONFAULT = 4;

    [LibraryImport(Library, SetLastError = true)]
    public static partial int mlockall(int flags);
}
