using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>linux/capability.h; the calls are in libc, which has no header for them.</summary>
internal static partial class Libc
{
    public const uint _LINUX_CAPABILITY_VERSION_3 = 0x20080522;
    public const int CAP_SETGID = 6;
    public const int CAP_SETUID = 7;
    public const int CAP_SETPCAP = 8;
    public const int CAP_NET_BIND_SERVICE = 10;
    public const int CAP_NET_ADMIN = 12;
    public const int CAP_NET_RAW = 13;
    public const int CAP_IPC_LOCK = 14;
    public const int CAP_SYS_NICE = 23;
    public const int CAP_SYS_RESOURCE = 24;

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int capget(__user_cap_header_struct* header, __user_cap_data_struct* data);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int capset(__user_cap_header_struct* header, __user_cap_data_struct* data);
}

/// <summary>Which layout is meant, and whose capabilities; 0: the calling thread's.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct __user_cap_header_struct
{
    public uint version;
    public int pid;
}

/// <summary>32 of the capabilities, a bit each; version 3 has two of these.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct __user_cap_data_struct
{
    public uint effective;
    public uint permitted;
    public uint inheritable;
}
