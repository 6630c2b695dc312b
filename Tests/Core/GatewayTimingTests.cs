using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;
using Xunit;
using static Wmgwd2.Core.GatewayCommandKind;
using static Wmgwd2.Core.GatewayEventKind;
using static Wmgwd2.Tests.Core.GatewayDriver;

namespace Wmgwd2.Tests.Core;

/// <summary>When a gateway does what it does. Intervals of 1 s, dead after 3 s.</summary>
public sealed class GatewayTimingTests
{
    private readonly GatewayDriver _gateway = new(10, "10.0.1.10");

    [Fact]
    public void It_is_silent_and_owns_nothing_until_the_dead_interval_is_over_and_then_advertises_each_interval()
    {
        Assert.Empty(_gateway.RunUntil(2.9999999));
        Assert.Equal((GatewayState.Listening, 0ul), (_gateway.Gateway.State, _gateway.Served));

        List<(Instant At, GatewayCommand Command)> said = _gateway.RunUntil(6.5);

        Assert.Equal(
            [(At(3), ReportStateChanged), (At(3), SendAdvertisement), (At(3), PublishOwnership),
                (At(4), SendAdvertisement), (At(5), SendAdvertisement), (At(6), SendAdvertisement)],
            Kinds(said));
        Assert.Equal((1ul << Vnis.Count) - 1, _gateway.Served);
        Assert.Equal(At(3), _gateway.Gateway.StateSince);
    }

    [Fact]
    public void Its_advertisements_keep_the_beat_whatever_is_heard_in_between()
    {
        _gateway.RunUntil(3.3);
        var sent = new List<Instant>();
        for (int i = 1; i <= 60; i++)
        {
            _gateway.Hear(20 + (ulong)i % 3, "10.0.1.20");
            sent.AddRange(SentIn(_gateway.RunUntil(3.3 + i * 0.07)));
        }

        Assert.Equal([At(4), At(5), At(6), At(7)], sent);
    }

    [Theory]
    [InlineData(0.3, new[] { 4.3, 5.0, 6.0 })]
    [InlineData(0.999, new[] { 4.999, 5.0, 6.0 })]
    [InlineData(1.0, new[] { 5.0, 6.0 })]
    [InlineData(1.2, new[] { 5.2, 6.2 })] // What was missed is not made up for.
    [InlineData(1.9, new[] { 5.9, 6.9 })]
    public void A_late_advertisement_keeps_the_beat_and_a_missed_one_is_not_made_up_for(double late, double[] sent)
    {
        _gateway.RunUntil(3.5);
        _gateway.Now = At(4 + late);

        Assert.Equal(sent.Select(At), SentIn(_gateway.RunUntil(6.95)));
    }

    [Fact]
    public void While_there_is_more_to_read_it_advertises_and_says_nothing_of_its_peers()
    {
        _gateway.Hear(20, "10.0.1.20");
        _gateway.RunUntil(3.5);
        Assert.Equal(At(4), _gateway.Gateway.NextAdvertisement);
        _gateway.Hear(20, "10.0.1.20");
        _gateway.RunUntil(6.4);
        _gateway.Now = At(7);
        _gateway.Handle(AdvertisementDue);
        Assert.Equal("SendAdvertisement", _gateway.Said);
        _gateway.Handle(AdvertisementDue);
        Assert.Equal("", _gateway.Said);

        // It was among what was still to be read: it never was dead.
        _gateway.Hear(20, "10.0.1.20");
        Assert.Equal("", _gateway.Said);
        Assert.Equal(At(8), _gateway.Gateway.NextAdvertisement);
    }

    [Fact]
    public void Only_who_is_active_has_an_advertisement_due()
    {
        Assert.Equal(Instant.Never, _gateway.Gateway.NextAdvertisement);
        _gateway.Handle(AdvertisementDue);
        Assert.Equal("", _gateway.Said);
    }

    [Fact]
    public void A_peer_is_dead_at_the_exact_end_of_the_dead_interval_and_the_change_is_published_then()
    {
        _gateway.RunUntil(3.4);
        _gateway.Hear(20, "10.0.1.20");
        ulong served = _gateway.Served;
        Assert.DoesNotContain(_gateway.RunUntil(6.3999999), one => one.Command.Kind is not (SendAdvertisement or SendHeard));
        Assert.Equal(served, _gateway.Served);

        List<(Instant At, GatewayCommand Command)> said = _gateway.RunUntil(6.4);

        Assert.Equal(
            [(At(6.4), new GatewayCommand(ReportPeerExpired, new NodeId(20), Ip("10.0.1.20"), DeadInterval)),
                (At(6.4), new GatewayCommand(PublishOwnership))],
            said);
        Assert.Equal((1ul << Vnis.Count) - 1, _gateway.Served);
    }

