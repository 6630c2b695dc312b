using System;
using System.IO;
using System.Linq;
using Xunit;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>The scripts with the shell and the commands of a small router, and nothing else: BusyBox.</summary>
public sealed class BusyboxTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wmgwd2-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ToolTheory("busybox")]
    [InlineData("procd", "/usr")]
    [InlineData("sysv", "/usr/local")]
    public void Install_and_uninstall_need_nothing_more(string service, string prefix)
    {
        string script = Path.Combine(Binary.RepositoryRoot, "scripts", "install.sh");
        string root = Path.Combine(_folder, "root");
        for (int i = 0; i < 2; i++)
        {
            CommandResult installed = Run(script, "--service", service, "--destdir", root, "--binary", Binary.Path);
            Assert.True(installed is { ExitCode: 0, Errors: "" }, installed.ToString());
        }

        Assert.True(File.Exists($"{root}{prefix}/sbin/wmgwd2"));
        Assert.True(File.Exists($"{root}/etc/init.d/wmgwd2"));
        CommandResult removed = Run(script, "--uninstall", "--prefix", prefix, "--destdir", root);
        Assert.True(removed is { ExitCode: 0, Errors: "" }, removed.ToString());
        Assert.Equal([$"{root}/etc/wmgwd2/wmgwd2.conf"], Directory.GetFiles(root, "*", SearchOption.AllDirectories));
    }

    [ToolTheory("busybox")]
    [InlineData(0, "run\nfence\n")]
    [InlineData(2, "run\nfence\n")]
    [InlineData(7, "run\nfence\nrun\nfence\n")]
    public void Daemon_that_ends_is_fenced_and_started_again_unless_its_usage_is_wrong(int exit, string called)
    {
        // What stands for the daemon has the script told to end: at once with 0, else the second time.
        string calls = Path.Combine(_folder, "calls");
        string fake = Path.Combine(_folder, "fake");
        File.WriteAllText(fake, $"""
            #!/bin/sh
            echo "$1" >>{calls}
            [ "$1" = run ] || exit 0
            [ {exit} != 0 ] || kill -s TERM $PPID
            [ "$(grep -c run {calls})" = 1 ] || kill -s TERM $PPID
            sleep 0.2
            exit {exit}

            """);
        File.SetUnixFileMode(fake, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        CommandResult result = Run(Path.Combine(ServiceBed.Scripts, "wmgwd2-fenced"), "--restart", "0", fake);
        Assert.True(result.ExitCode is var ended && (ended == exit || ended == 128 + Linux.SigTerm), result.ToString());
        Assert.Equal(called, File.ReadAllText(calls));
    }

    private CommandResult Run(params string[] words)
    {
        string busybox = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Select(folder => Path.Combine(folder, "busybox")).First(File.Exists);
        string applets = Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName;
        if (!File.Exists($"{applets}/sh"))
        {
            Command.Must([busybox, "--install", "-s", applets]);
        }

        return Command.Run(["env", "-i", $"PATH={applets}", busybox, "sh", .. words]);
    }
}
