using System;
using System.Collections.Generic;
using System.Net.Sockets;
using Wmgwd2.Config;
using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>
/// What this process may do: which capabilities it needs and has (capabilities(7)), and how it gives up all others. Capabilities
/// belong to threads; each that is started inherits its starter's.
/// </summary>
internal static class Privileges
{
    private static readonly (int Number, string Name)[] Names =
    [
        (Libc.CAP_SETGID, nameof(Libc.CAP_SETGID)),
        (Libc.CAP_SETUID, nameof(Libc.CAP_SETUID)),
        (Libc.CAP_NET_BIND_SERVICE, nameof(Libc.CAP_NET_BIND_SERVICE)),
        (Libc.CAP_NET_ADMIN, nameof(Libc.CAP_NET_ADMIN)),
        (Libc.CAP_NET_RAW, nameof(Libc.CAP_NET_RAW)),
        (Libc.CAP_SYS_NICE, nameof(Libc.CAP_SYS_NICE)),
    ];

    /// <summary>Its own descriptors and some clients'.</summary>
    private const ulong DescriptorsNeeded = 64;

    /// <summary>Its own and those of as many clients as it serves at once.</summary>
    private const ulong DescriptorsWanted = 256;

    /// <summary>To change links: all that a fence needs.</summary>
    public static ulong ForFence => Bit(Libc.CAP_NET_ADMIN);

    private static ulong ForMemory => Bit(Libc.CAP_IPC_LOCK);

    private static ulong ForUser => Bit(Libc.CAP_SETUID) | Bit(Libc.CAP_SETGID);

    /// <summary>Finds what is missing for a daemon with these settings.</summary>
    /// <returns>A sentence that names it, or null.</returns>
    public static string? FindMissing(Settings settings) => settings.User != null && !Environment.IsPrivilegedProcess
        ? $"user: only root can become '{settings.User}'"
        : FindMissing(NeededToStart(settings)) ?? FindLowLimit();

    /// <summary>Finds which of these capabilities this thread doesn't have.</summary>
    /// <returns>A sentence that names them, or null.</returns>
    public static string? FindMissing(ulong needed)
    {
        List<string> missing = List(needed & ~Effective());
        return missing.Count == 0
            ? null
            : $"{string.Join(", ", missing)} missing: run it as root, or have its service give it (systemd: AmbientCapabilities=)";
    }

    /// <summary>Lists the capabilities that a daemon with these settings needs and this thread doesn't have.</summary>
    public static List<string> ListMissing(Settings settings) => List(NeededToStart(settings) & ~Effective());

    /// <summary>Lists the capabilities that a daemon with these settings needs.</summary>
    public static List<string> ListNeeded(Settings settings) => List(NeededToStart(settings));

    /// <summary>Whether <see cref="TryLockMemory"/> would be allowed to; tries nothing.</summary>
    /// <param name="otherUser">Whether the process is to become another user.</param>
    public static bool CanLockMemory(bool otherUser)
    {
        const string Limit = "Max locked memory";
        ulong sufficient = Bit(Libc.CAP_SYS_RESOURCE) | (otherUser ? 0 : ForMemory);
        string limits = Processes.ReadText("/proc/self/limits") ?? $"{Limit} unlimited";
        int at = limits.IndexOf(Limit, StringComparison.Ordinal);
        return (Effective() & sufficient) != 0
            || (at >= 0 && limits[at..].Split('\n')[0].Contains("unlimited", StringComparison.Ordinal));
    }

    /// <summary>Locks what memory there is and will be, where that is allowed.</summary>
    /// <param name="user">The user to become.</param>
    /// <returns>Null, or why it can't be done.</returns>
    public static unsafe string? TryLockMemory(UnixUser? user)
    {
        // With a limit, each later allocation of a thread without the capability would count against it, and fail beyond it; and
        // the runtime's own threads lose the capability with a change of the user.
        var unlimited = new rlimit { rlim_cur = Libc.RLIM_INFINITY, rlim_max = Libc.RLIM_INFINITY };
        if (Libc.setrlimit(Libc.RLIMIT_MEMLOCK, &unlimited) < 0 && (user != null || (Effective() & ForMemory) == 0))
        {
            return "RLIMIT_MEMLOCK is not unlimited (systemd: LimitMEMLOCK=infinity)";
        }

        // What is not touched is not loaded: the runtime reserves far more than it uses.
        int result = Libc.mlockall(Libc.MCL_CURRENT | Libc.MCL_FUTURE | Libc.MCL_ONFAULT);
        int errno = Libc.errno;
        return result == 0 ? null : SystemCallException.Describe(errno);
    }