    /// <summary>
    /// Found by the simulator: an owner that was out of a gateway's hearing, but heard it, did not know that this one announced
    /// its VNIs, and left it the last word.
    /// </summary>
    [Fact]
    public void With_three_advertisements_it_says_that_it_hears_somebody_new()
    {
        Assert.DoesNotContain(_gateway.RunUntil(3.4), one => one.Command.Kind == SendHeard);
        _gateway.Hear(20, "10.0.1.20");
        _gateway.Hear(30, "10.0.1.30");
        Assert.Equal([At(4), At(5), At(6)], _gateway.RunUntil(9).Where(one => one.Command.Kind == SendHeard).Select(one => one.At));
    }

    [Fact]
    public void A_peer_heard_at_the_last_moment_lives_and_each_advertisement_renews_it()
    {
        _gateway.RunUntil(3.4);
        for (int i = 0; i < 5; i++)
        {
            _gateway.Hear(20, "10.0.1.20");
            Assert.DoesNotContain(
                _gateway.RunUntil((_gateway.Now + DeadInterval).Nanoseconds / 1e9 - 1e-7),
                one => one.Command.Kind == ReportPeerExpired);
        }
    }

    [Fact]
    public void Peers_that_die_together_are_published_together()
    {
        _gateway.RunUntil(3.4);
        foreach (ulong uid in (ulong[])[20, 21, 22])
        {
            _gateway.Hear(uid, "10.0.1.20");
        }

        Assert.Equal(
            [ReportPeerExpired, ReportPeerExpired, ReportPeerExpired, PublishOwnership],
            _gateway.RunUntil(6.5).Select(one => one.Command.Kind).Where(kind => kind is not (SendAdvertisement or SendHeard)));
    }

    [Fact]
    public void A_peer_that_returns_appears_again()
    {
        _gateway.RunUntil(3.4);
        _gateway.Hear(20, "10.0.1.20");
        _gateway.RunUntil(8);

        _gateway.Hear(20, "10.0.1.20");

        Assert.Equal("ReportPeerAppeared PublishOwnership AnnounceOwned", _gateway.Said);
        Assert.Equal(1, _gateway.Gateway.Peers.AliveCount);
    }

    /// <summary>Peers count from the latest advertisement, here that at 3 s; whatever else happened since.</summary>
    [Theory]
    [InlineData(3.5, 5.9999999, null)]
    [InlineData(5.9, 5.9999999, null)]
    [InlineData(3.5, 6.0, 3.0)]
    [InlineData(5.9, 6.0, 3.0)]
    [InlineData(5.9, 10.5, 7.5)]
    public void It_stood_still_when_its_latest_advertisement_is_as_old_as_the_dead_interval(
        double heard, double woken, double? stood)
    {
        _gateway.RunUntil(3);
        _gateway.Now = At(heard);
        _gateway.Hear(20, "10.0.1.20");
        _gateway.Now = At(woken);

        _gateway.Handle(DeadlineReached);

        GatewayCommand[] reports = [.. _gateway.Commands.ToArray().Where(command => command.Kind == ReportStalled)];
        Assert.Equal(stood, reports.Select(report => (double?)report.Duration.TotalSeconds).SingleOrDefault());
        Assert.Equal(stood is null ? GatewayState.Active : GatewayState.Listening, _gateway.Gateway.State);
        Assert.Equal(stood is null, _gateway.Served != 0);
    }

    /// <summary>Nothing is sent while it listens: there its latest event counts.</summary>
    [Theory]
    [InlineData(4.4999999, false)]
    [InlineData(4.5, true)]
    public void While_it_listens_it_stood_still_when_nothing_happened_for_the_dead_interval(double woken, bool stalled)
    {
        _gateway.RunUntil(1);
        _gateway.Now = At(1.5);
        _gateway.Hear(20, "10.0.1.20");
        _gateway.Now = At(woken);

        _gateway.Handle(DeadlineReached);

        Assert.Equal(stalled, _gateway.CountSaid(ReportStalled) > 0);
        Assert.Equal(stalled ? GatewayState.Listening : GatewayState.Active, _gateway.Gateway.State);
    }

    [Fact]
    public void After_a_stall_it_listens_as_if_it_had_just_started_and_peers_get_that_long_to_be_heard()
    {
        _gateway.RunUntil(3.5);
        _gateway.Hear(20, "10.0.1.20");
        _gateway.Hear(21, "10.0.1.21");
        _gateway.Now = At(10);
        _gateway.Handle(DeadlineReached);
        Assert.Equal(2, _gateway.Gateway.Peers.AliveCount);

        _gateway.Now = At(11);
        _gateway.Hear(21, "10.0.1.21");

        Assert.Empty(_gateway.RunUntil(12.9999999));
        Assert.Equal(
            [ReportPeerExpired, ReportStateChanged, SendAdvertisement, PublishOwnership],
            _gateway.RunUntil(13).Select(one => one.Command.Kind));
        Assert.Equal(1, _gateway.Gateway.Peers.AliveCount);
    }

