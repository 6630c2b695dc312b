using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>dirent.h.</summary>
internal static partial class Libc
{
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint opendir(string name);

    [LibraryImport(Library, SetLastError = true)]
    public static unsafe partial dirent* readdir(nint dirp);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int closedir(nint dirp);
}

/// <summary>struct dirent: glibc's, which on 64 bits is the same with and without large files.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct dirent
{
    public ulong d_ino;
    public long d_off;
    public ushort d_reclen;
    public byte d_type;
    public fixed byte d_name[256];
    private fixed byte _padding[5];
}
