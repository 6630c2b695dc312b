using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>
/// A gateway with 1,000 VNIs. Their macvlans all stand on one veth, for that is soon made and removed; nothing here depends on
/// times. scripts/bench.sh has whole chains, and measures.
/// </summary>
[Collection(NamespaceCollection.Name)]
public sealed class ScaleTests(ITestOutputHelper output)
{
    private const int Vnis = 1000;

    [NamespaceFact("strace")]
    public void Take_over_of_a_thousand_takes_a_few_system_calls_each()
    {
        using var network = new TestNetwork(output, 1);
        Daemon daemon = Start(network, "1s");
        daemon.WaitFor("listening", status => status.State == "listening");
        string counts = Path.Combine(network.Folder, "calls");
        Task<CommandResult> tracing = Command.RunBeside(
            ["timeout", "--signal=INT", "9", "strace", "-c", "-o", counts, "-p", daemon.FindThread("kernel")]);
        Assert.Equal(Vnis, daemon.WaitUntilServing().Owned.Count());
        tracing.GetAwaiter().GetResult();

        // "100.00    1.012756          95     10553       405 total"
        string total = File.ReadLines(counts).Single(line => line.EndsWith(" total", StringComparison.Ordinal));
        int calls = int.Parse(total.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], CultureInfo.InvariantCulture);
        network.Measured($"{calls} system calls of the kernel thread, from before the take-over of {Vnis} VNIs to all their repeats");

        // For each: the answer to the request, some notifications, and parts of batches of requests, frames and turns.
        Assert.InRange(calls, Vnis, 12 * Vnis);
    }

    [NamespaceFact]
    public void Thousands_of_notifications_bring_about_no_dump()
    {
        using var network = new TestNetwork(output, 1);
        Daemon daemon = Start(network, "100ms");
        daemon.WaitUntilServing();
        long dumps = daemon.Status().Counters["dumps"];
        for (int round = 0; round < 2; round++)
        {
            network[1].IpBatch(["link set lower down", "link set lower up"]);
        }

        Eventually.Holds("all are served again", () => network[1].Served().Count() == Vnis);
        DaemonStatus after = daemon.WaitUntilServing();
        Assert.InRange(after.Counters["dumps"] - dumps, 0, 1);
        Assert.Equal(0, after.Counters["notifications_lost"]);
    }

    private static Daemon Start(TestNetwork network, string interval)
    {
        network[1].IpBatch(
        [
            "link add lower up type veth peer name far", "link set far up",
            .. Enumerable.Range(1, Vnis).SelectMany(vni => (string[])
            [
                string.Create(CultureInfo.InvariantCulture,
                    $"link add link lower name vrrp4-{vni} address 02:00:00:00:{vni / 256:x2}:{vni % 256:x2} type macvlan mode bridge"),
                $"link set vrrp4-{vni} protodown on",
                $"addr add {Gateway.VirtualAddress((uint)vni)}/24 dev vrrp4-{vni}",
                $"link set vrrp4-{vni} up",
            ]),
        ]);
        return network[1].Start(1, "--vnis", $"1-{Vnis}", "--interval", interval, "--log-level", "info");
    }
}
