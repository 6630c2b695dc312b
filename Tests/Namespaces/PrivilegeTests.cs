using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>What the process may do, each of its threads, as the kernel shows it.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class PrivilegeTests(ITestOutputHelper output)
{
    // linux/capability.h.
    private const ulong NetAdmin = 1 << 12;
    private const ulong NetRaw = 1 << 13;
    private const ulong IpcLock = 1 << 14;
    private const ulong SysNice = 1 << 23;

    [NamespaceTheory]
    [InlineData(NetAdmin | NetRaw | IpcLock, 0u)]
    [InlineData(NetAdmin | NetRaw, 0u, "--lock-memory", "off")]
    [InlineData(NetAdmin | NetRaw | SysNice, 0u, "--lock-memory", "off", "--realtime-priority", "10")]
    [InlineData(NetAdmin | NetRaw, 65534u, "--lock-memory", "off", "--user", "nobody")]
    public void No_thread_keeps_more_than_the_daemon_needs(ulong kept, uint user, params string[] flags)
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        Daemon daemon = network[1].Start(1, [.. flags, "--track-file", "/run/nobody-writes-this"]);
        daemon.WaitUntilServing();

        Thread[] threads = [.. Threads(daemon)];
        output.WriteLine(string.Join('\n', threads.Select(thread => thread.ToString())));
        Assert.Superset(new HashSet<string> { "kernel", "cluster", "file" }, threads.Select(thread => thread.Name).ToHashSet());
        Assert.All(threads, thread =>
        {
            Assert.Equal(0ul, thread.Permitted & ~kept);
            Assert.Equal(thread.Permitted, thread.Effective);
            Assert.True(thread.NoNewPrivileges);
            Assert.Equal(user, thread.User);
        });
        Assert.Equal(kept & ~IpcLock, threads.Single(thread => thread.Name == "kernel").Effective & ~IpcLock);
        Assert.Equal(0, daemon.Terminate());
        Assert.True(network[1].AllQuiet());
    }

    [NamespaceFact("chrt")]
    public void Realtime_priority_is_the_cluster_threads_alone()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        Daemon daemon = network[1].Start(1, "--realtime-priority", "10");
        daemon.WaitUntilServing();
        foreach (Thread thread in Threads(daemon))
        {
            string policy = Command.Must(["chrt", "-p", thread.Id]);
            Assert.Contains(thread.Name == "cluster" ? "SCHED_FIFO" : "SCHED_OTHER", policy);
        }
    }

    [NamespaceTheory("setpriv")]
    [InlineData("-net_raw", "CAP_NET_RAW missing")]
    [InlineData("-net_admin,-net_raw", "CAP_NET_ADMIN, CAP_NET_RAW missing")]
    [InlineData("-sys_nice", "CAP_SYS_NICE missing", "--realtime-priority", "10")]
    [InlineData("-setuid", "CAP_SETUID missing", "--user", "nobody")]
    public void A_missing_capability_is_named(string without, string message, params string[] flags)
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 2));
        Gateway gateway = network[1];
        gateway.Ip("link set vrrp4-1 protodown off");
        string[] words = [Binary.Path, "run", "--uid", "1", .. gateway.Usual(flags)];
        Daemon daemon = gateway.StartBy(["setpriv", $"--bounding-set={without}"], words);
        Assert.Equal(1, daemon.WaitForExit());
        Assert.Contains(message, Assert.Single(daemon.Log).Text);

        // Nothing was touched.
        Assert.Equal([1u], gateway.Served());
    }

    [NamespaceFact]
    public void An_unknown_user_is_named()
    {
        CommandResult result = Binary.Run("run", "--uid", "1", "--user", "nobody-knows");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("'nobody-knows' is not in /etc/passwd", result.Errors);
    }

    [NamespaceFact]
    public void A_user_can_be_followed_by_root_at_the_same_control_socket()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 2));
        Daemon first = network[1].Start(1, "--user", "nobody");
        first.WaitUntilServing();
        Assert.Equal(0, first.Terminate());

        // It may not remove the socket; the next one replaces it.
        Assert.True(File.Exists(network[1].ControlSocket));
        network[1].Start(1).WaitUntilServing();
    }

    private static IEnumerable<Thread> Threads(Daemon daemon) => daemon.Tasks().Select(Thread.Read);

    private sealed record Thread(
        string Id, string Name, uint User, ulong Permitted, ulong Effective, bool NoNewPrivileges)
    {
        public static Thread Read(string task)
        {
            Dictionary<string, string> status = File.ReadAllLines(Path.Combine(task, "status"))
                .Select(line => line.Split(':', 2))
                .ToDictionary(fields => fields[0], fields => fields[1].Trim());
            return new Thread(
                task.Split('/')[^1],
                status["Name"],
                uint.Parse(status["Uid"].Split('\t')[1], CultureInfo.InvariantCulture),
                Convert.ToUInt64(status["CapPrm"], 16),
                Convert.ToUInt64(status["CapEff"], 16),
                status["NoNewPrivs"] == "1");
        }
    }
}
