using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using Xunit;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>A line of a daemon's log, and when it was read.</summary>
internal readonly record struct LogLine(DateTime Time, string Text);

/// <summary>A daemon that runs in a gateway's namespace.</summary>
internal sealed class Daemon : IDisposable
{
    private readonly Process _process;
    private readonly Thread _reader;
    private readonly string _controlSocket;
    private readonly string _namespace;
    private readonly List<LogLine> _log = [];

    /// <summary>Starts a process that is the daemon, at the latest after some exec.</summary>
    public Daemon(string name, string controlSocket, IReadOnlyList<string> words)
    {
        _namespace = name;
        _controlSocket = controlSocket;
        _process = new Process { StartInfo = Command.Describe(words) };
        _process.Start();
        _reader = new Thread(ReadLog);
        _reader.Start();
    }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it runs.</summary>
    public bool Running => !_process.HasExited;

    /// <summary>What it has logged so far.</summary>
    public IReadOnlyList<LogLine> Log
    {
        get
        {
            lock (_log)
            {
                return [.. _log];
            }
        }
    }

    /// <summary>Its log as one text.</summary>
    public string LogText => string.Join('\n', Log.Select(line =>
        string.Create(CultureInfo.InvariantCulture, $"{line.Time:HH:mm:ss.fff} {line.Text}")));

    /// <summary>Asks for its status, as an operator would; null when it doesn't answer.</summary>
    public DaemonStatus? TryStatus()
    {
        CommandResult result = Binary.Run("status", "--json", "--control-socket", _controlSocket);
        return result.ExitCode == 0 ? DaemonStatus.Parse(result.Output) : null;
    }

    /// <summary>Asks for its status.</summary>
    public DaemonStatus Status()
    {
        CommandResult result = Binary.Run("status", "--json", "--control-socket", _controlSocket);
        Assert.True(result.ExitCode == 0, $"{_namespace}: status: {result}; log:\n{LogText}");
        return DaemonStatus.Parse(result.Output);
    }

    /// <summary>Waits for a status.</summary>
    public DaemonStatus WaitFor(string expected, Func<DaemonStatus, bool> condition) => Eventually.Get(
        $"{_namespace}: {expected}", TryStatus,
        status => status != null && condition(status) || (!Running && Fail($"it has ended; log:\n{LogText}")))!;

    /// <summary>Waits until it is active and everything that it owns, in the end, is operational.</summary>
    public DaemonStatus WaitUntilServing(params ulong[] alivePeers) => WaitFor(
        $"active next to {string.Join(',', alivePeers)}",
        status => status.State == "active"
            && status.Peers.Where(peer => peer.Alive).Select(peer => peer.Uid).SequenceEqual(alivePeers.Order())
            && status.ServesItsShare);

    /// <summary>Waits for a line in its log.</summary>
    /// <param name="part">A part of the line.</param>
    /// <param name="count">How many such lines.</param>
    public LogLine WaitForLog(string part, int count = 1) => Eventually.Get(
        $"{_namespace}: '{part}' in the log", () => new Found(this, FindLog(part)), found => found.Lines.Count >= count)
        .Lines[count - 1];

    /// <summary>The lines of its log that have a part.</summary>
    public IReadOnlyList<LogLine> FindLog(string part) =>
        [.. Log.Where(line => line.Text.Contains(part, StringComparison.Ordinal))];

    /// <summary>Where the kernel shows each of its threads.</summary>
    public string[] Tasks() => Directory.GetDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/task"));

    /// <summary>The id of one of its threads.</summary>
    public string FindThread(string name) => Tasks()
        .Single(task => File.ReadAllText(Path.Combine(task, "comm")).Trim() == name)
        .Split('/')[^1];

    /// <summary>How much memory is resident, in kilobytes.</summary>
    public int ResidentKb() => int.Parse(
        File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/status"))
            .Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        CultureInfo.InvariantCulture);

    /// <summary>Sends it a signal.</summary>
    public void Signal(int signal) => Assert.Equal(0, Linux.Kill(Id, signal));

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public int WaitForExit()
    {
        Assert.True(_process.WaitForExit(Eventually.Timeout), $"{_namespace}: the daemon does not end; log:\n{LogText}");
        _reader.Join();
        return _process.ExitCode;
    }

    /// <summary>Asks it to end and waits for its exit code.</summary>
    public int Terminate()
    {
        Signal(Linux.SigTerm);
        return WaitForExit();
    }

    /// <summary>Kills it: no chance to let go of anything.</summary>
    public void Kill()
    {
        Signal(Linux.SigKill);
        WaitForExit();
    }

    public void Dispose()
    {
        if (Running)
        {
            _ = Linux.Kill(Id, Linux.SigKill);
        }

        _process.WaitForExit();
        _reader.Join();
        _process.Dispose();
    }

    private static bool Fail(string message)
    {
        Assert.Fail(message);
        return false;
    }

    private void ReadLog()
    {
        StreamReader errors = _process.StandardError;
        while (errors.ReadLine() is { } line)
        {
            lock (_log)
            {
                _log.Add(new LogLine(DateTime.UtcNow, line));
            }
        }
    }

    private sealed record Found(Daemon Daemon, IReadOnlyList<LogLine> Lines)
    {
        public override string ToString() => $"log:\n{Daemon.LogText}";
    }
}
