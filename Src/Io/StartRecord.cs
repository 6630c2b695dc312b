using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Wmgwd2.Config;
using Wmgwd2.Core;

namespace Wmgwd2.Io;

/// <summary>
/// What a daemon leaves beside its control socket for whoever comes after it, if it is killed. When it started: a gateway that is
/// restarted again and again waits longer each time, as one that comes back from faults does, and doesn't drag its VNIs to and fro.
/// And which interfaces it may have let up: the config that a fence reads may name others by then.
/// </summary>
/// <remarks>
/// Two lines: the instant of the latest start in nanoseconds and the wait of the next one that is too soon; and until an orderly
/// end the pattern of the interfaces and the VNIs. It stays open, so that it can be written to when the user is another.
/// </remarks>
internal sealed class StartRecord : IDisposable
{
    /// <summary>What is larger is no record, in bytes: it may hold all VNIs that a config can name, and those of some before it.</summary>
    private const int LargestSize = 4 * SmallFile.LargestConfig;

    private readonly SafeFileHandle? _file;
    private Content _content;

    /// <summary>Opens a record, or makes one. Where that can't be done it remembers nothing: it is a courtesy, no condition.</summary>
    /// <param name="path">The file; <see cref="PathOf(Settings)"/>.</param>
    public StartRecord(string path)
    {
        _content = Read(path);
        try
        {
            _file = SmallFile.OpenToWrite(path);
        }
        catch (IOException)
        {
        }
    }

    /// <summary>Where the record of a daemon is.</summary>
    public static string PathOf(Settings settings) => PathOf(settings.ControlSocket);

    /// <summary>The interfaces that a daemon may have let up.</summary>
    /// <param name="controlSocket">Its control socket.</param>
    /// <returns>How they are called, and their VNIs; null when nothing is known.</returns>
    public static (InterfacePattern Pattern, VniSet Vnis)? FindServed(string controlSocket) =>
        Read(PathOf(controlSocket)) is { Pattern: { } pattern, Vnis: { } vnis } ? (pattern, vnis) : null;

    /// <summary>The interfaces that a daemon may have let up, and that aren't its any more.</summary>
    /// <param name="settings">What it goes by now.</param>
    /// <returns>How they are called, and their VNIs; null when there are none.</returns>
    public static (InterfacePattern Pattern, VniSet Vnis)? FindForgotten(Settings settings)
    {
        if (FindServed(settings.ControlSocket) is not var (pattern, vnis))
        {
            return null;
        }

        VniSet others = pattern.ToString() == settings.InterfacePattern.ToString() ? vnis.Except(settings.Vnis) : vnis;
        return others.Count > 0 ? (pattern, others) : null;
    }

    public void Dispose() => _file?.Dispose();

    /// <summary>Writes down a start, of a daemon that has fenced what was written down before.</summary>
    /// <param name="settings">What it goes by.</param>
    /// <param name="now">The instant.</param>
    /// <returns>How much longer to listen now.</returns>
    public TimeSpan NoteStart(Settings settings, Instant now)
    {
        (Instant latest, TimeSpan wait) = (_content.Latest, _content.Wait);
        bool soon = latest <= now && now - latest < Gateway.Probation + wait;
        TimeSpan next = soon ? settings.Timing.Lengthen(wait) : TimeSpan.Zero;
        _content = new Content(now, next, settings.InterfacePattern, settings.Vnis);
        return TryWrite() && soon ? wait : TimeSpan.Zero;
    }

    /// <summary>Writes down VNIs that come to those that it may have let up.</summary>
    public void NoteVnis(VniSet vnis)
    {
        _content = _content with { Vnis = _content.Vnis!.Union(vnis) };
        _ = TryWrite();
    }

    /// <summary>Writes down that nothing is up any more.</summary>
    public void NoteEnd()
    {
        _content = _content with { Vnis = null };
        _ = TryWrite();
    }

    private static string PathOf(string controlSocket) => $"{controlSocket}.started";

    private static Content Read(string path)
    {
        try
        {
            return Parse((SmallFile.Read(path, LargestSize) ?? "").Split('\n'));
        }
        catch (IOException)
        {
            return Content.None;
        }
    }

    /// <summary>Reads what the latest start has written. Anything else means that there was none.</summary>
    private static Content Parse(IReadOnlyList<string> lines)
    {
        if (lines[0].Split(' ') is not [var start, var wait]
            || !long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out long nanoseconds)
            || !long.TryParse(wait, NumberStyles.None, CultureInfo.InvariantCulture, out long ticks)
            || ticks > Gateway.MaximumWait.Ticks)
        {
            return Content.None;
        }

        var content = new Content(new Instant(nanoseconds), TimeSpan.FromTicks(ticks), null, null);
        return lines.Count > 1 && lines[1].Split(' ') is [var name, var list]
            && InterfacePattern.TryParse(name) is { } pattern && ValueParser.TryParseVnis(list, out VniSet? vnis)
                ? content with { Pattern = pattern, Vnis = vnis }
                : content;
    }

    private bool TryWrite()
    {
        if (_file == null)
        {
            return false;
        }

        try
        {
            string interfaces = _content.Vnis == null ? "" : $"{_content.Pattern} {_content.Vnis}\n";
            byte[] text = Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"{_content.Latest.Nanoseconds} {_content.Wait.Ticks}\n{interfaces}"));
            RandomAccess.Write(_file, text, 0);
            RandomAccess.SetLength(_file, text.Length);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private readonly record struct Content(Instant Latest, TimeSpan Wait, InterfacePattern? Pattern, VniSet? Vnis)
    {
        /// <summary>No start that could be too soon before another.</summary>
        public static readonly Content None = new(Instant.Never, TimeSpan.Zero, null, null);
    }
}
