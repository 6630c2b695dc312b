using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>signal.h.</summary>
internal static partial class Libc
{
    public const int SIGSTOP = 19;

    [LibraryImport(Library, SetLastError = true)]
    public static partial int kill(int pid, int sig);
}
