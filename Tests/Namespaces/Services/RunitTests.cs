using System.IO;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>The daemon under runit's runsv, with the scripts that are installed.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class RunitTests(ITestOutputHelper output)
{
    [NamespaceFact("runsv", "sv", "svlogd")]
    public void Runsv_runs_the_daemon_and_fences_after_every_end()
    {
        using var bed = new ServiceBed(output);
        string[] scripts = ["run", "finish", "check", "log/run"];
        foreach (string script in scripts)
        {
            bed.CopyScript($"runit/{script}", $"sv/{script}", ("/usr/lib/wmgwd2/", $"{ServiceBed.Scripts}/"));
        }

        string log = Path.Combine(bed.Folder, "log");
        bed.WriteScript("sv/conf", $"WMGWD2_BINARY={bed.Shim}\nWMGWD2_CONFIG={bed.Config}\nWMGWD2_FLAGS='--log-level debug'\nWMGWD2_LOG={log}");
        string service = Path.Combine(bed.Folder, "sv");
        Daemon runsv = bed.Start("runsv", service);
        int first = bed.WaitUntilServing();
        Assert.Equal(0, bed.Run("sv", "-w", "10", "start", service).ExitCode);

        ServiceBed.Kill(first);
        int second = bed.WaitUntilServing(other: first);
        Assert.Equal(["run 3", "fence 0", "run 3"], bed.Calls);

        CommandResult stopped = bed.Run("sv", "-w", "15", "stop", service);
        Assert.True(stopped.ExitCode == 0, stopped.ToString());
        Assert.Equal(["run 3", "fence 0", "run 3", "fence 3"], bed.Calls);
        Assert.True(bed.Gateway.AllQuiet());
        Assert.Null(bed.FindDaemon());
        Assert.NotEqual(0, bed.Run("sv", "check", service).Output.Count(letter => letter == '\n'));

        bed.Run("sv", "exit", service);
        runsv.WaitForExit();
        string[] lines = File.ReadAllLines(Path.Combine(log, "current"));
        Assert.Equal(2, lines.Count(line => line.Contains("wmgwd2 0.", System.StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.EndsWith("3 interfaces held down (3 were not), 0 missing", System.StringComparison.Ordinal));
        Assert.NotEqual(first, second);
    }
}
