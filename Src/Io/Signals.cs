using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>
/// The signals that tell a daemon to end or to read its config. A thread of its own waits for them: the runtime would start one for
/// each that comes, and end the process, with all VNIs up, when there may be no more threads.
/// </summary>
internal static unsafe class Signals
{
    /// <summary>Reads the config again.</summary>
    public const int Reload = Libc.SIGHUP;

    /// <summary>Those that tell it to end; SIGXCPU is the first word of a limit whose last is SIGKILL.</summary>
    private static readonly int[] Ending = [Libc.SIGTERM, Libc.SIGINT, Libc.SIGQUIT, Libc.SIGXCPU];

    /// <summary>Those that nothing here asks for, and that would end it at once; beyond RLIMIT_FSIZE a line of the log is lost.</summary>
    private static readonly int[] Ignored =
    [
        Libc.SIGUSR1, Libc.SIGUSR2, Libc.SIGALRM, Libc.SIGVTALRM, Libc.SIGPROF, Libc.SIGIO, Libc.SIGPWR, Libc.SIGXFSZ,
    ];

    /// <summary>Has all threads leave them to <see cref="Wait"/>: those that are there, and those that they start from here on.</summary>
    public static void Keep()
    {
        Block();
        RuntimeThreads.RunOnFinalizer(Block);
        foreach (int number in Ignored)
        {
            _ = Libc.signal(number, Libc.SIG_IGN);
        }
    }

    /// <summary>Waits for the next one.</summary>
    public static int Wait()
    {
        sigset_t waited = Set();
        int number;
        int errno = Libc.sigwait(&waited, &number);
        return errno == 0 ? number : throw new SystemCallException("sigwait", errno);
    }

    /// <summary>What a signal is called.</summary>
    public static string NameOf(int number) => number switch
    {
        Libc.SIGTERM => nameof(Libc.SIGTERM),
        Libc.SIGINT => nameof(Libc.SIGINT),
        Libc.SIGQUIT => nameof(Libc.SIGQUIT),
        Libc.SIGXCPU => nameof(Libc.SIGXCPU),
        _ => nameof(Libc.SIGHUP),
    };

    private static void Block()
    {
        sigset_t blocked = Set();
        int errno = Libc.pthread_sigmask(Libc.SIG_BLOCK, &blocked, null);
        if (errno != 0)
        {
            throw new SystemCallException("pthread_sigmask", errno);
        }
    }

    private static sigset_t Set()
    {
        sigset_t set;
        _ = Libc.sigemptyset(&set);
        _ = Libc.sigaddset(&set, Reload);
        foreach (int number in Ending)
        {
            _ = Libc.sigaddset(&set, number);
        }

        return set;
    }
}
