using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>sys/prctl.h.</summary>
internal static partial class Libc
{
    public const int PR_SET_KEEPCAPS = 8;
    public const int PR_SET_NAME = 15;
    public const int PR_CAPBSET_DROP = 24;
    public const int PR_SET_NO_NEW_PRIVS = 38;

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int prctl(int option, string name, nuint unused3, nuint unused4, nuint unused5);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int prctl(int option, nuint value, nuint unused3, nuint unused4, nuint unused5);
}
