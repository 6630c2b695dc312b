using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>signal.h.</summary>
internal static partial class Libc
{
    public const int SIGHUP = 1;
    public const int SIGINT = 2;
    public const int SIGQUIT = 3;
    public const int SIGUSR1 = 10;
    public const int SIGUSR2 = 12;
    public const int SIGALRM = 14;
    public const int SIGTERM = 15;
    public const int SIGSTOP = 19;
    public const int SIGXCPU = 24;
    public const int SIGXFSZ = 25;
    public const int SIGVTALRM = 26;
    public const int SIGPROF = 27;
    public const int SIGIO = 29;
    public const int SIGPWR = 30;
    public const int SIG_BLOCK = 0;
    public const nint SIG_IGN = 1;

    [LibraryImport(Library, SetLastError = true)]
    public static partial int kill(int pid, int sig);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint signal(int signum, nint handler);

    [LibraryImport(Library)]
    public static unsafe partial int sigemptyset(sigset_t* set);

    [LibraryImport(Library)]
    public static unsafe partial int sigaddset(sigset_t* set, int signum);

    /// <summary>Changes the calling thread's mask; gives the error back, not in errno.</summary>
    [LibraryImport(Library)]
    public static unsafe partial int pthread_sigmask(int how, sigset_t* set, sigset_t* oldSet);

    /// <summary>Waits for a blocked signal; gives the error back, not in errno.</summary>
    [LibraryImport(Library)]
    public static unsafe partial int sigwait(sigset_t* set, int* sig);
}

/// <summary>sigset_t: a bit for each signal; glibc has room for 1024.</summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
internal struct sigset_t
{
    private ulong _first;
}
