using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>A gateway that can't serve says nothing and serves nothing, and takes part again when it can.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class TrackTests(ITestOutputHelper output)
{
    [NamespaceFact]
    public void A_tracked_interface_without_a_carrier_is_a_fault_until_it_is_back()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 10));
        Gateway gateway = network[1];
        gateway.IpBatch(["link add uplink up type veth peer name world", "link set world up"]);
        Daemon tracking = gateway.Start(1, "--track-interface", "fabric,uplink");
        Daemon other = network[2].Start(2);
        tracking.WaitUntilServing(2);
        other.WaitUntilServing(1);
        LinkMonitor monitor = gateway.Monitor();

        gateway.Ip("link set world down");
        DaemonStatus status = tracking.WaitFor("a fault", status => status.State == "fault");
        Assert.Equal("tracked interface: uplink has no carrier", status.Fault);
        Assert.True(gateway.AllQuiet());
        other.WaitUntilServing();
        Assert.Empty(other.FindLog("is dead"));
        Assert.Single(other.FindLog("said goodbye"));
        DateTime lost = monitor.Of("uplink").First(change => !change.LowerUp).Time;
        TimeSpan letGo = LastDown(monitor, network.Share(1, 2)) - lost;
        network.Measured($"all let go of {letGo.TotalMilliseconds:0.0} ms after a tracked interface lost its carrier");
        Assert.True(letGo < TimeSpan.FromSeconds(1));

        // It says nothing meanwhile.
        long sent = tracking.Status().Counters["advertisements_sent"];
        Eventually.Always("silent", TimeSpan.FromMilliseconds(500),
            () => tracking.Status().Counters["advertisements_sent"], now => now == sent);

        gateway.Ip("link set world up");
        tracking.WaitUntilServing(2);
        other.WaitUntilServing(1);
        Assert.Equal(network.Share(1, 2), gateway.Served());

        // Gone altogether, twice in short order: it comes back, after a wait.
        gateway.Ip("link del uplink");
        Assert.Equal("tracked interface: uplink is missing", tracking.WaitFor("a fault", status => status.State == "fault").Fault);
        gateway.IpBatch(["link add uplink up type veth peer name world", "link set world up"]);
        tracking.WaitForLog("state listening", 2);
        tracking.WaitUntilServing(2);
    }

    [NamespaceFact]
    public void A_tracked_file_that_says_anything_but_0_is_a_fault_until_it_does_not()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 10));
        string folder = Path.Combine(network.Folder, "health");
        string file = Path.Combine(folder, "gateway");
        Daemon tracking = network[1].Start(1, "--track-file", file);
        Daemon other = network[2].Start(2);

        // Neither the file nor its directory is there.
        tracking.WaitUntilServing(2);
        Directory.CreateDirectory(folder);

        (string Content, string? Fault)[] steps =
        [
            ("bgp session gone\n", "tracked file: 'bgp session gone'"),
            ("0\n", null),
            ("1", "tracked file: '1'"),
            (" 0 ", null),
            ("", "tracked file: it is empty"),
        ];
        foreach ((string content, string? fault) in steps)
        {
            File.WriteAllText(file, content);
            CheckFault(tracking, network[1], fault);
        }

        // Replaced as a whole, as careful scripts do; and removed.
        File.WriteAllText(file + ".new", "0");
        File.Move(file + ".new", file, overwrite: true);
        CheckFault(tracking, network[1], null);
        File.WriteAllText(file, "2");
        CheckFault(tracking, network[1], "tracked file: '2'");
        File.Delete(file);
        CheckFault(tracking, network[1], null);

        // What can't be read says nothing good.
        Directory.CreateDirectory(file);
        DaemonStatus status = tracking.WaitFor("a fault", status => status.State == "fault");
        Assert.StartsWith("tracked file: it can't be read: ", status.Fault);
        Directory.Delete(file);
        CheckFault(tracking, network[1], null);
        tracking.WaitUntilServing(2);
        other.WaitUntilServing(1);
    }

    /// <summary>As root shares them with whatever else runs on a machine, that is nothing unheard of.</summary>
    [NamespaceFact("unshare")]
    public void A_tracked_file_is_followed_without_inotify_too()
    {
        string folder = Directory.CreateTempSubdirectory("wmgwd2-tests-").FullName;
        string file = Path.Combine(folder, "gateway");
        const string Script = """
            echo 0 > /proc/sys/user/max_inotify_instances
            ip link set lo up
            "$1" run --uid 1 --vnis 1 --interval 10ms --broadcast 127.255.255.255 --control-socket "$2/c" --track-file "$3" 2> "$2/log" &
            sleep 1
            echo 'no upstream' > "$3"
            sleep 2
            "$1" status --control-socket "$2/c"
            kill $!
            wait $!
            cat "$2/log"
            """;
        CommandResult result = Command.Run(["unshare", "-U", "-r", "-n", "sh", "-c", Script, "sh", Binary.Path, folder, file]);
        Directory.Delete(folder, recursive: true);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"track-file {file} is read once a second only: inotify_init1: ", result.Output);
        Assert.Contains("fault: tracked file: 'no upstream'", result.Output);
    }

    [NamespaceFact]
    public void What_a_tracked_file_holds_reaches_no_terminal_as_it_is()
    {
        using var network = new TestNetwork(output, 1, 1, 2);
        string file = Path.Combine(network.Folder, "health");
        File.WriteAllText(file, "\e[2J\u009b1m gone\r\ntwice");
        Daemon tracking = network[1].Start(1, "--track-file", file);
        tracking.WaitForLog(@"tracked file: '\x1b[2J\x9b1m gone twice'");
        CheckFault(tracking, network[1], @"tracked file: '\x1b[2J\x9b1m gone twice'");
        Assert.DoesNotContain(tracking.Log, line => line.Text.Contains('\e'));
    }

    [NamespaceFact("prlimit")]
    public void A_process_short_of_descriptors_goes_by_what_the_file_said_last()
    {
        using var network = new TestNetwork(output, 1, 1, 2);
        string file = Path.Combine(network.Folder, "health");
        File.WriteAllText(file, "0");
        Daemon tracking = network[1].Start(1, "--track-file", file);
        tracking.WaitUntilServing();
        Limit(tracking, 3);
        File.WriteAllText(file, "0 ");
        Eventually.Always("serving", TimeSpan.FromSeconds(2.5), () => network[1].Served().Count(), served => served == 2);
        Limit(tracking, 1024);
        tracking.WaitUntilServing();
        Assert.Empty(tracking.FindLog("state fault"));

        // The other way round: a gateway that can't serve doesn't because of that.
        File.WriteAllText(file, "gone");
        CheckFault(tracking, network[1], "tracked file: 'gone'");
        Limit(tracking, 3);
        File.WriteAllText(file, "0");
        Eventually.Always("held down", TimeSpan.FromSeconds(2.5), network[1].AllQuiet, quiet => quiet);
        Limit(tracking, 1024);
        tracking.WaitUntilServing();
    }

    [NamespaceFact("prlimit")]
    public void Of_a_file_that_could_not_be_read_yet_nobody_knows_that_all_is_well()
    {
        using var network = new TestNetwork(output, 1, 1, 2);
        string file = Path.Combine(network.Folder, "health");
        string config = Path.Combine(network.Folder, "config");
        File.WriteAllText(file, "0");
        File.WriteAllText(config, "");
        Daemon tracking = network[1].Start(1, "--config", config);
        tracking.WaitUntilServing();
        File.WriteAllText(config, $"track-file = {file}\n");

        // There is one left: the config can be read, then inotify takes it.
        HashSet<string> used = [.. Directory.GetFileSystemEntries($"/proc/{tracking.Id}/fd").Select(path => Path.GetFileName(path))];
        Limit(tracking, Enumerable.Range(0, 1000).First(number => !used.Contains($"{number}")) + 1);
        tracking.Signal(Linux.SigHup);
        tracking.WaitForLog("state fault: tracked file: it can't be read: Too many open files");
        Limit(tracking, 1024);
        tracking.WaitUntilServing();
    }

    [NamespaceFact("unshare", "nsenter")]
    public void Where_there_is_inotify_again_it_is_made_use_of()
    {
        // In a user's namespace of its own, which has a limit of its own; and so in a network of its own.
        using var network = new TestNetwork(output, 1, 1, 2);
        string file = Path.Combine(network.Folder, "health");
        Daemon tracking = network[1].StartBy(
            ["unshare", "-U", "-r", "-n", "sh", "-c", "echo 0 >/proc/sys/user/max_inotify_instances; ip link set lo up; exec \"$@\"", "sh"],
            [Binary.Path, "run", "--uid", "1", .. network[1].Usual("--broadcast", "127.255.255.255", "--track-file", file)]);
        tracking.WaitFor("active", status => status.State == "active");
        Eventually.Always("deaf", TimeSpan.FromSeconds(2.5), () => Listens(tracking), listens => !listens);
        Assert.Single(tracking.FindLog($"track-file {file} is read once a second only: "));
        Command.Must(["nsenter", "-U", "--preserve-credentials", "-t", $"{tracking.Id}", "sh", "-c", "echo 9 >/proc/sys/user/max_inotify_instances"]);
        Eventually.Holds("inotify", () => Listens(tracking));
        File.WriteAllText(file, "gone");
        tracking.WaitFor("a fault", status => status.Fault == "tracked file: 'gone'");
        Assert.Equal(0, tracking.Terminate());
    }

    private static void Limit(Daemon daemon, int descriptors) =>
        Command.Must(["prlimit", "--pid", $"{daemon.Id}", $"--nofile={descriptors}:"]);

    private static bool Listens(Daemon daemon) => Directory.GetFiles($"/proc/{daemon.Id}/fd")
        .Any(path => new FileInfo(path).LinkTarget?.Contains("inotify", StringComparison.Ordinal) == true);

    private static void CheckFault(Daemon daemon, Gateway gateway, string? fault)
    {
        daemon.WaitFor(fault ?? "no fault", status => status.Fault == fault && status.State == "fault" == (fault != null));
        Assert.True(fault == null || gateway.AllQuiet());
    }

    private static DateTime LastDown(LinkMonitor monitor, IEnumerable<uint> vnis) =>
        vnis.Max(vni => monitor.Of(Gateway.Macvlan(vni)).First(change => !change.LowerUp).Time);
}
