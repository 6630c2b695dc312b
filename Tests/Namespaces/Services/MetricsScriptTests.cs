using System;
using System.IO;
using System.Linq;
using Xunit;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>The script that writes metrics for Prometheus' textfile collector.</summary>
public sealed class MetricsScriptTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wmgwd2-test-").FullName;

    private string Metrics => Path.Combine(_folder, "metrics");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void File_is_replaced_by_a_whole_one_and_removed_when_no_daemon_answers()
    {
        Directory.CreateDirectory(Metrics);
        Assert.Equal(0, Run("echo \"wmgwd2 $*\"; ls -A METRICS >>FOLDER/seen", Metrics, "--config", "/c").ExitCode);
        Assert.Equal("wmgwd2 status --prometheus --config /c\n", File.ReadAllText(Path.Combine(Metrics, "wmgwd2.prom")));

        // What is being written has no name that the collector reads.
        Assert.StartsWith(".wmgwd2.prom.", File.ReadAllText(Path.Combine(_folder, "seen")));
        Assert.Equal(["wmgwd2.prom"], Directory.GetFileSystemEntries(Metrics).Select(path => Path.GetFileName(path)));
        Assert.True(File.GetUnixFileMode(Path.Combine(Metrics, "wmgwd2.prom")).HasFlag(UnixFileMode.OtherRead));

        CommandResult gone = Run("echo half; echo 'no daemon answers' >&2; exit 1", Metrics);
        Assert.Equal(1, gone.ExitCode);
        Assert.Contains("no daemon answers", gone.Errors);
        Assert.Empty(Directory.GetFileSystemEntries(Metrics));
    }

    [Fact]
    public void Usage_is_told()
    {
        CommandResult missing = Run("exit 0", Metrics);
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains($"{Metrics}: is no directory", missing.Errors);
        Assert.Equal(2, Run("exit 0").ExitCode);
        Assert.Equal(2, Run("exit 0", "--config").ExitCode);
        Assert.Contains("Usage: wmgwd2-metrics", Run("exit 0", "--help").Output);
    }

    private CommandResult Run(string binary, params string[] words)
    {
        string path = Path.Combine(_folder, "wmgwd2");
        File.WriteAllText(path, $"#!/bin/sh\n{binary}\n"
            .Replace("FOLDER", _folder, StringComparison.Ordinal)
            .Replace("METRICS", Metrics, StringComparison.Ordinal));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return Command.Run(["env", $"WMGWD2_BINARY={path}", Path.Combine(ServiceBed.Scripts, "wmgwd2-metrics"), .. words]);
    }
}
