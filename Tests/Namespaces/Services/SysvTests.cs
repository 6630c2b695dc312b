using System.IO;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>The init script in the manner of System V, as an init and an administrator call it.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class SysvTests(ITestOutputHelper output)
{
    [NamespaceFact]
    public void Script_starts_the_daemon_and_there_is_a_fence_after_every_end()
    {
        using var bed = new ServiceBed(output);
        string script = Prepare(bed);
        Assert.Equal(3, bed.Run(script, "status").ExitCode);
        Assert.Equal(7, bed.Run(script, "reload").ExitCode);
        Must(bed, script, "start", "is started");
        int first = bed.WaitUntilServing();
        Must(bed, script, "status", "active for");
        Must(bed, script, "start", "runs already");
        File.AppendAllText(bed.Config, "log-level = debug\n");
        Must(bed, script, "reload", "log-level: info -> debug");

        // It is started again by itself.
        ServiceBed.Kill(first);
        int second = bed.WaitUntilServing(other: first);
        Assert.Equal(["run 3", "fence 0", "run 3"], bed.Calls);

        Must(bed, script, "restart", "is started");
        bed.WaitUntilServing(other: second);
        Assert.Equal(["run 3", "fence 0", "run 3", "fence 3", "fence 3", "run 3"], bed.Calls);

        Must(bed, script, "stop", "is stopped");
        Assert.Equal(["fence 3", "fence 3"], bed.Calls.Skip(6));
        Assert.True(bed.Gateway.AllQuiet());
        Assert.Null(bed.FindDaemon());
        Assert.Equal(3, bed.Run(script, "status").ExitCode);
        Must(bed, script, "stop", "is stopped");
        Assert.Equal(0, bed.Run(script, "try-restart").ExitCode);
        Assert.Equal(9, bed.Calls.Count);
    }

    [NamespaceFact]
    public void Stop_fences_what_was_killed_together_with_what_fences_after_it()
    {
        using var bed = new ServiceBed(output);
        string script = Prepare(bed);
        Must(bed, script, "start", "is started");
        int daemon = bed.WaitUntilServing();
        string pidFile = Path.Combine(bed.Folder, "pid");
        ServiceBed.Kill(int.Parse(File.ReadAllText(pidFile), System.Globalization.CultureInfo.InvariantCulture));
        ServiceBed.Kill(daemon);
        CommandResult status = bed.Run(script, "status");
        Assert.Equal(1, status.ExitCode);
        Assert.Contains("it was killed", status.Output);
        Assert.Equal(ServiceBed.Vnis, bed.Gateway.Served().Count());

        Must(bed, script, "stop", "is stopped");
        Assert.Equal(["run 3", "fence 0"], bed.Calls);
        Assert.True(bed.Gateway.AllQuiet());
        Assert.False(File.Exists(pidFile));
    }

    [NamespaceFact]
    public void What_can_not_start_says_so()
    {
        using var bed = new ServiceBed(output);
        string script = Prepare(bed);
        File.AppendAllText(bed.Config, "interval = soon\n");
        CommandResult refused = bed.Run(script, "start");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("wmgwd2 doesn't start: see the log", refused.Errors);

        File.Delete(bed.Config);
        CommandResult without = bed.Run(script, "start");
        Assert.Equal(6, without.ExitCode);
        Assert.Contains($"{bed.Config} is missing", without.Errors);

        File.Delete(bed.Shim);
        Assert.Equal(5, bed.Run(script, "start").ExitCode);
        CommandResult unknown = bed.Run(script, "begin");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("Usage: ", unknown.Errors);
    }

    private static string Prepare(ServiceBed bed)
    {
        string defaults = bed.WriteScript("defaults", $"""
            WMGWD2_BINARY={bed.Shim}
            WMGWD2_FENCED={ServiceBed.Scripts}/wmgwd2-fenced
            WMGWD2_CONFIG={bed.Config}
            WMGWD2_PIDFILE={bed.Folder}/pid
            """);
        return bed.CopyScript("sysv/wmgwd2", "init", ("/etc/default/wmgwd2", defaults));
    }

    private static void Must(ServiceBed bed, string script, string command, string said)
    {
        CommandResult result = bed.Run(script, command);
        Assert.True(result.ExitCode == 0 && result.Output.Contains(said, System.StringComparison.Ordinal),
            $"{command}: {result}; calls: {string.Join(", ", bed.Calls)}");
    }
}