    [Theory]
    [InlineData(3.0)]
    [InlineData(3.2)]
    [InlineData(3.999)]
    public void Told_to_stop_it_says_goodbye_and_serves_until_its_peers_have_taken_over_and_a_moment_longer(
        double stopped)
    {
        _gateway.RunUntil(3);
        _gateway.Hear(20, "10.0.1.20");
        _gateway.RunUntil(stopped);
        ulong served = _gateway.Served;
        Assert.NotEqual(0ul, served);
        _gateway.Handle(StopRequested);
        Assert.Equal("ReportStateChanged SendGoodbye", _gateway.Said);
        Assert.Equal(
            [(At(stopped + 0.02), SendGoodbye), (At(stopped + 0.04), SendGoodbye)],
            Kinds(_gateway.RunUntil(stopped + 0.1)));

        // The peer counts from the advertisement at 3 s: it takes over at 6 s.
        double letGo = 6 + Gateway.HandoverOverlap.TotalSeconds;
        for (double at = stopped + 0.1; at < letGo; at += 0.25)
        {
            _gateway.Hear(20, "10.0.1.20");
            Assert.Empty(_gateway.RunUntil(at));
            Assert.Equal((GatewayState.Draining, served), (_gateway.Gateway.State, _gateway.Served));
        }

        Assert.Equal([(At(letGo), PublishOwnership), (At(letGo), Exit)], Kinds(_gateway.RunUntil(9)));
    }

    [Theory]
    [InlineData(GatewayFaults.TrackedInterface, true)]
    [InlineData(GatewayFaults.TrackedFile, true)]
    [InlineData(GatewayFaults.KernelStuck, false)] // It can't let go: the peers would serve next to it.
    [InlineData(GatewayFaults.NoNetwork, false)] // Nobody would hear it.
    [InlineData(GatewayFaults.TrackedFile | GatewayFaults.KernelStuck, false)]
    public void Who_can_not_serve_any_more_and_has_let_go_says_so(GatewayFaults fault, bool says)
    {
        _gateway.RunUntil(3.5);
        _gateway.Handle(FaultRaised, fault);
        Assert.Equal("PublishOwnership ReportStateChanged" + (says ? " SendGone" : ""), _gateway.Said);
        Assert.Equal(says ? [At(3.52), At(3.54)] : [], _gateway.RunUntil(9).Select(said => said.At));

        // Nobody knows of one that only listens.
        _gateway.Handle(FaultCleared, fault);
        _gateway.RunUntil(9.1);
        _gateway.Handle(FaultRaised, fault);
        Assert.Equal("ReportStateChanged", _gateway.Said);
    }

