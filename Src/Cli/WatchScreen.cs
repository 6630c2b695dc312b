using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using Wmgwd2.Interop;
using Wmgwd2.Io;

namespace Wmgwd2.Cli;

/// <summary>
/// A status that is shown again and again in the same place, on the terminal's other screen; the one before is there again when it
/// ends, whatever ends it.
/// </summary>
/// <param name="path">The control socket.</param>
/// <param name="about">What is asked for, without its form.</param>
/// <param name="withRows">Whether the daemon can fit it to the height.</param>
internal sealed class WatchScreen(string path, string about, bool withRows)
{
    // xterm's control sequences: the other screen, no cursor, and lines that are cut instead of broken.
    private static readonly byte[] Enter = "\e[?1049h\e[?25l\e[?7l"u8.ToArray();
    private static readonly byte[] Leave = "\e[?7h\e[?25h\e[?1049l"u8.ToArray();

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>How long a changed size of the window may go unseen.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(200);

    /// <summary>Changes that follow each other are shown together.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>The uppermost are the time's.</summary>
    private const int OwnRows = 2;

    private readonly Lock _drawing = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private bool _away;
    private bool _redraw;

    /// <summary>Shows it until the operator has enough.</summary>
    /// <returns>The exit code.</returns>
    public int Run(TextWriter errors)
    {
        try
        {
            // Who names the wrong socket is told so at once, and not on another screen.
            using var first = new ControlAnswer(path, Request());
        }
        catch (ControlException error)
        {
            errors.WriteLine(error.Message);
            return ExitCode.Failed;
        }

        foreach (PosixSignal signal in (PosixSignal[])
            [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, _ => End(ExitCode.Done)));
        }

        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTSTP, StepAside));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => ComeBack()));
        _registrations.Add(PosixSignalRegistration.Create(
            PosixSignal.SIGWINCH, _ => Volatile.Write(ref _redraw, true)));
        Write(Enter);
        while (true)
        {
            ShowAndFollow();
        }
    }

    /// <summary>Shows it as long as the daemon can be followed, and once when it can't.</summary>
    private void ShowAndFollow()
    {
        try
        {
            using var changes = new ControlAnswer(path, "monitor text no-initial");
            for (bool ended = false; !ended;)
            {
                Show();
                Thread.Sleep(Pause);
                for (TimeSpan waited = Pause; waited < Interval && !Volatile.Read(ref _redraw); waited += Slice)
                {
                    if (changes.Skip(Slice, out ended))
                    {
                        break;
                    }
                }
            }
        }
        catch (ControlException)
        {
            // Not there for the moment, or followed by too many: then each second.
            Show();
            Thread.Sleep(Interval);
        }
    }

    private string Request() => $"{about} {StandardOutput.RequestText(withRows ? OwnRows : null)}";

    private void Show()
    {
        Volatile.Write(ref _redraw, false);
        string text;
        try
        {
            using var answer = new ControlAnswer(path, Request());
            using var whole = new MemoryStream();
            answer.CopyTo(whole);
            text = Encoding.UTF8.GetString(whole.ToArray());
        }
        catch (ControlException error)
        {
            text = $"{error.Message}\n\nTrying again each second.\n";
        }

        Draw(text.TrimEnd('\n').Split('\n'), StandardOutput.MeasureTerminal().Rows);
    }

    private void Draw(string[] lines, int rows)
    {
        var screen = new StringBuilder("\e[H");
        string time = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        screen.Append($"{time}, each second and at each change; Ctrl-C ends\e[K\r\n\e[K");
        int room = Math.Max(1, rows - OwnRows);
        int shown = lines.Length <= room ? lines.Length : room - 1;
        for (int line = 0; line < shown; line++)
        {
            screen.Append("\r\n").Append(lines[line]).Append("\e[0m\e[K");
        }

        if (shown < lines.Length)
        {
            screen.Append(CultureInfo.InvariantCulture, $"\r\n… {lines.Length - shown} more lines\e[K");
        }

        screen.Append("\e[J");
        lock (_drawing)
        {
            if (!_away)
            {
                Write(Encoding.UTF8.GetBytes(screen.ToString()));
            }
        }
    }

    private void Write(byte[] bytes)
    {
        if (!TryWrite(bytes))
        {
            // The terminal is gone.
            Environment.Exit(ExitCode.Failed);
        }
    }

    private static bool TryWrite(byte[] bytes)
    {
        try
        {
            return StandardOutput.TryWrite(bytes);
        }
        catch (SystemCallException)
        {
            return false;
        }
    }

    /// <summary>Nothing is drawn any more: what draws waits for the end of the process.</summary>
    private void End(int exitCode)
    {
        _drawing.Enter();
        if (!_away)
        {
            _ = TryWrite(Leave);
        }

        Environment.Exit(exitCode);
    }

    private void StepAside(PosixSignalContext context)
    {
        lock (_drawing)
        {
            _away = true;
            _ = TryWrite(Leave);
        }

        // The runtime doesn't stop the process itself.
        context.Cancel = true;
        _ = Libc.kill(Environment.ProcessId, Libc.SIGSTOP);
    }

    private void ComeBack()
    {
        lock (_drawing)
        {
            if (_away)
            {
                _away = false;
                _ = TryWrite(Enter);
            }
        }

        Volatile.Write(ref _redraw, true);
    }
}
