using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>linux/un.h.</summary>
internal static partial class Libc
{
    public const int UNIX_PATH_MAX = 108;
}

/// <summary>struct sockaddr_un.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct sockaddr_un
{
    public ushort sun_family;

    /// <summary>With a zero byte behind it.</summary>
    public fixed byte sun_path[Libc.UNIX_PATH_MAX];
}
