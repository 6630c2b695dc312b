using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>A terminal, and a program that runs on it: what an operator sees, and what he types.</summary>
internal sealed class Terminal : IDisposable
{
    private readonly FileStream _keyboard;
    private readonly Process _process;
    private readonly Thread _reader;
    private readonly StringBuilder _screen = new();

    /// <summary>Runs a program on a new terminal of 24 by 80.</summary>
    /// <param name="command">The command line, for a shell.</param>
    public Terminal(string command)
    {
        (SafeFileHandle master, string name) = Linux.OpenTerminal();
        _keyboard = new FileStream(master, FileAccess.ReadWrite, 0);
        Resize(24, 80);

        // The first terminal that a session's leader opens becomes the session's own, so that its keys make signals.
        _process = new Process { StartInfo = Command.Describe(["setsid", "sh", "-c", $"exec <>{name} >&0 2>&0; exec {command}"]) };
        _process.StartInfo.Environment["TERM"] = "xterm";
        _process.StartInfo.Environment.Remove("NO_COLOR");
        _process.Start();
        _reader = new Thread(Read);
        _reader.Start();
    }

    /// <summary>All that was written to it.</summary>
    public string Screen
    {
        get
        {
            lock (_screen)
            {
                return _screen.ToString();
            }
        }
    }

    /// <summary>The state of the program, as /proc/PID/stat has it: T when it is stopped.</summary>
    public char State => File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/stat")).Split(") ")[1][0];

    public void Resize(ushort rows, ushort columns) => Linux.ResizeTerminal(_keyboard.SafeFileHandle, rows, columns);

    public void Type(string keys) => _keyboard.Write(Encoding.UTF8.GetBytes(keys));

    public void Signal(int signal) => Assert.Equal(0, Linux.Kill(_process.Id, signal));

    /// <summary>Waits until something is written behind a place of the screen.</summary>
    /// <returns>Where it ends.</returns>
    public int WaitFor(string part, int from)
    {
        string screen = Eventually.Get(
            $"'{part}' on the screen", () => Screen, seen => seen.IndexOf(part, from, StringComparison.Ordinal) >= 0);
        return screen.IndexOf(part, from, StringComparison.Ordinal) + part.Length;
    }

    public int WaitForExit()
    {
        Assert.True(_process.WaitForExit(Eventually.Timeout), $"it does not end; screen:\n{Screen}");
        _reader.Join();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();
        _reader.Join();
        _keyboard.Dispose();
        _process.Dispose();
    }

    private void Read()
    {
        byte[] buffer = new byte[4096];
        try
        {
            for (int length; (length = _keyboard.Read(buffer)) > 0;)
            {
                lock (_screen)
                {
                    _screen.Append(Encoding.Latin1.GetString(buffer, 0, length));
                }
            }
        }
        catch (IOException)
        {
            // EIO: nobody has the terminal open any more.
        }
    }
}
