using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>
/// What a gateway waits for and can't have: the kernel's rtnl lock, a processor. Nobody may take a live gateway for dead, and
/// one that can't serve must say so by its silence.
/// </summary>
[Collection(NamespaceCollection.Name)]
public sealed class StarvationTests(ITestOutputHelper output)
{
    [NamespaceFact("strace")]
    public void A_gateway_whose_kernel_does_not_answer_falls_silent_and_recovers()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 10));
        Daemon stuck = network[1].Start(1, "--stuck-after", "500ms");
        Daemon other = network[2].Start(2);
        stuck.WaitUntilServing(2);
        other.WaitUntilServing(1);
        uint foreign = network.Share(2, 1).First();

        // The next request to the kernel takes 3 s: holding down again what somebody brought up.
        Task<CommandResult> tracer = Command.RunBeside(
        [
            "timeout", "6", "strace", "-e", "trace=sendto", "-e", "inject=sendto:delay_enter=3s:when=1",
            "-p", stuck.FindThread("kernel"),
        ]);
        Eventually.Holds("traced", () => IsTraced(stuck.FindThread("kernel")));
        network[1].Ip($"link set {Gateway.Macvlan(foreign)} protodown off");
        DateTime began = DateTime.UtcNow;

        DaemonStatus status = stuck.WaitFor("a fault", status => status.State == "fault");
        Assert.Equal("the kernel doesn't answer", status.Fault);
        network.Measured($"fault {(DateTime.UtcNow - began).TotalMilliseconds:0} ms after the kernel was asked; stuck-after is 500 ms");
        other.WaitUntilServing();

        // It can't let go meanwhile, and is silent; it lets go as soon as it can, and takes part again.
        long sent = stuck.Status().Counters["advertisements_sent"];
        Eventually.Get("an end of the fault", stuck.Status, now =>
        {
            Assert.True(now.State != "fault" || now.Counters["advertisements_sent"] == sent, "it is not silent");
            return now.State != "fault";
        });
        stuck.WaitForLog($"took over 0 VNIs, let go of {network.Share(1, 2).Count()}");
        tracer.GetAwaiter().GetResult();
        stuck.WaitUntilServing(2);
        other.WaitUntilServing(1);
    }

    [NamespaceFact]
    public void Rtnl_held_by_somebody_else_makes_nobody_dead()
    {
        using var network = new TestNetwork(output, 3, TestNetwork.Range(1, 10));
        Daemon[] daemons = [.. new[] { 1, 2, 3 }.Select(number => network[number].Start((ulong)number, "--interval", "50ms"))];
        daemons[0].WaitUntilServing(2, 3);
        daemons[1].WaitUntilServing(1, 3);
        daemons[2].WaitUntilServing(1, 2);

        string crowd = $"{network.Fabric}crowd";
        NetworkNamespace.Add([crowd]);
        NetworkNamespace.IpBatch(crowd, Enumerable.Range(0, 1500).Select(i => $"link add a{i} type veth peer name b{i}"));
        var watch = Stopwatch.StartNew();
        NetworkNamespace.RemoveAll(crowd);

        // While it goes on each has something to ask of the kernel, which has to wait.
        var waited = new List<double>();
        while (watch.Elapsed < TimeSpan.FromSeconds(5))
        {
            TimeSpan before = watch.Elapsed;
            network[1].Ip($"link set {Gateway.Macvlan(network.Share(2, 1, 3).First())} protodown off");
            waited.Add((watch.Elapsed - before).TotalMilliseconds);
        }

        network.Measured($"while 1,500 veth pairs were deleted one change of a link took up to {waited.Max():0} ms");
        CheckNobodyExpired(daemons);
    }

    [NamespaceFact("chrt")]
    public void With_realtime_priority_a_busy_machine_makes_nobody_dead()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 10));
        string[] flags = ["--interval", "50ms", "--realtime-priority", "20"];
        Daemon[] daemons = [network[1].Start(1, flags), network[2].Start(2, flags)];
        daemons[0].WaitUntilServing(2);
        daemons[1].WaitUntilServing(1);

        int seconds = int.Parse(
            Environment.GetEnvironmentVariable("WMGWD2_STARVATION_SECONDS") ?? "5", CultureInfo.InvariantCulture);
        Process[] loops =
        [
            .. Enumerable.Range(0, 8).Select(_ => Process.Start("sh", ["-c", "while :; do :; done"])),
        ];
        try
        {
            System.Threading.Thread.Sleep(TimeSpan.FromSeconds(seconds));
        }
        finally
        {
            foreach (Process loop in loops)
            {
                loop.Kill();
                loop.WaitForExit();
                loop.Dispose();
            }
        }

        CheckNobodyExpired(daemons);
        network.Measured($"eight busy loops for {seconds} s on {Environment.ProcessorCount} processors, 50 ms interval: nobody taken for dead");
    }

    private static bool IsTraced(string thread) => System.IO.File.ReadAllLines($"/proc/{thread}/status")
        .Any(line => line.StartsWith("TracerPid:", StringComparison.Ordinal) && !line.EndsWith("\t0", StringComparison.Ordinal));

    private static void CheckNobodyExpired(Daemon[] daemons) => Assert.All(daemons, daemon =>
    {
        Assert.Empty(daemon.FindLog("is dead"));
        Assert.Empty(daemon.FindLog("stood still"));
        Assert.Equal("active", daemon.Status().State);
        Assert.Equal(0, daemon.Status().Counters["peers_expired"]);
    });
}
