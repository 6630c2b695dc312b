using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>50,000 datagrams a second for 10 s, of any length, from addresses that are allowed and others.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class FloodTests(ITestOutputHelper output)
{
    private const int Rate = 50_000;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);

    [NamespaceFact]
    public void A_flood_makes_no_real_peer_dead()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 4));
        HandMadePeer[] senders = [network.AddPeer(77), network.AddPeer(78, "10.0.1.78")];
        string[] flags = ["--allow", "10.0.1.11,10.0.1.12,10.0.1.77", "--log-level", "info"];
        Daemon[] daemons = [network[1].Start(1, flags), network[2].Start(2, flags)];
        daemons[0].WaitUntilServing(2);
        daemons[1].WaitUntilServing(1);
        int residentBefore = daemons.Max(daemon => daemon.ResidentKb());

        (long sent, TimeSpan took) = Flood(senders);
        network.Measured($"{sent} datagrams in {took.TotalSeconds:0.0} s: {sent / took.TotalSeconds:0} a second");

        foreach (Daemon daemon in daemons)
        {
            DaemonStatus status = daemon.Status();
            long seen = status.Counters.Where(counter => counter.Key.StartsWith("received_", StringComparison.Ordinal))
                .Sum(counter => counter.Value);
            network.Measured($"of these {seen} were seen: {string.Join(", ", status.Counters
                .Where(counter => counter.Key.StartsWith("received_", StringComparison.Ordinal) && counter.Value > 0)
                .Select(counter => $"{counter.Key["received_".Length..]} {counter.Value}"))}; {daemon.ResidentKb()} KB resident");
            Assert.InRange(status.Peers.Count, 1, 255);
            Assert.True(status.Counters["received_wrong_length"] > 0);
            Assert.True(status.Counters["received_not_allowed"] > 0);
            Assert.Empty(daemon.FindLog("(10.0.1.11) is dead"));
            Assert.Empty(daemon.FindLog("(10.0.1.12) is dead"));
            Assert.Empty(daemon.FindLog("stood still"));
            Assert.InRange(daemon.Log.Count, 1, 300);
            Assert.InRange(daemon.ResidentKb(), 0, residentBefore + 4096);
        }

        daemons[0].WaitUntilServing(2);
        daemons[1].WaitUntilServing(1);
    }

    private static (long Sent, TimeSpan Took) Flood(HandMadePeer[] senders)
    {
        var random = new Random(5);
        byte[] datagram = new byte[65507];
        random.NextBytes(datagram);
        long sent = 0;
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < Duration)
        {
            if (sent > watch.Elapsed.TotalSeconds * Rate)
            {
                Thread.Sleep(1);
                continue;
            }

            // One in a thousand is as long as a datagram can be: it takes 45 frames.
            int length = random.Next(1000) == 0 ? datagram.Length : random.Next(4) == 0 ? 8 : random.Next(1473);
            int start = random.Next(datagram.Length - length + 1);
            senders[random.Next(senders.Length)].Send(datagram.AsSpan(start, length));
            sent++;
        }

        return (sent, watch.Elapsed);
    }
}
