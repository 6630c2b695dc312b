using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Wmgwd2.Tests.Namespaces;

namespace Wmgwd2.Benchmarks;

/// <summary>A program that runs in a gateway's namespace. What it writes goes to a file: it never waits for a reader.</summary>
internal sealed class GatewayProcess : IDisposable
{
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly string _logFile;

    /// <summary>Starts it.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="gateway">Which gateway.</param>
    /// <param name="words">The program and its arguments.</param>
    public GatewayProcess(Lab lab, int gateway, IReadOnlyList<string> words)
    {
        _logFile = Path.Combine(lab.Folder, $"gw{gateway}-{Path.GetFileName(words[0])}.log");
        string[] line =
        [
            .. NetworkNamespace.Within(lab.NamespaceOf(gateway)),
            "sh", "-c", "log=$1; shift; exec \"$@\" </dev/null >>\"$log\" 2>&1", "sh", _logFile, .. words,
        ];
        _process = new Process { StartInfo = new ProcessStartInfo(line[0], line[1..]) };
        _process.Start();
    }

    /// <summary>Its process id, from the start: everything before the program itself ends in an exec.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it runs.</summary>
    public bool Running => !_process.HasExited;

    /// <summary>What it has cost so far, with all that descends from it.</summary>
    public ProcessCost Cost => ProcessCost.Of(Id);

    /// <summary>The last lines of its log.</summary>
    public string LogTail => File.Exists(_logFile) ? string.Join('\n', File.ReadLines(_logFile).TakeLast(20)) : "";

    /// <summary>A program that has ended by itself costs nothing and does nothing, and must not be measured.</summary>
    public void ThrowIfEnded()
    {
        if (!Running)
        {
            throw new InvalidOperationException($"it has ended with {_process.ExitCode}; log:\n{LogTail}");
        }
    }

    /// <summary>Kills it and all that descends from it, at one moment: nobody of them gets to do anything more.</summary>
    /// <remarks>
    /// Children first: a child may have asked to be told of its parent's end, and would leave in order then, as keepalived's
    /// does.
    /// </remarks>
    /// <returns>The moment at which it was killed, by <see cref="WallClock"/>.</returns>
    public long Kill()
    {
        IReadOnlyList<int> ids = ProcessTree.Of(Id);
        long moment = WallClock.NowNs;
        foreach (int id in ids)
        {
            _ = Linux.Kill(id, Linux.SigKill);
        }

        _process.WaitForExit(KillLimit);
        if (!Patience.WaitFor(() => !ids.Any(ProcessTree.Runs), KillLimit))
        {
            throw new TimeoutException($"killed, but still there: {string.Join(' ', ids.Where(ProcessTree.Runs))}");
        }

        return moment;
    }

    /// <summary>Asks it to end; kills it when it doesn't.</summary>
    /// <param name="limit">How long it may take.</param>
    /// <returns>Whether it ended by itself.</returns>
    public bool Stop(TimeSpan limit)
    {
        if (!Running)
        {
            return true;
        }

        _ = Linux.Kill(Id, Linux.SigTerm);
        if (_process.WaitForExit(limit))
        {
            return true;
        }

        Kill();
        return false;
    }

    public void Dispose()
    {
        if (Running)
        {
            Kill();
        }

        _process.Dispose();
    }
}
