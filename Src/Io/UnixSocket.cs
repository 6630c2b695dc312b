using System;
using System.IO;
using System.Net.Sockets;
using System.Text;
using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>
/// A unix socket that listens at a path or asks whether another one does. libc's own calls: the library maps several errnos to
/// one, and words another one then.
/// </summary>
internal sealed class UnixSocket()
    : FileDescriptor(Libc.socket(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC, 0), "socket")
{
    /// <summary>Makes the socket's file.</summary>
    /// <param name="path">At most 107 bytes.</param>
    /// <exception cref="SystemCallException">It can't be made.</exception>
    public unsafe void Bind(string path)
    {
        sockaddr_un address = AddressOf(path);
        Check("bind", Libc.bind(Descriptor, &address, (uint)sizeof(sockaddr_un)), Libc.errno);
    }

    /// <summary>Has those who connect wait until they are accepted.</summary>
    /// <param name="backlog">How many at most.</param>
    public void Listen(int backlog) => Check("listen", Libc.listen(Descriptor, backlog), Libc.errno);

    /// <summary>Asks whether somebody listens at a path; waits for nobody.</summary>
    /// <returns>0, or errno: ECONNREFUSED when nobody does, EAGAIN when so many wait there already that there is no room.</returns>
    public unsafe int Connect(string path)
    {
        sockaddr_un address = AddressOf(path);
        return Libc.connect(Descriptor, &address, (uint)sizeof(sockaddr_un)) == 0 ? 0 : Libc.errno;
    }

    /// <summary>Accepts one that connects.</summary>
    /// <param name="errno">Why there is none.</param>
    /// <returns>Its socket, or null.</returns>
    public unsafe Socket? Accept(out int errno)
    {
        int descriptor = Libc.accept4(Descriptor, null, null, Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC);
        errno = descriptor < 0 ? Libc.errno : 0;
        return descriptor < 0 ? null : new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
    }

    private static void Check(string operation, int result, int errno)
    {
        if (result < 0)
        {
            throw new SystemCallException(operation, errno);
        }
    }

    private static unsafe sockaddr_un AddressOf(string path)
    {
        sockaddr_un address = new() { sun_family = Libc.AF_UNIX };
        var room = new Span<byte>(address.sun_path, Libc.UNIX_PATH_MAX - 1);
        return Encoding.UTF8.TryGetBytes(path, room, out _)
            ? address
            : throw new PathTooLongException($"{path}: expected at most {room.Length} bytes");
    }
}
