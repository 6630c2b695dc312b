using System;
using System.IO;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>
/// The daemon under OpenRC's supervise-daemon, with the script that is installed. OpenRC is not the init here: it is unpacked into
/// a folder, and mounted over the machine's in a namespace of its own.
/// </summary>
[Collection(NamespaceCollection.Name)]
public sealed class OpenRcTests(ITestOutputHelper output)
{
    [OpenRcFact]
    public void Supervise_daemon_runs_the_daemon_and_there_is_a_fence_after_every_end()
    {
        using var bed = new ServiceBed(output);
        var openRc = new OpenRc(bed);
        Assert.Contains("stopped", openRc.Must(3, "status"));
        openRc.Must(0, "start");
        int first = bed.WaitUntilServing();
        Assert.Contains("started", openRc.Must(0, "status"));
        File.AppendAllText(bed.Config, "log-level = debug\n");
        Assert.Contains("log-level: info -> debug", openRc.Must(0, "reload"));

        ServiceBed.Kill(first);
        bed.WaitUntilServing(other: first);
        Assert.Equal(["run 3", "fence 0", "run 3"], bed.Calls);
        Assert.Contains("started", openRc.Must(0, "status"));

        openRc.Must(0, "stop");
        Assert.Equal(["run 3", "fence 0", "run 3", "fence 3", "fence 3"], bed.Calls);
        Assert.True(bed.Gateway.AllQuiet());
        Assert.Null(bed.FindDaemon());
        Assert.Contains("stopped", openRc.Must(3, "status"));
    }

    [OpenRcFact]
    public void Stop_fences_what_was_killed_together_with_what_fences_after_it()
    {
        using var bed = new ServiceBed(output);
        var openRc = new OpenRc(bed);
        openRc.Must(0, "start");
        int daemon = bed.WaitUntilServing();
        foreach (string process in bed.Processes())
        {
            string words = File.ReadAllText($"/proc/{process}/cmdline");
            if (words.Contains("supervise-daemon", StringComparison.Ordinal) || words.Contains("wmgwd2-fenced", StringComparison.Ordinal))
            {
                ServiceBed.Kill(int.Parse(process, System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        ServiceBed.Kill(daemon);
        Assert.Equal(ServiceBed.Vnis, bed.Gateway.Served().Count());
        openRc.Run("stop");
        Assert.Equal(["run 3", "fence 0"], bed.Calls);
        Assert.True(bed.Gateway.AllQuiet());
    }

    /// <summary>A mount namespace in which OpenRC is installed; a process keeps it, until the bed ends it.</summary>
    private sealed class OpenRc
    {
        private readonly ServiceBed _bed;
        private readonly Daemon _keeper;

        public OpenRc(ServiceBed bed)
        {
            _bed = bed;
            string root = Path.Combine(bed.Folder, "root");
            bed.CopyScript("openrc/wmgwd2", "root/etc/init.d/wmgwd2", ("/usr/lib/wmgwd2/", $"{ServiceBed.Scripts}/"));
            bed.WriteScript("root/etc/conf.d/wmgwd2", $"WMGWD2_BINARY={bed.Shim}\nWMGWD2_CONFIG={bed.Config}");

            // Debian's asks for it.
            bed.WriteScript("root/etc/insserv.conf", "");
            string mounts = bed.WriteScript("mounts", $"""
                #!/bin/sh
                set -eu
                mount -t overlay overlay -o lowerdir='{root}/etc':/etc /etc
                if [ '{OpenRcFactAttribute.Tree}' != / ]; then
                  mount -t overlay overlay -o lowerdir='{OpenRcFactAttribute.Tree}/lib':/usr/lib /usr/lib
                  mount -t overlay overlay -o lowerdir='{OpenRcFactAttribute.Tree}/sbin':/usr/sbin /usr/sbin
                fi
                mount -t tmpfs tmpfs /run
                mkdir /run/openrc
                cd /run/openrc
                mkdir starting started stopping inactive wasinactive hotplugged failed scheduled exclusive daemons options tmp
                : >softlevel
                echo mounted >&2
                exec sleep 1000
                """);
            _keeper = bed.Start("unshare", "--mount", mounts);
            _keeper.WaitForLog("mounted");
        }

        public CommandResult Run(string command) => Command.Run(
        [
            "nsenter", "--target", _keeper.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), "--mount", "--net", "--", "env",
            "--default-signal", "/etc/init.d/wmgwd2", "--nodeps", command,
        ]);

        public string Must(int exit, string command)
        {
            CommandResult result = Run(command);
            Assert.True(result.ExitCode == exit, $"{command}: {result}; calls: {string.Join(", ", _bed.Calls)}");
            return result.Output + result.Errors;
        }
    }

    /// <summary>A test with OpenRC: skipped, with the reason, where that can't be had.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class OpenRcFactAttribute : FactAttribute
    {
        /// <summary>Where OpenRC is unpacked; / where it is installed.</summary>
        public static string Tree { get; } = FindTree();

        /// <inheritdoc/>
        public override string? Skip { get; set; } = Requirements.FindMissing(["openrc-run", "supervise-daemon"]) ?? FindMissingMount();

        private static string FindTree()
        {
            string? folder = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
                .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "openrc-run")));
            return folder is null or "/sbin" or "/usr/sbin" ? "/" : Path.GetDirectoryName(folder)!;
        }

        private static string? FindMissingMount() =>
            Command.Run(["unshare", "--mount", "mount", "-t", "overlay", "overlay", "-o", "lowerdir=/etc:/usr", "/mnt"]) is { ExitCode: not 0 } refused
                ? $"no overlay can be mounted here: {refused.Errors.Trim()}"
                : null;
    }
}
