using System;
using System.IO;
using System.Text;
using System.Threading;

namespace Wmgwd2.Io;

/// <summary>
/// Reads the file in which a health check says whether this gateway can serve, whenever it changes. On a thread of its own: a
/// file system that hangs holds up nothing else.
/// </summary>
internal sealed class TrackedFile
{
    private const int ChangeTag = 0;
    /// <summary>More than that of it is not read.</summary>
    private const int LongestReason = 80;

    /// <summary>How often it is read although nothing was heard: behind a symbolic link, or in a directory that isn't there.</summary>
    private const int RereadMilliseconds = 1000;

    /// <summary>A file that is being written is empty for a moment.</summary>
    private static readonly TimeSpan WritingTime = TimeSpan.FromMilliseconds(50);

    private readonly string _path;
    private readonly HealthBoard _board;
    private readonly Inotify _inotify;
    private readonly EventPoll _poll = new();
    private readonly Readiness[] _ready = new Readiness[1];

    public TrackedFile(string path, HealthBoard board)
    {
        _path = Path.GetFullPath(path);
        _board = board;
        _inotify = new Inotify(Path.GetDirectoryName(_path) ?? "/", Path.GetFileName(_path));
        _poll.Add(_inotify.Descriptor, ChangeTag);
    }

    /// <summary>Reads and waits, until the process ends.</summary>
    public void Run()
    {
        while (true)
        {
            _inotify.Watch();
            Check();
            bool changed = false;
            while (!changed)
            {
                changed = _poll.Wait(_ready, RereadMilliseconds) == 0 || _inotify.ReadChanges();
            }
        }
    }

    private void Check()
    {
        string? reason = Read();
        if (reason is { Length: 0 })
        {
            Thread.Sleep(WritingTime);
            reason = Read();
        }

        reason = reason is { Length: 0 } ? "it is empty" : reason;
        if (reason != _board.TrackedFile)
        {
            _board.TrackedFile = reason;
        }
    }

    /// <returns>Null when all is well; else what the file says, which may be nothing, or why it can't be read.</returns>
    private string? Read()
    {
        try
        {
            using FileStream file = new(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Span<byte> bytes = stackalloc byte[LongestReason];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            string text = Encoding.UTF8.GetString(bytes[..length]).Trim();
            return text.Length == 0 ? "" : text == "0" ? null : $"'{text.ReplaceLineEndings(" ")}'";
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"it can't be read: {error.Message}";
        }
    }
}
