using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>One gateway next to a hand-made peer; VNIs 1 to 6, of which the gateway owns some and the peer the others.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class RepairTests : IDisposable
{
    private readonly TestNetwork _network;
    private readonly Gateway _gateway;
    private readonly Daemon _daemon;
    private readonly uint _owned;
    private readonly uint _notOwned;

    public RepairTests(ITestOutputHelper output)
    {
        _network = new TestNetwork(output, 1, TestNetwork.Range(1, 6));
        try
        {
            _gateway = _network[1];
            _network.AddPeer(77).Start(100);
            _daemon = _gateway.Start(1);
            _daemon.WaitUntilServing(77);
            _owned = _network.Share(1, 77).First();
            _notOwned = _network.Share(77, 1).First();
        }
        catch
        {
            _network.Dispose();
            throw;
        }
    }

    public void Dispose() => _network.Dispose();

    [NamespaceFact]
    public void What_somebody_brings_up_without_being_the_owner_is_held_down_again()
    {
        LinkMonitor monitor = _gateway.Monitor();
        Capture capture = _gateway.Capture(Gateway.Macvlan(_notOwned));
        var held = new List<TimeSpan>();
        for (int round = 1; round <= 5; round++)
        {
            int seen = monitor.Of(Gateway.Macvlan(_notOwned)).Count;
            _gateway.Ip($"link set {Gateway.Macvlan(_notOwned)} protodown off");
            LinkChange[] changes = Eventually.Get(
                "held down again",
                () => monitor.Of(Gateway.Macvlan(_notOwned)).Skip(seen).ToArray(),
                changes => changes.Any(change => !change.Protodown) && changes[^1] is { Protodown: true, LowerUp: false });
            held.Add(changes[^1].Time - changes.First(change => !change.Protodown).Time);
        }

        _network.Measured($"brought up by others, held down again after {held.Min().TotalMilliseconds:0.0} to {held.Max().TotalMilliseconds:0.0} ms");
        Assert.True(held.Max() < TimeSpan.FromSeconds(1));
        Assert.True(_gateway.Macvlans()[_notOwned].Quiet);
        Assert.Contains($" {_notOwned} ({Gateway.Macvlan(_notOwned)})", _daemon.WaitForLog("<4>somebody brought up").Text);
        DaemonStatus counted = _daemon.WaitFor("repairs counted", status => status.Counters["repairs"] > 0);
        Assert.True(counted.Counters["protodown_set"] >= 5);
        Assert.DoesNotContain(capture.Frames, frame => frame.IsArp);
    }

    [NamespaceFact]
    public void A_flapping_lower_device_brings_nothing_up_that_is_not_owned()
    {
        LinkMonitor monitor = _gateway.Monitor();
        _gateway.IpBatch([$"link set veth{_notOwned} down", $"link set veth{_notOwned} up"]);

        // The kernel gives the carrier back in spite of protodown; the daemon takes it away again.
        IReadOnlyList<LinkChange> changes = Eventually.Get(
            "up, and held down again",
            () => monitor.Of(Gateway.Macvlan(_notOwned)),
            changes => changes.Any(change => change.LowerUp) && !changes[^1].LowerUp);
        TimeSpan up = changes.Last(change => !change.LowerUp).Time - changes.First(change => change.LowerUp).Time;
        _network.Measured($"lower device flapped: a carrier for {up.TotalMilliseconds:0.0} ms");
        Assert.True(up < TimeSpan.FromSeconds(1));
        Eventually.Always(
            "stays down", TimeSpan.FromMilliseconds(300), () => _gateway.Macvlans()[_notOwned], link => link.Quiet);
        _daemon.WaitFor("no problem", status => status.ProblemOf(_notOwned) == null);
    }

    [NamespaceFact]
    public void What_is_owned_comes_back_with_its_lower_device_and_is_announced_again()
    {
        Capture capture = _gateway.Capture($"vethbr{_owned}");
        _gateway.Ip($"link set veth{_owned} down");
        DaemonStatus down = _daemon.WaitFor("a problem", status => status.ProblemOf(_owned) != null);
        Assert.Contains("lower device", down.ProblemOf(_owned));
        Assert.Contains(_owned, down.Owned);
        int before = Arps(capture);

        _gateway.Ip($"link set veth{_owned} up");
        _daemon.WaitUntilServing(77);
        Eventually.Get("announced again", () => Arps(capture), count => count >= before + 2);
        Assert.True(_gateway.Macvlans()[_owned].Serves);
        Assert.Null(_daemon.Status().ProblemOf(_owned));
    }

    [NamespaceFact]
    public void What_is_owned_and_held_down_by_somebody_is_brought_up_and_announced_again()
    {
        Capture capture = _gateway.Capture($"vethbr{_owned}");
        _gateway.Ip($"link set {Gateway.Macvlan(_owned)} protodown on");
        Eventually.Get("announced again", () => Arps(capture), count => count >= 2);
        Eventually.Holds("serves", () => _gateway.Macvlans()[_owned].Serves);

        // Set down is the operator's word, and stands.
        _gateway.Ip($"link set {Gateway.Macvlan(_owned)} down");
        DaemonStatus down = _daemon.WaitFor("a problem", status => status.ProblemOf(_owned) != null);
        Assert.Contains("not set up", down.ProblemOf(_owned));
        int before = Arps(capture);
        _gateway.Ip($"link set {Gateway.Macvlan(_owned)} up");
        _daemon.WaitUntilServing(77);
        Eventually.Get("announced again", () => Arps(capture), count => count >= before + 2);
    }

    private static int Arps(Capture capture) => capture.Frames.Count(frame => frame.IsArp && !frame.Outgoing);
}
