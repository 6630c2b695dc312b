using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>grp.h.</summary>
internal static partial class Libc
{
    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int setgroups(nuint size, uint* list);
}
