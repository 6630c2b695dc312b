using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>sys/prctl.h.</summary>
internal static partial class Libc
{
    public const int PR_SET_NAME = 15;

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int prctl(int option, string name, nuint unused3, nuint unused4, nuint unused5);
}
