namespace Wmgwd2.Interop;

/// <summary>asm-generic/errno-base.h and asm-generic/errno.h: Linux' own values, the same on x64 and arm64.</summary>
internal static class Errno
{
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int ENXIO = 6;
    public const int EAGAIN = 11;
    public const int ENOMEM = 12;
    public const int EBUSY = 16;
    public const int ENODEV = 19;
    public const int ENOTDIR = 20;
    public const int EINVAL = 22;
    public const int ENFILE = 23;
    public const int EMFILE = 24;
    public const int EPIPE = 32;
    public const int ECONNABORTED = 103;
    public const int ENOBUFS = 105;
    public const int ECONNREFUSED = 111;
}
