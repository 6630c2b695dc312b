using Xunit;
using static Wmgwd2.Core.GatewayCommandKind;
using static Wmgwd2.Tests.Core.GatewayDriver;

namespace Wmgwd2.Tests.Core;

/// <summary>What a gateway makes of datagrams that waited for it while it stood still.</summary>
public sealed class StandstillTests
{
    private readonly GatewayDriver _gateway = new(10, "10.0.1.10");

    /// <summary>
    /// The peer left and came back meanwhile. The goodbye is as old as the standstill; what was sent after it waited behind
    /// it. Ignoring that for a dead interval ends just after the listening: the gateway took up everything, until it heard
    /// the peer's next advertisement. Seen in a trace of Tests/Simulation, not by a checker.
    /// </summary>
    [Fact]
    public void A_goodbye_that_waited_while_it_stood_still_does_not_hide_the_peer_that_is_back()
    {
        _gateway.RunUntil(3.4);
        _gateway.Hear(20, "10.0.1.20");
        _gateway.RunUntil(3.9);

        _gateway.Now = At(20);
        _gateway.HearGoodbye(20, "10.0.1.20");
        _gateway.Now = At(20.0001);
        _gateway.Hear(20, "10.0.1.20");
        for (int second = 0; second < 3; second++)
        {
            _gateway.RunUntil(20.5 + second);
            _gateway.Hear(20, "10.0.1.20");
        }

        Assert.Contains(_gateway.RunUntil(23.2), one => one.Command.Kind == SendAdvertisement);
        Assert.Equal(1, _gateway.Gateway.Peers.AliveCount);
        Assert.NotEqual((1ul << Vnis.Count) - 1, _gateway.Served);
    }

    /// <summary>A goodbye that comes later is none that waited: late advertisements are ignored after it, as always.</summary>
    [Fact]
    public void A_goodbye_that_comes_an_interval_after_a_standstill_counts_as_any_other()
    {
        _gateway.RunUntil(3.4);
        _gateway.Hear(20, "10.0.1.20");
        _gateway.Now = At(20);
        _gateway.Hear(20, "10.0.1.20");
        _gateway.RunUntil(21);

        _gateway.HearGoodbye(20, "10.0.1.20");
        _gateway.Hear(20, "10.0.1.20");

        Assert.Equal(0, _gateway.Gateway.Peers.AliveCount);
    }
}
