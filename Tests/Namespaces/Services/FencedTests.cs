using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>The script for supervisors without a stop hook: after every end of the daemon there is a fence.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class FencedTests(ITestOutputHelper output)
{
    private static string Script => Path.Combine(ServiceBed.Scripts, "wmgwd2-fenced");

    [NamespaceFact]
    public void Daemon_that_was_told_to_end_is_followed_by_a_fence()
    {
        using var bed = new ServiceBed(output);
        Daemon script = bed.Start(Script, bed.Shim, "--config", bed.Config);
        bed.WaitUntilServing();
        Assert.Equal(0, script.Terminate());
        Assert.Equal(["run 3", "fence 3"], bed.Calls);
        Assert.True(bed.Gateway.AllQuiet());
    }

    [NamespaceFact]
    public void Daemon_that_was_killed_is_followed_by_a_fence_and_its_status_is_told()
    {
        using var bed = new ServiceBed(output);
        Daemon script = bed.Start(Script, bed.Shim, "--config", bed.Config);
        ServiceBed.Kill(bed.WaitUntilServing());
        Assert.Equal(128 + Linux.SigKill, script.WaitForExit());
        Assert.Equal(["run 3", "fence 0"], bed.Calls);
        Assert.True(bed.Gateway.AllQuiet());
    }

    [NamespaceFact]
    public void Wrong_usage_is_not_tried_again()
    {
        using var bed = new ServiceBed(output);
        CommandResult result = bed.Run(Script, "--restart", "0", bed.Shim, "--config", bed.Config, "--interval", "soon");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("'soon' is not a time", result.Errors);
        Assert.Equal(["run 3", "fence 3", "fence 3"], bed.Calls);
    }

    [NamespaceFact]
    public void Mistake_in_the_config_since_the_start_does_not_keep_the_fence_from_its_work()
    {
        using var bed = new ServiceBed(output);
        Daemon script = bed.Start(Script, "--restart", "0", bed.Shim, "--config", bed.Config);
        int daemon = bed.WaitUntilServing();
        File.AppendAllText(bed.Config, "log-level = loud\n");
        ServiceBed.Kill(daemon);

        // Started again, to no avail.
        Assert.Equal(2, script.WaitForExit());
        Assert.Equal(["run 3", "fence 0", "run 3", "fence 3"], bed.Calls);
        Assert.True(bed.Gateway.AllQuiet());
        Assert.Contains("the config is wrong: holding down what the daemon had when it read it", script.LogText);

        // Without its note, whatever is called as by default.
        File.Delete($"{bed.Gateway.ControlSocket}.started");
        CommandResult all = bed.Run(Script, "--fence", bed.Shim, "--config", bed.Config);
        Assert.Equal(0, all.ExitCode);
        Assert.Contains("the config can't be read: holding down vrrp4-* of every VNI", all.Errors);
        Assert.StartsWith("3 interfaces held down (0 were not), 16777212 missing", all.Output);
    }

    /// <summary>What the daemon would do with a signal is told elsewhere; here it is whether it gets it.</summary>
    [NamespaceFact]
    public void Signals_are_passed_on()
    {
        using var bed = new ServiceBed(output);
        string heard = Path.Combine(bed.Folder, "heard");
        string fake = bed.WriteScript("fake", $"""
            #!/bin/sh
            echo "$1" >>'{heard}'
            [ "$1" = run ] || exit 0
            trap 'echo HUP >>"{heard}"' HUP
            trap 'echo TERM >>"{heard}"; exit 3' TERM
            echo ready >>'{heard}'
            while :; do sleep 0.05; done
            """);
        Daemon script = bed.Start(Script, "--restart", "1", "--pidfile", Path.Combine(bed.Folder, "pid"), fake);
        Wait(heard, "run\nready\n");
        Assert.Equal($"{script.Id}\n", File.ReadAllText(Path.Combine(bed.Folder, "pid")));

        // The first may come before the script knows its child: one that has just started has just read its config.
        Eventually.Holds("HUP", () =>
        {
            script.Signal(Linux.SigHup);
            return File.ReadAllLines(heard).Contains("HUP");
        });
        script.Signal(Linux.SigTerm);
        Assert.Equal(3, script.WaitForExit());
        Assert.Equal(["run", "ready", "HUP", "TERM", "fence"], File.ReadAllLines(heard).Distinct());
        Assert.False(File.Exists(Path.Combine(bed.Folder, "pid")));
    }

    [NamespaceFact]
    public void Pause_before_a_restart_ends_when_it_is_told_to_end()
    {
        using var bed = new ServiceBed(output);
        Daemon script = bed.Start(Script, "--restart", "600", bed.WriteScript("fake", "#!/bin/sh\nexit 7"));
        script.WaitForLog("ended with status 7; starting again in 600 s");
        var watch = Stopwatch.StartNew();
        Assert.Equal(7, script.Terminate());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData(0, "Usage: wmgwd2-fenced", "--help")]
    [InlineData(2, "which binary?")]
    [InlineData(2, "unknown flag '--config'", "--config", "x")]
    [InlineData(2, "--restart needs a value", "--restart")]
    [InlineData(2, "--restart 'soon' is not a number of seconds", "--restart", "soon", "true")]
    public void Usage_is_told(int exit, string message, params string[] words)
    {
        CommandResult result = Command.Run([Script, .. words]);
        Assert.Equal(exit, result.ExitCode);
        Assert.Contains(message, exit == 0 ? result.Output : result.Errors);
    }

    private static void Wait(string file, string content) => Eventually.Get(
        content, () => File.Exists(file) ? File.ReadAllText(file) : "", seen => seen == content);
}
