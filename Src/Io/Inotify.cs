using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>Hears of changes of one file, by the directory that it stands in: so also when it is replaced, or isn't there yet.</summary>
internal sealed class Inotify : FileDescriptor
{
    // struct inotify_event (inotify(7)): watch 4, mask 4, cookie 4, length of the name 4, name, zeros.
    private const int HeaderLength = 16;
    private const int LengthOffset = 12;

    private readonly string _directory;
    private readonly byte[] _name;
    private readonly byte[] _events = new byte[4096];

    private Inotify(int descriptor, string path)
        : base(descriptor, "inotify_init1")
    {
        // Relative ones stay so: where this process stands never changes, and need not have a path.
        _directory = Path.GetDirectoryName(path) switch
        {
            null => "/",
            "" => ".",
            var directory => directory,
        };
        _name = Encoding.UTF8.GetBytes(Path.GetFileName(path));
    }

    /// <summary>Begins to hear of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="errno">Why that can't be: a user, and a machine, has so many of these and no more.</param>
    /// <returns>What hears of it, or null.</returns>
    public static Inotify? TryOpen(string path, out int errno)
    {
        int descriptor = Libc.inotify_init1(Libc.IN_NONBLOCK | Libc.IN_CLOEXEC);
        errno = descriptor < 0 ? Libc.errno : 0;
        return descriptor < 0 ? null : new Inotify(descriptor, path);
    }

    /// <summary>Watches the directory. When that is done already, nothing happens; when it isn't there, nothing is heard.</summary>
    public void Watch() => _ = Libc.inotify_add_watch(Descriptor, _directory,
        Libc.IN_CLOSE_WRITE | Libc.IN_MODIFY | Libc.IN_ATTRIB | Libc.IN_MOVED_FROM | Libc.IN_MOVED_TO
        | Libc.IN_CREATE | Libc.IN_DELETE | Libc.IN_ONLYDIR);

    /// <summary>Reads what has happened.</summary>
    /// <returns>Whether the file may have changed.</returns>
    public unsafe bool ReadChanges()
    {
        bool changed = false;
        while (true)
        {
            int length;
            fixed (byte* events = _events)
            {
                length = (int)Libc.read(Descriptor, events, (nuint)_events.Length);
            }

            if (length <= 0)
            {
                return changed;
            }

            changed |= Names(_events.AsSpan(0, length));
        }
    }

    /// <summary>Whether one of the events is about the file, or about all: the directory is gone, events were lost or can't be read.</summary>
    private bool Names(ReadOnlySpan<byte> events)
    {
        while (events.Length >= HeaderLength)
        {
            uint length = MemoryMarshal.Read<uint>(events[LengthOffset..]);
            if (length > events.Length - HeaderLength)
            {
                return true;
            }

            ReadOnlySpan<byte> subject = events.Slice(HeaderLength, (int)length).TrimEnd((byte)0);
            if (subject.IsEmpty || subject.SequenceEqual(_name))
            {
                return true;
            }

            events = events[(HeaderLength + (int)length)..];
        }

        return false;
    }
}
