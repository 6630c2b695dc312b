using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>sys/ioctl.h.</summary>
internal static partial class Libc
{
    public const uint TIOCGWINSZ = 0x5413;

    /// <summary>C has it with any arguments; on x64 and arm64 Linux the third is passed as here.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial int ioctl(int fd, nuint request, winsize* argp);
}

/// <summary>struct winsize: the size of a terminal, in characters.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct winsize
{
    public ushort ws_row;
    public ushort ws_col;
    public ushort ws_xpixel;
    public ushort ws_ypixel;
}