    [Fact]
    public void Who_listens_again_says_no_more_goodbyes()
    {
        _gateway.RunUntil(3.5);
        _gateway.Handle(FaultRaised, GatewayFaults.TrackedFile);
        _gateway.RunUntil(3.51);
        _gateway.Handle(FaultCleared, GatewayFaults.TrackedFile);
        Assert.Equal([ReportStateChanged, SendAdvertisement, PublishOwnership], _gateway.RunUntil(7).Select(said => said.Command.Kind));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.08)]
    public void Goodbye_has_it_take_up_after_the_lead_and_say_so_and_advertisements_before_a_dead_interval_are_late(
        double lead)
    {
        var gateway = new GatewayDriver(10, "10.0.1.10", lead: TimeSpan.FromSeconds(lead));
        gateway.RunUntil(3);
        gateway.Hear(20, "10.0.1.20");
        gateway.RunUntil(3.5);
        ulong served = gateway.Served;
        gateway.HearGoodbye(20, "10.0.1.20");

        if (lead > 0)
        {
            Assert.Equal("ReportPeerLeft", gateway.Said);
            gateway.RunUntil(3.52);
            gateway.HearGoodbye(20, "10.0.1.20"); // The lead isn't longer for it.
            Assert.Empty(gateway.RunUntil(3.5799999));
            Assert.Equal(served, gateway.Served);
            Assert.Equal(
                [(At(3.58), SendTaken), (At(3.58), PublishOwnership), (At(3.6), SendTaken)], Kinds(gateway.RunUntil(3.6)));
        }

        Assert.Equal((1ul << Vnis.Count) - 1, gateway.Served);
        foreach (double late in (double[])[3.6, 5, 6.4999999])
        {
            gateway.RunUntil(late);
            gateway.Hear(20, "10.0.1.20");
            Assert.Equal("", gateway.Said);
        }

        gateway.RunUntil(6.5);
        gateway.Hear(20, "10.0.1.20");
        Assert.Equal("ReportPeerAppeared PublishOwnership AnnounceOwned", gateway.Said);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.08)]
    public void That_it_takes_up_is_said_three_times_and_not_in_another_lead(double lead)
    {
        var gateway = new GatewayDriver(10, "10.0.1.10", lead: TimeSpan.FromSeconds(lead));
        gateway.RunUntil(3);
        gateway.Hear(20, "10.0.1.20");
        gateway.Hear(30, "10.0.1.30");
        gateway.RunUntil(3.5);
        gateway.HearGoodbye(20, "10.0.1.20");
        double taken = 3.5 + lead;
        List<double> said = [.. lead == 0 ? [3.5] : gateway.RunUntil(taken).Where(IsTaken).Select(one => Seconds(one.At))];
        Assert.Equal([taken], said);
        gateway.RunUntil(taken + 0.01);
        gateway.HearGoodbye(30, "10.0.1.30");

        // Who hears it in the lead would take it for the share of the second one.
        (double, ulong)[] later =
        [
            .. gateway.RunUntil(4.2).Where(IsTaken).Select(one => (Math.Round(Seconds(one.At) - taken, 3), one.Command.Uid.Value)),
        ];
        Assert.Equal(
            lead == 0
                ? [(0.03, 20), (0.03, 30), (0.05, 30)]
                : [(0.09, 20), (0.09, 30), (0.11, 20), (0.11, 30), (0.13, 30)],
            later);

        static bool IsTaken((Instant At, GatewayCommand Command) one) => one.Command.Kind == SendTaken;
        static double Seconds(Instant at) => at.Nanoseconds / 1e9;
    }

    /// <summary>
    /// Found by the simulator: a gateway that knew of no peer ended without a word, and the one that was about to join next to it
    /// waited for its silence. Nobody served for 2.6 s.
    /// </summary>
    [Fact]
    public void Who_is_about_to_join_takes_everything_when_the_only_other_one_is_gone()
    {
        _gateway.RunUntil(3.5);
        _gateway.Handle(StopRequested);
        Assert.Equal("SendGone PublishOwnership Exit", _gateway.Said);

        var joiner = new GatewayDriver(20, "10.0.1.20", lead: TimeSpan.FromSeconds(0.2));
        joiner.RunUntil(2.5);
        joiner.Hear(10, "10.0.1.10");
        joiner.RunUntil(3.1);
        Assert.Equal((GatewayState.Listening, 0ul), (joiner.Gateway.State, joiner.Served));
        joiner.HearHandover(GoneReceived, 10, "10.0.1.10", 10);
        Assert.Equal((GatewayState.Active, (1ul << Vnis.Count) - 1), (joiner.Gateway.State, joiner.Served));
    }

    /// <summary>It is said three times: the second and the third must not end another one's lead.</summary>
    [Fact]
    public void Who_is_gone_ends_the_lead_of_what_it_served_and_no_other()
    {
        var gateway = new GatewayDriver(10, "10.0.1.10", lead: TimeSpan.FromSeconds(0.2));
        gateway.RunUntil(3);
        gateway.Hear(20, "10.0.1.20");
        gateway.Hear(30, "10.0.1.30");
        gateway.RunUntil(3.5);
        gateway.HearHandover(GoneReceived, 20, "10.0.1.20", 20);
        gateway.RunUntil(3.51);
        gateway.HearGoodbye(30, "10.0.1.30");
        ulong served = gateway.Served;
        gateway.RunUntil(3.52);
        gateway.HearHandover(GoneReceived, 20, "10.0.1.20", 20);
        Assert.Equal(("", served), (gateway.Said, gateway.Served));
        gateway.HearHandover(GoneReceived, 30, "10.0.1.30", 30);
        Assert.Equal((1ul << Vnis.Count) - 1, gateway.Served);
    }

    [Fact]
    public void Several_that_join_at_once_are_all_yielded_to_and_no_more_than_some()
    {
        var gateway = new GatewayDriver(10, "10.0.1.10", lead: TimeSpan.FromSeconds(0.2));
        gateway.RunUntil(3.5);
        ulong yielded = 0;
        for (ulong uid = 20; uid < 20 + Gateway.JoinersPerLead; uid++)
        {
            gateway.HearHandover(JoiningReceived, uid, "10.0.1.20", uid);
            Assert.Equal(yielded, yielded & gateway.Gateway.Yielding.Words[0]);
            yielded = gateway.Gateway.Yielding.Words[0];
            Assert.Equal("YieldOwnership", gateway.Said);
        }

        gateway.HearHandover(JoiningReceived, 99, "10.0.1.99", 99);
        Assert.Equal(("", yielded), (gateway.Said, gateway.Gateway.Yielding.Words[0]));
        gateway.RunUntil(3.7);
        gateway.HearHandover(JoiningReceived, 99, "10.0.1.99", 99);
        Assert.Equal("YieldOwnership", gateway.Said);
    }

    [Fact]
    public void Who_waits_hears_at_once_that_nobody_is_left()
    {
        var gateway = new GatewayDriver(10, "10.0.1.10", startupDelay: TimeSpan.FromSeconds(30));
        gateway.RunUntil(2);
        gateway.Hear(20, "10.0.1.20");
        gateway.RunUntil(4.5);
        gateway.HearHandover(GoneReceived, 20, "10.0.1.20", 20);
        gateway.RunUntil(4.5);
        Assert.Equal(GatewayState.Active, gateway.Gateway.State);
    }

    [Fact]
    public void Who_is_wanted_back_while_it_drains_comes_back_when_it_has_drained()
    {
        _gateway.RunUntil(3);
        _gateway.Hear(20, "10.0.1.20");
        _gateway.Handle(DrainRequested);
        _gateway.RunUntil(3.05);
        _gateway.Handle(UndrainRequested);
        Assert.Equal("", _gateway.Said);
        _gateway.HearTaken(20, "10.0.1.20", 10);
        Assert.Equal(GatewayState.Listening, _gateway.Gateway.State);

        // And not when the operator has thought better of that too.
        _gateway.RunUntil(6.5);
        _gateway.Hear(20, "10.0.1.20");
        _gateway.Handle(DrainRequested);
        _gateway.Handle(UndrainRequested);
        _gateway.Handle(DrainRequested);
        _gateway.RunUntil(12);
        Assert.Equal(GatewayState.Standby, _gateway.Gateway.State);
    }

    [Fact]
    public void Forged_goodbye_changes_nothing_and_is_counted()
    {
        _gateway.RunUntil(3.4);
        _gateway.Hear(20, "10.0.1.20");
        ulong served = _gateway.Served;
        Peer peer = _gateway.Gateway.Peers[1];

        _gateway.HearGoodbye(20, "10.0.1.66");

        Assert.Equal(new GatewayCommand(ReportForgedHandover, new NodeId(20), Ip("10.0.1.66")), Assert.Single(
            _gateway.Commands.ToArray()));
        Assert.Equal((served, peer), (_gateway.Served, _gateway.Gateway.Peers[1]));
        Assert.Equal(1, _gateway.Gateway.CountReceived(AdvertisementResult.ForgedHandover));
        Assert.Equal(0, _gateway.Gateway.CountReceived(AdvertisementResult.Handover));
        Assert.Contains(_gateway.RunUntil(6.4), one => one == (At(6.4), new GatewayCommand(
            ReportPeerExpired, new NodeId(20), Ip("10.0.1.20"), DeadInterval)));
    }

    /// <summary>A joiner prepares for its share when it has listened; alone there is nobody to prepare for.</summary>
    [Fact]
    public void With_a_lead_it_becomes_active_that_much_later_when_there_are_peers()
    {
        var joiner = new GatewayDriver(10, "10.0.1.10", lead: TimeSpan.FromSeconds(0.08));
        joiner.RunUntil(1);
        joiner.Hear(20, "10.0.1.20");

        Assert.Equal([(At(3), SendJoining)], Kinds(joiner.RunUntil(3.0799999)));
        Assert.Equal((GatewayState.Listening, 0ul), (joiner.Gateway.State, joiner.Served));
        Assert.Equal(
            [(At(3.08), ReportStateChanged), (At(3.08), SendAdvertisement), (At(3.08), SendHeard), (At(3.08), PublishOwnership)],
            Kinds(joiner.RunUntil(3.5)));

        var alone = new GatewayDriver(10, "10.0.1.10", lead: TimeSpan.FromSeconds(0.08));
        Assert.Equal([ReportStateChanged, SendAdvertisement, PublishOwnership], alone.RunUntil(3).Select(one =>
            one.Command.Kind));
    }

    /// <summary>The peer is heard each half second, up to then.</summary>
    [Theory]
    [InlineData(0.0, 3.0)] // Alone it doesn't wait.
    [InlineData(0.4, 3.4)] // It is alone from then on.
    [InlineData(2.4, 5.4)]
    [InlineData(9.9, 8.0)]
    public void At_its_start_it_listens_for_longer_while_there_are_peers(double heardUntil, double active)
    {
        var gateway = new GatewayDriver(10, "10.0.1.10", startupDelay: TimeSpan.FromSeconds(5));
        for (double at = heardUntil % 0.5; at < active && heardUntil > 0; at += 0.5)
        {
            gateway.RunUntil(at);
            if (at < heardUntil + 1e-9)
            {
                gateway.Hear(20, "10.0.1.20");
            }
        }

        gateway.RunUntil(active - 1e-7);
        Assert.Equal(GatewayState.Listening, gateway.Gateway.State);
        gateway.RunUntil(active);
        Assert.Equal(GatewayState.Active, gateway.Gateway.State);
    }

    [Fact]
    public void After_standing_by_it_waits_as_at_its_start()
    {
        var gateway = new GatewayDriver(10, "10.0.1.10", startupDelay: TimeSpan.FromSeconds(5));
        gateway.Handle(DrainRequested);
        gateway.RunUntil(20);
        gateway.Handle(UndrainRequested);

        Assert.Equal(8, SecondsUntilActive(gateway, peer: true));
    }

    /// <summary>How long it listens after each fault, beyond the dead interval.</summary>
    [Fact]
    public void Who_flaps_waits_twice_as_long_each_time_up_to_a_minute()
    {
        double[] waits = [.. Enumerable.Range(0, 8).Select(_ => Flap(served: 1) - 3)];

        Assert.Equal([0, 3, 6, 12, 24, 48, 60, 60], waits);
    }

    [Theory]
    [InlineData(119, 6)]
    [InlineData(120, 0)]
    public void Who_served_for_two_minutes_comes_back_at_once(double served, double wait)
    {
        Assert.Equal(3, Flap(served: 1));
        Assert.Equal(6, Flap(served: 1));

        Assert.Equal(3 + wait, Flap(served));
    }

    [Fact]
    public void Who_flaps_alone_comes_back_at_once_but_its_waits_grow()
    {
        Assert.Equal([3, 3, 3], Enumerable.Range(0, 3).Select(_ => Flap(served: 1, peer: false)));

        Assert.Equal(15, Flap(served: 1));
    }

    [Fact]
    public void It_stands_by_until_it_is_told_otherwise()
    {
        _gateway.RunUntil(3.5);
        _gateway.Handle(DrainRequested);
        Assert.Equal((GatewayState.Standby, 0ul), (_gateway.Gateway.State, _gateway.Served));

        Assert.Empty(_gateway.RunUntil(100.5));
        _gateway.Handle(UndrainRequested);

        Assert.Equal([(At(103.5), ReportStateChanged)], Reported(_gateway.RunUntil(110)));
        Assert.Equal(GatewayState.Active, _gateway.Gateway.State);
    }

    [Fact]
    public void Who_is_drained_and_then_told_to_stop_ends_where_it_would_stand_by()
    {
        _gateway.RunUntil(3);
        _gateway.Hear(20, "10.0.1.20");
        _gateway.Handle(DrainRequested);
        _gateway.RunUntil(3.1);
        _gateway.Hear(20, "10.0.1.20");
        _gateway.Handle(StopRequested);

        Assert.Equal([(At(6.02), PublishOwnership), (At(6.02), Exit)], Kinds(_gateway.RunUntil(9)));
    }

    /// <summary>Of two peers one takes early and one late: it lets go of each part when it is taken.</summary>
    [Fact]
    public void Leaver_lets_go_of_what_each_heir_takes_and_ends_when_all_goodbyes_are_said()
    {
        _gateway.RunUntil(3);
        _gateway.Hear(20, "10.0.1.20");
        _gateway.Hear(21, "10.0.1.21");
        _gateway.RunUntil(3.5);
        ulong served = _gateway.Served;
        _gateway.Handle(StopRequested);
        ulong first = OwnedBy(20) & served;
        Assert.True(first != 0 && first != served, "both inherit something");

        _gateway.RunUntil(3.51);
        _gateway.HearTaken(20, "10.0.1.20", 10);
        Assert.Equal(("PublishOwnership", served & ~first), (_gateway.Said, _gateway.Served));
        _gateway.HearTaken(20, "10.0.1.20", 10);
        Assert.Equal("", _gateway.Said);
        Assert.Equal([(At(3.52), SendGoodbye)], Kinds(_gateway.RunUntil(3.53)));
        _gateway.HearTaken(21, "10.0.1.21", 10);
        Assert.Equal(("PublishOwnership", 0ul), (_gateway.Said, _gateway.Served));
        Assert.Equal(GatewayState.Draining, _gateway.Gateway.State);

        Assert.Equal([(At(3.54), SendGoodbye), (At(3.54), Exit)], Kinds(_gateway.RunUntil(9)));
    }

    [Fact]
    public void After_its_end_it_is_woken_no_more()
    {
        _gateway.Handle(AbortRequested);

        Assert.Equal(Instant.Never, _gateway.Gateway.Deadline);
    }

    [Fact]
    public void It_says_once_a_minute_that_its_uid_is_anothers_too()
    {
        int reports = 0;
        for (int second = 0; second < 150; second++)
        {
            _gateway.Now = At(second);
            _gateway.Hear(10, "10.0.1.9");
            reports += _gateway.CountSaid(ReportDuplicateUid);
        }

        Assert.Equal(3, reports);
        Assert.Equal(150, _gateway.Gateway.CountReceived(AdvertisementResult.DuplicateUid));
    }

    [Fact]
    public void Of_two_with_one_uid_the_lower_address_goes_on_and_the_other_comes_back_when_it_is_alone()
    {
        var other = new GatewayDriver(10, "10.0.1.9");
        for (int tenth = 1; tenth <= 100; tenth++)
        {
            bool sent = SentIn(_gateway.RunUntil(tenth / 10.0)).Any();
            bool otherSent = SentIn(other.RunUntil(tenth / 10.0)).Any();
            if (sent)
            {
                other.Hear(10, "10.0.1.10");
            }

            if (otherSent)
            {
                _gateway.Hear(10, "10.0.1.9");
            }
        }

        Assert.Equal((GatewayState.Active, GatewayState.Fault), (other.Gateway.State, _gateway.Gateway.State));
        Assert.Equal(GatewayFaults.DuplicateUid, _gateway.Gateway.Faults);

        // The other's last advertisement was at 10 s: alone at 13 s, active at 16 s.
        Assert.Equal([(At(13), ReportStateChanged)], Reported(_gateway.RunUntil(15.9999999)));
        Assert.Equal(GatewayState.Listening, _gateway.Gateway.State);
        Assert.Equal(GatewayFaults.None, _gateway.Gateway.Faults);
        _gateway.RunUntil(16);
        Assert.Equal(GatewayState.Active, _gateway.Gateway.State);
    }

    [Fact]
    public void Of_two_faults_the_last_one_that_goes_ends_it()
    {
        _gateway.RunUntil(4.5);
        _gateway.Handle(FaultRaised, GatewayFaults.NoNetwork);
        _gateway.Hear(10, "10.0.1.9");

        Assert.Empty(_gateway.RunUntil(9));
        Assert.Equal(GatewayFaults.NoNetwork, _gateway.Gateway.Faults);
        _gateway.Handle(FaultCleared, GatewayFaults.NoNetwork);

        Assert.Equal(GatewayState.Listening, _gateway.Gateway.State);
        Assert.Equal([(At(12), ReportStateChanged)], Reported(_gateway.RunUntil(20)));
        Assert.Equal(GatewayState.Active, _gateway.Gateway.State);
    }

    [Fact]
    public void Received_advertisements_are_counted_by_what_became_of_them()
    {
        _gateway.Hear(20, "10.0.1.20");
        _gateway.Hear(20, "10.0.1.20");
        _gateway.Hear(10, "10.0.1.10");
        _gateway.Hear(10, "10.0.1.99");
        _gateway.Hear(0, "10.0.1.20");
        _gateway.HearTaken(20, "10.0.1.20", 30);
        _gateway.HearGoodbye(20, "10.0.1.66");
        _gateway.HearTaken(20, "10.0.1.66", 10);
        _gateway.HearGoodbye(10, "10.0.1.9");
        _gateway.HearGoodbye(20, "10.0.1.20");
        _gateway.Hear(20, "10.0.1.20"); // Too late; but there is nothing wrong with it.
        _gateway.HearGoodbye(20, "10.0.1.20");
        _gateway.HearGoodbye(10, "10.0.1.10");

        Assert.Equal(
            [3, 2, 1, 1, 0, 3, 3, 0, 0],
            Enum.GetValues<AdvertisementResult>().Select(result => _gateway.Gateway.CountReceived(result)));
    }

    [Fact]
    public void A_flood_of_uids_fills_the_table_and_harms_nobody_who_is_in_it()
    {
        _gateway.RunUntil(3.1);
        for (ulong uid = 1000; uid < 3_000; uid++)
        {
            _gateway.Hear(uid, "10.0.1.66");
            Assert.Equal(uid < 1000 + PeerTable.PeerLimit ? 0 : 1, _gateway.CountSaid(ReportPeerTableFull));
        }

        Assert.Equal(PeerTable.PeerLimit, _gateway.Gateway.Peers.AliveCount);
        Assert.Equal(2_000 - PeerTable.PeerLimit, _gateway.Gateway.CountReceived(AdvertisementResult.PeerTableFull));
        _gateway.RunUntil(5);
        _gateway.Hear(1000, "10.0.1.66");
        Assert.Equal("", _gateway.Said);

        // All but the one die at 6.1 s, all in one event; then there is room.
        List<GatewayCommandKind> said = [.. _gateway.RunUntil(6.2).Select(one => one.Command.Kind)];
        Assert.Equal(PeerTable.PeerLimit - 1, said.Count(kind => kind == ReportPeerExpired));
        _gateway.Hear(5000, "10.0.1.66");
        Assert.Equal("ReportPeerAppeared PublishOwnership AnnounceOwned", _gateway.Said);
        Assert.Equal(2, _gateway.Gateway.Peers.AliveCount);
        Assert.True(_gateway.Gateway.Peers.Find(new NodeId(1000)) > 0);
    }

    [Fact]
    public void A_newcomer_gets_the_slot_of_the_dead_peer_that_has_been_silent_longest()
    {
        for (ulong uid = 1000; uid < 1000 + PeerTable.PeerLimit; uid++)
        {
            _gateway.Hear(uid, "10.0.1.66");
        }

        foreach ((double at, ulong[] heard) in (List<(double, ulong[])>)[(0.5, [1001, 1002]), (0.7, [1002])])
        {
            _gateway.RunUntil(at);
            Array.ForEach(heard, uid => _gateway.Hear(uid, "10.0.1.66"));
        }

        _gateway.RunUntil(9);
        for (ulong newcomer = 1; newcomer <= PeerTable.PeerLimit - 1; newcomer++)
        {
            _gateway.Hear(newcomer + 5000, "10.0.1.66");
        }

        IEnumerable<int> old = Enumerable.Range(1000, PeerTable.PeerLimit);
        Assert.Equal([1002], old.Where(uid => _gateway.Gateway.Peers.Find(new NodeId((ulong)uid)) > 0));
    }

    private ulong OwnedBy(ulong uid)
    {
        int slot = _gateway.Gateway.Peers.Find(new NodeId(uid));
        ulong owned = 0;
        for (int index = 0; index < Vnis.Count; index++)
        {
            owned |= _gateway.Gateway.Ownership.Owners[index] == slot ? 1ul << index : 0;
        }

        return owned;
    }

    /// <summary>Active for so long, then faulty for a moment.</summary>
    /// <returns>How long it takes until it is active again.</returns>
    private double Flap(double served, bool peer = true)
    {
        _ = SecondsUntilActive(_gateway, peer);
        double end = (_gateway.Gateway.StateSince + TimeSpan.FromSeconds(served)).Nanoseconds / 1e9;
        for (double at = _gateway.Now.Nanoseconds / 1e9; at < end; at += 0.5)
        {
            _gateway.RunUntil(at);
            if (peer)
            {
                _gateway.Hear(20, "10.0.1.20");
            }
        }

        _gateway.RunUntil(end);
        _gateway.Handle(FaultRaised, GatewayFaults.TrackedInterface);
        _gateway.Handle(FaultCleared, GatewayFaults.TrackedInterface);
        return SecondsUntilActive(_gateway, peer);
    }

    /// <summary>Lets it run until it is active, with or without a peer that is heard each half second.</summary>
    private static double SecondsUntilActive(GatewayDriver gateway, bool peer)
    {
        Instant start = gateway.Now;
        Instant announced = gateway.Gateway.StateSince;
        while (gateway.Gateway.State != GatewayState.Active)
        {
            if (peer)
            {
                gateway.Hear(20, "10.0.1.20");
            }

            announced = gateway.Gateway.ListensUntil;
            gateway.RunUntil((gateway.Now + TimeSpan.FromSeconds(0.5)).Nanoseconds / 1e9);
        }

        Assert.Equal(announced, gateway.Gateway.StateSince);
        Assert.Equal(Instant.Never, gateway.Gateway.ListensUntil);
        return (gateway.Gateway.StateSince - start).TotalSeconds;
    }

    private static IEnumerable<Instant> SentIn(IEnumerable<(Instant At, GatewayCommand Command)> said) =>
        said.Where(one => one.Command.Kind == SendAdvertisement).Select(one => one.At);

    private static IEnumerable<(Instant At, GatewayCommandKind Kind)> Kinds(
        IEnumerable<(Instant At, GatewayCommand Command)> said) => said.Select(one => (one.At, one.Command.Kind));

    private static IEnumerable<(Instant At, GatewayCommandKind Kind)> Reported(
        IEnumerable<(Instant At, GatewayCommand Command)> said) => said
        .Where(one => one.Command.Kind == ReportStateChanged).Select(one => (one.At, one.Command.Kind));
}
