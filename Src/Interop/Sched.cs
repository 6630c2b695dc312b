using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>sched.h.</summary>
internal static partial class Libc
{
    public const int SCHED_FIFO = 1;

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int sched_setscheduler(int pid, int policy, sched_param* param);
}

/// <summary>struct sched_param.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct sched_param
{
    public int sched_priority;
}