    /// <summary>
    /// Has the runtime start its thread for sockets, which it does at the first socket, by a thread that gave up what
    /// that one doesn't need: after <see cref="Reduce"/> it would be too late.
    /// </summary>
    /// <param name="settings">The settings.</param>
    /// <param name="user">The user to become; libc makes that change in all threads, or ends the process.</param>
    public static void StartSocketThread(Settings settings, UnixUser? user) => RuntimeThreads.RunOnAnother(() =>
    {
        Confine(NeededByAll(settings) | (user == null ? 0 : ForUser));
        new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified).Dispose();
    });

    /// <summary>
    /// Becomes the user, if one is given, and gives up every capability but those that a daemon with these settings needs.
    /// Before any thread is started that is to inherit that.
    /// </summary>
    /// <exception cref="SystemCallException">The kernel refuses.</exception>
    public static void Reduce(Settings settings, UnixUser? user)
    {
        if (user != null)
        {
            Become(user);
        }

        RuntimeThreads.RunOnFinalizer(() => Confine(NeededByAll(settings)));
        Confine(NeededBy(settings) | NeededByAll(settings));
    }

    /// <summary>Gives the calling thread a real-time priority.</summary>
    /// <exception cref="SystemCallException">The kernel refuses: CAP_SYS_NICE is missing, or its group has no real-time budget.</exception>
    public static unsafe void SetRealtimePriority(int priority)
    {
        var param = new sched_param { sched_priority = priority };
        if (Libc.sched_setscheduler(0, Libc.SCHED_FIFO, &param) < 0)
        {
            throw new SystemCallException($"SCHED_FIFO {priority}", Libc.errno);
        }
    }

    /// <summary>As many descriptors as its own and those of all clients there may be, when only the soft limit is lower.</summary>
    private static unsafe string? FindLowLimit()
    {
        rlimit limit;
        Check("getrlimit", Libc.getrlimit(Libc.RLIMIT_NOFILE, &limit));
        if (limit.rlim_cur < DescriptorsWanted)
        {
            limit.rlim_cur = Math.Min(DescriptorsWanted, limit.rlim_max);
            Check("setrlimit", Libc.setrlimit(Libc.RLIMIT_NOFILE, &limit));
        }

        return limit.rlim_cur < DescriptorsNeeded
            ? $"RLIMIT_NOFILE is {limit.rlim_cur}; expected at least {DescriptorsNeeded} (ulimit -n, systemd: LimitNOFILE=)"
            : null;
    }

    private static List<string> List(ulong capabilities)
    {
        var names = new List<string>();
        foreach ((int number, string name) in Names)
        {
            if ((capabilities & Bit(number)) != 0)
            {
                names.Add(name);
            }
        }

        return names;
    }

    private static ulong NeededToStart(Settings settings) => NeededBy(settings) | (settings.User == null ? 0 : ForUser);

    private static ulong NeededBy(Settings settings) =>
        ForFence | Bit(Libc.CAP_NET_RAW)
        | (settings.RealtimePriority > 0 ? Bit(Libc.CAP_SYS_NICE) : 0)
        | (settings.Port < 1024 ? Bit(Libc.CAP_NET_BIND_SERVICE) : 0);

    /// <summary>What every thread needs, for each may allocate.</summary>
    private static ulong NeededByAll(Settings settings) => settings.LockMemory ? ForMemory : 0;

    private static ulong Bit(int capability) => 1ul << capability;

    private static unsafe void Become(UnixUser user)
    {
        // This thread alone keeps its capabilities across the change; libc makes the change in all threads.
        Check("prctl", Libc.prctl(Libc.PR_SET_KEEPCAPS, 1, 0, 0, 0));
        fixed (uint* groups = user.Groups)
        {
            Check("setgroups", Libc.setgroups((nuint)user.Groups.Length, groups));
        }

        Check("setresgid", Libc.setresgid(user.Gid, user.Gid, user.Gid));
        Check("setresuid", Libc.setresuid(user.Uid, user.Uid, user.Uid));
    }

    /// <summary>Gives up all of this thread's capabilities but these, for ever.</summary>
    private static void Confine(ulong kept)
    {
        Check("prctl", Libc.prctl(Libc.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
        ulong permitted = Read().Permitted;
        kept &= permitted;
        SetCapabilities(permitted);
        if ((permitted & Bit(Libc.CAP_SETPCAP)) != 0)
        {
            // Until the kernel knows no higher one.
            for (int capability = 0; (kept & Bit(capability)) != 0
                || Libc.prctl(Libc.PR_CAPBSET_DROP, (nuint)capability, 0, 0, 0) == 0; capability++)
            {
            }
        }

        SetCapabilities(kept);
    }

    private static ulong Effective() => Read().Effective;

    private static unsafe (ulong Effective, ulong Permitted) Read()
    {
        var header = new __user_cap_header_struct { version = Libc._LINUX_CAPABILITY_VERSION_3 };
        __user_cap_data_struct* data = stackalloc __user_cap_data_struct[2];
        Check("capget", Libc.capget(&header, data));
        return (data[0].effective | (ulong)data[1].effective << 32, data[0].permitted | (ulong)data[1].permitted << 32);
    }

    private static unsafe void SetCapabilities(ulong capabilities)
    {
        var header = new __user_cap_header_struct { version = Libc._LINUX_CAPABILITY_VERSION_3 };
        __user_cap_data_struct* data = stackalloc __user_cap_data_struct[2];
        for (int word = 0; word < 2; word++)
        {
            uint bits = (uint)(capabilities >> 32 * word);
            data[word] = new __user_cap_data_struct { effective = bits, permitted = bits };
        }

        Check("capset", Libc.capset(&header, data));
    }

    private static void Check(string operation, int result)
    {
        int errno = Libc.errno;
        if (result < 0)
        {
            throw new SystemCallException(operation, errno);
        }
    }
}
