using System;
using System.IO;
using Xunit;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>The script for OpenWrt's procd, which there is no package of: what it asks of procd's functions.</summary>
public sealed class ProcdTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wmgwd2-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Procd_is_asked_to_run_the_daemon_with_a_fence_after_it() => Assert.Equal(
        """
        96 04 1
        procd_open_instance
        procd_set_param command /usr/lib/wmgwd2/wmgwd2-fenced FOLDER/wmgwd2 --config /etc/wmgwd2/wmgwd2.conf --log-level debug
        procd_set_param respawn 3600 1 0
        procd_set_param term_timeout 60
        procd_set_param file /etc/wmgwd2/wmgwd2.conf
        procd_set_param reload_signal HUP
        procd_set_param limits memlock=unlimited unlimited
        procd_set_param stdout 1
        procd_set_param stderr 1
        procd_set_param pidfile FOLDER/pid
        procd_close_instance

        """,
        Run("echo $START $STOP $USE_PROCD; start_service"));

    [Fact]
    public void Stop_waits_for_the_end_and_fences()
    {
        const string Fence = "wmgwd2 fence --config /etc/wmgwd2/wmgwd2.conf --log-level debug\n";
        Assert.Equal(Fence + "ended\n", Run(
            "sleep 1 & echo $! >\"$PIDFILE\"; service_stopped; kill -0 $! 2>/dev/null && echo runs || echo ended"));
        Assert.Equal(Fence, Run("service_stopped"));
        Assert.Equal(Fence, Run("fence"));
    }

    /// <summary>Does something as rc.common would, which reads the script and then calls its functions.</summary>
    private string Run(string commands)
    {
        string script = File.ReadAllText(Path.Combine(ServiceBed.Scripts, "procd", "wmgwd2"))
            .Replace("/etc/default/wmgwd2", $"{_folder}/default", StringComparison.Ordinal)
            .Replace("/usr/lib/wmgwd2/wmgwd2-fenced --fence", $"{ServiceBed.Scripts}/wmgwd2-fenced --fence", StringComparison.Ordinal)
            .Replace("/var/run/wmgwd2.pid", $"{_folder}/pid", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder, "script"), script);
        File.WriteAllText(Path.Combine(_folder, "default"), $"WMGWD2_BINARY={_folder}/wmgwd2\nWMGWD2_FLAGS='--log-level debug'\n");
        File.WriteAllText(Path.Combine(_folder, "wmgwd2"), "#!/bin/sh\necho wmgwd2 \"$@\"\n");
        File.SetUnixFileMode(Path.Combine(_folder, "wmgwd2"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        CommandResult result = Command.Run(["sh"], $$"""
            procd_open_instance() { echo procd_open_instance "$@"; }
            procd_set_param() { echo procd_set_param "$@"; }
            procd_close_instance() { echo procd_close_instance "$@"; }
            . {{_folder}}/script
            {{commands}}
            """);
        Assert.Equal("", result.Errors);
        return result.Output.Replace(_folder, "FOLDER", StringComparison.Ordinal);
    }
}
