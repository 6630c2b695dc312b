using System;
using System.Text;
using System.Threading;
using Microsoft.Extensions.Logging;
using Wmgwd2.Config;
using Wmgwd2.Core;
using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>
/// Reads the file in which a health check says whether this gateway can serve, whenever it changes. On a thread of its own: a
/// file system that hangs holds up nothing else. Allocates nothing while the file stays as it is.
/// </summary>
internal sealed class TrackedFile
{
    /// <summary>More than that of it is not read, in bytes.</summary>
    private const int LongestReason = 80;

    /// <summary>In place of a length: nothing was told of this file yet.</summary>
    private const int NothingTold = int.MinValue;

    /// <summary>
    /// How often it is read although nothing was heard: behind a symbolic link, in a directory that isn't there, or where its user
    /// may have no more inotify instances (fs.inotify.max_user_instances).
    /// </summary>
    private static readonly TimeSpan RereadInterval = TimeSpan.FromSeconds(1);

    /// <summary>A file that is being written is empty for a moment.</summary>
    private static readonly TimeSpan WritingTime = TimeSpan.FromMilliseconds(50);

    private readonly HealthBoard _board;
    private readonly ILogger _logger;
    private readonly byte[] _bytes = new byte[LongestReason];
    private readonly byte[] _told = new byte[LongestReason];
    private string? _wantedPath;
    private string? _path;
    private Inotify? _inotify;
    private bool _deaf;
    private int _toldLength = NothingTold;

    /// <param name="path">The file, or null for none.</param>
    /// <param name="board">Is told what it says.</param>
    /// <param name="logger">Is told when nothing is heard of changes.</param>
    public TrackedFile(string? path, HealthBoard board, ILogger logger)
    {
        _board = board;
        _logger = logger;
        Path = path;
    }

    /// <summary>The file, or null for none; another one, from any thread, is read within a second.</summary>
    public string? Path
    {
        get => Volatile.Read(ref _wantedPath);
        set => Volatile.Write(ref _wantedPath, value);
    }

    /// <summary>Reads and waits, until the process ends.</summary>
    public void Run()
    {
        while (true)
        {
            if (Path is var path && path != _path)
            {
                Follow(path);
            }

            if (_path != null)
            {
                Listen(_path);
                Check();
            }

            WaitForChanges();
        }
    }

    private void Follow(string? path)
    {
        _inotify?.Dispose();
        _inotify = null;
        _path = path;
        _toldLength = NothingTold;
        if (path == null)
        {
            _board.TrackedFile = null;
        }
    }

    /// <summary>Hears of changes, from now on or as before. Where that can't be, the file is read each second all the same.</summary>
    private void Listen(string path)
    {
        if (_inotify == null)
        {
            _inotify = Inotify.TryOpen(path, out int errno);
            if (_inotify == null && !_deaf)
            {
                Log.FileNotWatched(_logger, path, $"inotify_init1: {SystemCallException.Describe(errno)}");
            }

            _deaf = _inotify == null;
        }

        _inotify?.Watch();
    }

    private void WaitForChanges()
    {
        Instant due = MonotonicClock.Now + RereadInterval;
        TimeSpan left = RereadInterval;
        while (left > TimeSpan.Zero && _inotify?.ReadChanges() != true)
        {
            Wait((int)left.TotalMilliseconds + 1);
            left = due - MonotonicClock.Now;
        }
    }

    /// <summary>Waits for what is heard, if anything can be; poll, which needs no descriptor of its own.</summary>
    private unsafe void Wait(int milliseconds)
    {
        pollfd wanted = new() { fd = _inotify?.Descriptor ?? -1, events = Libc.POLLIN };
        _ = Libc.poll(&wanted, 1, milliseconds);
    }

    private void Check()
    {
        int length = Read();
        if (length == 0)
        {
            Thread.Sleep(WritingTime);
            length = Read();
        }

        // A machine that is short of descriptors or memory says nothing of this gateway's health: what the file said last holds,
        // and it is read again in a second. But of a file that has said nothing yet nobody knows that all is well.
        if (IsShortage(-length) && _toldLength != NothingTold)
        {
            return;
        }

        ReadOnlySpan<byte> content = _bytes.AsSpan(0, int.Max(length, 0));
        if (length != _toldLength || !content.SequenceEqual(_told.AsSpan(0, content.Length)))
        {
            content.CopyTo(_told);
            _toldLength = length;
            _board.TrackedFile = length < 0 ? DescribeFailure(-length) : Describe(content);
        }
    }

    /// <returns>How many bytes there are; or errno, negative.</returns>
    private unsafe int Read()
    {
        // A pipe would be waited for.
        int descriptor = Libc.open(_path!, Libc.O_RDONLY | Libc.O_CLOEXEC | Libc.O_NONBLOCK | Libc.O_NOCTTY);
        if (descriptor < 0)
        {
            return -Libc.errno;
        }

        fixed (byte* bytes = _bytes)
        {
            int length = (int)Libc.read(descriptor, bytes, (nuint)_bytes.Length);
            int errno = Libc.errno;
            _ = Libc.close(descriptor);
            return length < 0 ? -errno : length;
        }
    }

    private static bool IsShortage(int errno) => errno is Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM;

    /// <summary>A file that isn't there says that all is well.</summary>
    private static string? DescribeFailure(int errno) => errno is Errno.ENOENT or Errno.ENOTDIR
        ? null : $"it can't be read: {SystemCallException.Describe(errno)}";

    private static string? Describe(ReadOnlySpan<byte> content)
    {
        string text = Encoding.UTF8.GetString(content).Trim();
        return text.Length == 0 ? "it is empty" : text == "0" ? null : QuotedText.Of(text.ReplaceLineEndings(" "));
    }
}
