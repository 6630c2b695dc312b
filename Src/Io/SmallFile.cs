using System;
using System.Globalization;
using System.IO;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Wmgwd2.Config;
using Wmgwd2.Core;
using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>
/// Reads files that somebody names and that ought to be small. Whatever is there instead, a folder, a pipe that nobody writes to,
/// a device that never ends: it takes neither more time nor more memory than is said here. A file system that hangs does.
/// </summary>
internal static class SmallFile
{
    /// <summary>What is larger is no config, in bytes; 65,536 VNIs, each by itself, are 0.5 MB.</summary>
    public const int LargestConfig = 4 << 20;

    private const int FirstChunk = 4 << 10;

    /// <summary>How long whoever writes a config into a pipe may take, as in <c>--config &lt;(some-generator)</c>.</summary>
    private static readonly TimeSpan PipePatience = TimeSpan.FromSeconds(10);

    /// <summary>A config file. The first time it may be a pipe; that can't be read again, nor is anybody waited for while serving.</summary>
    /// <param name="path">Its path, or null for none.</param>
    public static ConfigFile? ConfigAt(string? path)
    {
        TimeSpan patience = PipePatience;
        return path == null ? null : new ConfigFile(path, () =>
        {
            TimeSpan left = patience;
            patience = TimeSpan.Zero;
            return Read(path, LargestConfig, left) ?? throw Failure(Errno.ENOENT);
        });
    }

    /// <summary>Reads a file whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">How large it may be, in bytes.</param>
    /// <param name="patience">How long at most a pipe is read from; without it, a pipe is no file.</param>
    /// <returns>What it holds, which is nothing in <c>/dev/null</c>; null when there is no such file.</returns>
    /// <exception cref="IOException">Why that can't be, without the file's name.</exception>
    public static string? Read(string path, int limit, TimeSpan patience = default)
    {
        // O_NONBLOCK: opening a pipe would wait for who writes to it. O_NOCTTY: nor shall a terminal become the daemon's.
        int descriptor = Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC | Libc.O_NONBLOCK | Libc.O_NOCTTY);
        int errno = Libc.errno;
        if (descriptor < 0)
        {
            return errno is Errno.ENOENT or Errno.ENOTDIR ? null : throw Failure(errno);
        }

        using var file = new SafeFileHandle(descriptor, ownsHandle: true);
        (int type, ulong size) = Examine(descriptor);
        bool pipe = type == Libc.S_IFIFO && patience > TimeSpan.Zero;
        if (type != Libc.S_IFREG && type != Libc.S_IFCHR && !pipe)
        {
            throw WrongType(type);
        }

        if (size > (ulong)limit)
        {
            throw new IOException(string.Create(
                CultureInfo.InvariantCulture, $"it is {size} bytes long; expected at most {limit}"));
        }

        Instant due = MonotonicClock.Now + patience;
        byte[] bytes = new byte[int.Min(int.Max((int)size + 1, FirstChunk), limit + 1)];
        int length = 0;
        while (true)
        {
            int count = ReadMore(descriptor, bytes.AsSpan(length), out errno);
            if (count > 0 && type == Libc.S_IFCHR)
            {
                // Of all devices /dev/null alone is a config: the empty one.
                throw WrongType(type);
            }

            length += int.Max(count, 0);
            if (length > limit)
            {
                throw new IOException(string.Create(
                    CultureInfo.InvariantCulture, $"it goes on after {limit} bytes; expected no more"));
            }

            if (count == 0 && (length > 0 || !pipe))
            {
                return Decode(bytes.AsSpan(0, length));
            }

            if (count < 0 && errno != Errno.EINTR && !(errno == Errno.EAGAIN && pipe))
            {
                throw type == Libc.S_IFCHR ? WrongType(type) : Failure(errno);
            }

            if (count <= 0 && pipe)
            {
                WaitForMore(descriptor, due, isBegun: length > 0);
            }

            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, int.Min(2 * length, limit + 1));
            }
        }
    }

    /// <summary>Opens a file to write to it, or makes one.</summary>
    /// <exception cref="IOException">Why that can't be, without the file's name.</exception>
    public static SafeFileHandle OpenToWrite(string path)
    {
        int descriptor = Libc.open(
            path, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_CLOEXEC | Libc.O_NONBLOCK | Libc.O_NOCTTY, Convert.ToUInt32("644", 8));
        int errno = Libc.errno;
        if (descriptor < 0)
        {
            throw Failure(errno);
        }

        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            int type = Examine(descriptor).Type;
            return type == Libc.S_IFREG ? file : throw WrongType(type);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static unsafe (int Type, ulong Size) Examine(int descriptor)
    {
        statx status;
        if (Libc.statx(descriptor, "", Libc.AT_EMPTY_PATH, Libc.STATX_TYPE | Libc.STATX_SIZE, &status) < 0)
        {
            throw Failure(Libc.errno);
        }

        int type = status.stx_mode & Libc.S_IFMT;
        return (type, type == Libc.S_IFREG ? status.stx_size : 0);
    }

    private static unsafe int ReadMore(int descriptor, Span<byte> room, out int errno)
    {
        fixed (byte* bytes = room)
        {
            int count = (int)Libc.read(descriptor, bytes, (nuint)room.Length);
            errno = Libc.errno;
            return count;
        }
    }

    /// <summary>Waits until there is something in a pipe, or its writer has ended.</summary>
    private static unsafe void WaitForMore(int descriptor, Instant due, bool isBegun)
    {
        TimeSpan left = due - MonotonicClock.Now;
        pollfd wanted = new() { fd = descriptor, events = Libc.POLLIN };
        if (left <= TimeSpan.Zero || Libc.poll(&wanted, 1, (int)left.TotalMilliseconds + 1) == 0)
        {
            throw new IOException($"it is a pipe, and whoever writes to it has not come to an end in {PipePatience.TotalSeconds} s");
        }

        if (!isBegun && wanted.revents != 0 && (wanted.revents & Libc.POLLIN) == 0)
        {
            throw new IOException("it is a pipe, and there is nothing in it");
        }
    }

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> mark = Encoding.UTF8.Preamble;
        return Encoding.UTF8.GetString(bytes.StartsWith(mark) ? bytes[mark.Length..] : bytes);
    }

    private static IOException Failure(int errno) =>
        new(errno == Errno.ENXIO ? "it is no regular file, but a socket or a device" : SystemCallException.Describe(errno));

    private static IOException WrongType(int type) => new(type switch
    {
        Libc.S_IFDIR => "it is a folder; expected a file",
        Libc.S_IFIFO => "it is no regular file, but a pipe; that is read at a start alone",
        _ => "it is no regular file, but a device",
    });
}
