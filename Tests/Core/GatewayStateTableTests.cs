using System;
using Wmgwd2.Core;
using Xunit;
using static Wmgwd2.Core.GatewayEventKind;

namespace Wmgwd2.Tests.Core;

/// <summary>
/// Each state with each event. The gateway has uid 10 and address 10.0.1.10; peer 20 is at 10.0.1.20. There is a
/// handover lead where the state says so.
/// </summary>
public sealed class GatewayStateTableTests
{
    private const string Appeared = "ReportPeerAppeared AnnounceOwned";
    private const string AppearedAndTook = "ReportPeerAppeared PublishOwnership AnnounceOwned";
    private const string Forged = "ReportForgedHandover";
    private const string Changed = "ReportStateChanged";
    private const string LetGo = "PublishOwnership ReportStateChanged";

    [Theory]

    // It hears.
    [InlineData("listening", "peer", "Listening", Appeared)]
    [InlineData("listening, peer", "peer", "Listening", "")]
    [InlineData("listening, peer", "peer moved", "Listening", "ReportPeerMoved")]
    [InlineData("active", "peer", "Active", AppearedAndTook)]
    [InlineData("active, peer", "peer", "Active", "")]
    [InlineData("active, peer", "peer moved", "Active", "ReportPeerMoved")]
    [InlineData("active, peer", "another peer", "Active", AppearedAndTook)]
    [InlineData("draining", "peer", "Draining", "")]
    [InlineData("draining", "another peer", "Draining", Appeared + " PublishOwnership")] // It takes what it inherits.
    [InlineData("fault", "peer", "Fault", "")]
    [InlineData("fault", "another peer", "Fault", Appeared)]
    [InlineData("duplicate", "peer", "Fault", "")]
    [InlineData("standby", "peer", "Standby", "")]
    [InlineData("standby", "another peer", "Standby", Appeared)]
    [InlineData("standby", "peer moved", "Standby", "ReportPeerMoved")]
    [InlineData("about to join", "peer", "Listening", "")]
    [InlineData("about to join", "another peer", "Listening", Appeared)]
    [InlineData(
        "about to take", "another peer", "Active", "ReportPeerAppeared SendTaken PublishOwnership AnnounceOwned")]

    // A peer leaves. Who is active takes what it had, after the lead; its late advertisements mean nothing.
    [InlineData("listening", "goodbye", "Listening", "")]
    [InlineData("listening, peer", "goodbye", "Listening", "ReportPeerLeft")]
    [InlineData("about to join", "goodbye", "Listening", "ReportPeerLeft")]
    [InlineData("active", "goodbye", "Active", "")]
    [InlineData("active, peer", "goodbye", "Active", "ReportPeerLeft SendTaken PublishOwnership")]
    [InlineData("active, peer, lead", "goodbye", "Active", "ReportPeerLeft")]
    [InlineData("about to take", "goodbye", "Active", "")]
    [InlineData("about to take", "deadline", "Active", "")]
    [InlineData("took", "goodbye", "Active", "")]
    [InlineData("took", "gone", "Active", "")]
    [InlineData("listening, peer", "gone", "Listening", "ReportPeerLeft")]
    [InlineData("active", "gone", "Active", "")]
    [InlineData("active, peer", "gone", "Active", "ReportPeerLeft SendTaken PublishOwnership")]
    [InlineData("active, peer, lead", "gone", "Active", "ReportPeerLeft SendTaken PublishOwnership")]
    [InlineData("about to take", "gone", "Active", "SendTaken PublishOwnership")]
    [InlineData("active, peer", "forged gone", "Active", "ReportForgedHandover")]
    [InlineData("active, peer", "stranger joins", "Active", "")]
    [InlineData("active, peer, lead", "stranger joins", "Active", "YieldOwnership")]
    [InlineData("active, peer, lead", "peer joins", "Active", "")]
    [InlineData("listening, peer", "stranger joins", "Listening", "")]
    [InlineData("active, peer", "heard", "Active", "AnnounceOwned")]
    [InlineData("active, peer", "forged heard", "Active", "ReportForgedHandover")]
    [InlineData("active", "heard", "Active", "")]
    [InlineData("draining", "goodbye", "Draining", "ReportPeerLeft")]
    [InlineData("standby", "goodbye", "Standby", "ReportPeerLeft")]
    [InlineData("fault", "goodbye", "Fault", "ReportPeerLeft")]
    [InlineData("about to take", "peer", "Active", "")]
    [InlineData("took", "peer", "Active", "")]
    [InlineData("took", "peer moved", "Active", "")]
    [InlineData("took", "another peer", "Active", AppearedAndTook)]

    // Somebody else says that it leaves, or has taken.
    [InlineData("listening, peer", "forged goodbye", "Listening", Forged)]
    [InlineData("active, peer", "forged goodbye", "Active", Forged)]
    [InlineData("active, peer, lead", "forged goodbye", "Active", Forged)]
    [InlineData("took", "forged goodbye", "Active", Forged)]
    [InlineData("draining", "forged goodbye", "Draining", Forged)]
    [InlineData("standby", "forged goodbye", "Standby", Forged)]
    [InlineData("fault", "forged goodbye", "Fault", Forged)]
    [InlineData("active, peer", "forged taken", "Active", Forged)]
    [InlineData("draining", "forged taken", "Draining", Forged)]
    [InlineData("draining", "stranger's taken", "Draining", "")]
    [InlineData("active, peer", "own goodbye", "Active", "")]
    [InlineData("draining", "own goodbye", "Draining", "")]
    [InlineData("active, peer", "own uid's goodbye", "Active", "")]
    [InlineData("draining", "own uid's goodbye", "Draining", "")]
    [InlineData("draining", "own uid's taken", "Draining", "")]

    // An heir takes from it: what is left when it has nothing more, and has said goodbye often enough, is the end.
    [InlineData("draining", "taken", "(exit)", "PublishOwnership Exit")]
    [InlineData("draining to standby", "taken", "Standby", LetGo)]
    [InlineData("saying goodbye", "taken", "Draining", "PublishOwnership")]
    [InlineData("saying goodbye", "deadline", "Draining", "")]
    [InlineData("draining", "taken from another", "Draining", "")]
    [InlineData("active, peer", "taken", "Active", "")]
    [InlineData("listening, peer", "taken", "Listening", "")]
    [InlineData("standby", "taken", "Standby", "")]
    [InlineData("fault", "taken", "Fault", "")]

    // It hears what means nothing.
    [InlineData("listening", "zero", "Listening", "")]
    [InlineData("active", "zero", "Active", "")]
    [InlineData("active, peer", "zero", "Active", "")]
    [InlineData("draining", "zero", "Draining", "")]
    [InlineData("fault", "zero", "Fault", "")]
    [InlineData("listening", "own", "Listening", "")]
    [InlineData("active", "own", "Active", "")]
    [InlineData("draining", "own", "Draining", "")]
    [InlineData("fault", "own", "Fault", "")]
    [InlineData("duplicate", "own", "Fault", "")]

    // Another one has its uid: the lower address goes on.
    [InlineData("listening", "duplicate above", "Listening", "ReportDuplicateUid")]
    [InlineData("active", "duplicate above", "Active", "ReportDuplicateUid")]
    [InlineData("draining", "duplicate above", "Draining", "ReportDuplicateUid")]
    [InlineData("fault", "duplicate above", "Fault", "ReportDuplicateUid")]
    [InlineData("duplicate", "duplicate above", "Fault", "")] // Said within the last minute.
    [InlineData("listening", "duplicate below", "Fault", "ReportDuplicateUid " + Changed)]
    [InlineData("active", "duplicate below", "Fault", "ReportDuplicateUid " + LetGo)]
    [InlineData("active, peer", "duplicate below", "Fault", "ReportDuplicateUid " + LetGo)]
    [InlineData("draining", "duplicate below", "Draining", "ReportDuplicateUid")]
    [InlineData("fault", "duplicate below", "Fault", "ReportDuplicateUid " + Changed)]
    [InlineData("duplicate", "duplicate below", "Fault", "")]

    // Faults come and go.
    [InlineData("listening", "fault", "Fault", Changed)]
    [InlineData("active", "fault", "Fault", LetGo)]
    [InlineData("active, peer", "fault", "Fault", LetGo)]
    [InlineData("draining", "fault", "Draining", "")]
    [InlineData("fault", "fault", "Fault", "")]
    [InlineData("duplicate", "fault", "Fault", Changed)]
    [InlineData("listening", "fault cleared", "Listening", "")]
    [InlineData("active", "fault cleared", "Active", "")]
    [InlineData("draining", "fault cleared", "Draining", "")]
    [InlineData("fault", "fault cleared", "Listening", Changed)]
    [InlineData("duplicate", "fault cleared", "Fault", "")]

    // A timer goes off too early, or its address changes.
    [InlineData("listening", "deadline", "Listening", "")]
    [InlineData("active", "deadline", "Active", "")]
    [InlineData("active, peer", "deadline", "Active", "")]
    [InlineData("draining", "deadline", "Draining", "")]
    [InlineData("fault", "deadline", "Fault", "")]
    [InlineData("active", "address", "Active", "")]
    [InlineData("fault", "address", "Fault", "")]

    // It is told to end: with somebody to hand over to, it does.
    [InlineData("listening", "stop", "(exit)", "Exit")]
    [InlineData("listening, peer", "stop", "(exit)", "Exit")]
    [InlineData("active", "stop", "(exit)", "SendGone PublishOwnership Exit")]
    [InlineData("active, peer", "stop", "Draining", Changed + " SendGoodbye")]
    [InlineData("active, peer, lead", "stop", "Draining", Changed + " SendGoodbye YieldOwnership")]
    [InlineData("about to join", "stop", "(exit)", "Exit")]
    [InlineData("about to take", "stop", "(exit)", "SendGone PublishOwnership Exit")] // Its only peer has left.
    [InlineData("draining", "stop", "Draining", "")]
    [InlineData("draining to standby", "stop", "Draining", "")]
    [InlineData("standby", "stop", "(exit)", "Exit")]
    [InlineData("fault", "stop", "(exit)", "Exit")]
    [InlineData("duplicate", "stop", "(exit)", "Exit")]
    [InlineData("listening", "abort", "(exit)", "Exit")]
    [InlineData("active", "abort", "(exit)", "SendGone PublishOwnership Exit")]
    [InlineData("active, peer", "abort", "(exit)", "SendGone PublishOwnership Exit")]
    [InlineData("draining", "abort", "(exit)", "SendGone PublishOwnership Exit")]
    [InlineData("draining to standby", "abort", "(exit)", "SendGone PublishOwnership Exit")]
    [InlineData("standby", "abort", "(exit)", "Exit")]
    [InlineData("fault", "abort", "(exit)", "Exit")]

    // It is told to stand by, or to take part again.
    [InlineData("listening", "drain", "Standby", Changed)]
    [InlineData("listening, peer", "drain", "Standby", Changed)]
    [InlineData("about to join", "drain", "Standby", Changed)]
    [InlineData("active", "drain", "Standby", "SendGone " + LetGo)]
    [InlineData("active, peer", "drain", "Draining", Changed + " SendGoodbye")]
    [InlineData("draining", "drain", "Draining", "")]
    [InlineData("draining to standby", "drain", "Draining", "")]
    [InlineData("standby", "drain", "Standby", "")]
    [InlineData("fault", "drain", "Standby", Changed)]
    [InlineData("listening", "undrain", "Listening", "")]
    [InlineData("active, peer", "undrain", "Active", "")]
    [InlineData("draining", "undrain", "Draining", "")]
    [InlineData("draining to standby", "undrain", "Draining", "")]
    [InlineData("standby", "undrain", "Listening", Changed)]
    [InlineData("standby, fault", "undrain", "Fault", Changed)]
    [InlineData("fault", "undrain", "Fault", "")]

    // Standing by, nothing else moves it.
    [InlineData("standby", "deadline", "Standby", "")]
    [InlineData("standby", "fault", "Standby", "")]
    [InlineData("standby, fault", "fault cleared", "Standby", "")]
    [InlineData("standby", "zero", "Standby", "")]
    [InlineData("standby", "own", "Standby", "")]
    [InlineData("standby", "duplicate above", "Standby", "ReportDuplicateUid")]
    [InlineData("standby", "duplicate below", "Standby", "ReportDuplicateUid")]

    // A fault while it is about to.
    [InlineData("about to join", "fault", "Fault", Changed)]
    [InlineData("about to take", "fault", "Fault", LetGo)]

    // It stood still: whatever it hears first, it lets go before.
    [InlineData("listening, peer", "stall, deadline", "Listening", "ReportStalled " + Changed)]
    [InlineData("active", "stall, deadline", "Listening", "ReportStalled " + LetGo)]
    [InlineData("active, peer", "stall, deadline", "Listening", "ReportStalled " + LetGo)]
    [InlineData("active, peer", "stall, peer", "Listening", "ReportStalled " + LetGo)]
    [InlineData("active, peer", "stall, another peer", "Listening", "ReportStalled " + LetGo + " " + Appeared)]
    [InlineData("active, peer", "stall, goodbye", "Listening", "ReportStalled " + LetGo + " ReportPeerLeft")]
    [InlineData("active, peer", "stall, drain", "Standby", "ReportStalled " + LetGo + " " + Changed)]
    [InlineData("about to join", "stall, deadline", "Listening", "ReportStalled " + Changed)]
    [InlineData("about to take", "stall, deadline", "Listening", "ReportStalled " + LetGo)]
    [InlineData("draining to standby", "stall, deadline", "Standby", "ReportStalled " + LetGo)]
    [InlineData("draining to standby", "stall, stop", "(exit)", "ReportStalled " + LetGo + " Exit")]
    [InlineData("draining", "stall, taken", "(exit)", "ReportStalled PublishOwnership Exit")]
    [InlineData("standby", "stall, deadline", "Standby", "ReportStalled")]
    [InlineData("standby", "stall, undrain", "Listening", "ReportStalled " + Changed)]
    [InlineData(
        "active, peer", "stall, duplicate below", "Fault", "ReportStalled " + LetGo + " ReportDuplicateUid " + Changed)]
    [InlineData("active, peer", "stall, stop", "(exit)", "ReportStalled " + LetGo + " Exit")]
    [InlineData("active, peer", "stall, abort", "(exit)", "ReportStalled " + LetGo + " Exit")]
    [InlineData("draining", "stall, deadline", "(exit)", "ReportStalled PublishOwnership Exit")]
    [InlineData("draining", "stall, stop", "(exit)", "ReportStalled PublishOwnership Exit")]
    [InlineData("draining", "stall, another peer", "(exit)", "ReportStalled PublishOwnership Exit")]
    [InlineData("fault", "stall, deadline", "Fault", "ReportStalled")]
    [InlineData("duplicate", "stall, deadline", "Listening", "ReportStalled " + Changed)]
    public void In_state_on_event(string state, string happened, string next, string said)
    {
        GatewayDriver driver = Bring(state);

        Happen(driver, happened);

        Assert.Equal(said, driver.Said);
        Assert.Equal(next, driver.Exited ? "(exit)" : driver.Gateway.State.ToString());
    }

    /// <summary>After its end it says nothing and serves nothing, whatever happens.</summary>
    [Theory]
    [InlineData("deadline")]
    [InlineData("another peer")]
    [InlineData("duplicate below")]
    [InlineData("fault")]
    [InlineData("fault cleared")]
    [InlineData("stop")]
    [InlineData("abort")]
    [InlineData("goodbye")]
    [InlineData("taken")]
    [InlineData("drain")]
    [InlineData("undrain")]
    [InlineData("stall, deadline")]
    public void After_the_end_on_event(string happened)
    {
        GatewayDriver driver = Bring("active, peer");
        Happen(driver, "abort");

        Happen(driver, happened);

        Assert.Equal("", driver.Said);
        Assert.Equal(0ul, driver.Served);
    }

    private static GatewayDriver Bring(string state)
    {
        bool leads = state is "about to join" or "about to take" || state.EndsWith("lead", StringComparison.Ordinal);
        var driver = new GatewayDriver(10, "10.0.1.10", lead: TimeSpan.FromMilliseconds(leads ? 300 : 0));
        bool starts = state is "about to join" || state.StartsWith("listening", StringComparison.Ordinal);
        driver.RunUntil(starts ? 0.4 : 3.4);
        if (state is not ("listening" or "active"))
        {
            Happen(driver, "peer");
        }

        Wait(driver, 0.2);
        string[] events = state switch
        {
            "draining" or "saying goodbye" => ["stop"],
            "draining to standby" => ["drain"],
            "standby" => ["drain", "wait", "taken"],
            "standby, fault" => ["drain", "wait", "taken", "fault"],
            "about to take" or "took" => ["goodbye"],
            "fault" => ["fault"],
            "duplicate" => ["duplicate below"],
            _ => [],
        };
        Array.ForEach(events, happened => Happen(driver, happened));
        Wait(driver, state switch { "saying goodbye" => 0.01, "about to join" => 2.5, _ => 0.2 });
        return driver;
    }

    private static void Wait(GatewayDriver driver, double seconds) =>
        driver.RunUntil(driver.Now.Nanoseconds / 1e9 + seconds);

    private static void Happen(GatewayDriver driver, string happened)
    {
        const string Stall = "stall, ";
        if (happened.StartsWith(Stall, StringComparison.Ordinal))
        {
            driver.Now += GatewayDriver.DeadInterval;
            happened = happened[Stall.Length..];
        }

        switch (happened)
        {
            case "peer":
                driver.Hear(20, "10.0.1.20");
                break;
            case "peer moved":
                driver.Hear(20, "10.0.1.21");
                break;
            case "another peer":
                driver.Hear(30, "10.0.1.30");
                break;
            case "zero":
                driver.Hear(0, "10.0.1.20");
                break;
            case "own":
                driver.Hear(10, "10.0.1.10");
                break;
            case "duplicate above":
                driver.Hear(10, "10.0.1.99");
                break;
            case "duplicate below":
                driver.Hear(10, "10.0.1.9");
                break;
            case "deadline":
                driver.Handle(DeadlineReached);
                break;
            case "address":
                driver.Handle(GatewayEvent.OwnAddressChanged(GatewayDriver.Ip("10.0.1.11")));
                break;
            case "fault":
                driver.Handle(FaultRaised, GatewayFaults.NoNetwork);
                break;
            case "fault cleared":
                driver.Handle(FaultCleared, GatewayFaults.NoNetwork);
                break;
            case "stop":
                driver.Handle(StopRequested);
                break;
            case "abort":
                driver.Handle(AbortRequested);
                break;
            case "drain":
                driver.Handle(DrainRequested);
                break;
            case "undrain":
                driver.Handle(UndrainRequested);
                break;
            case "wait":
                Wait(driver, 0.1);
                break;
            default:
                HearHandover(driver, happened);
                break;
        }
    }

    private static void HearHandover(GatewayDriver driver, string happened)
    {
        switch (happened)
        {
            case "goodbye":
                driver.HearGoodbye(20, "10.0.1.20");
                break;
            case "forged goodbye":
                driver.HearGoodbye(20, "10.0.1.66");
                break;
            case "gone":
                driver.HearHandover(GoneReceived, 20, "10.0.1.20", 20);
                break;
            case "forged gone":
                driver.HearHandover(GoneReceived, 20, "10.0.1.66", 20);
                break;
            case "stranger joins":
                driver.HearHandover(JoiningReceived, 30, "10.0.1.30", 30);
                break;
            case "peer joins":
                driver.HearHandover(JoiningReceived, 20, "10.0.1.20", 20);
                break;
            case "heard":
                driver.HearHandover(HeardReceived, 20, "10.0.1.20", 20);
                break;
            case "forged heard":
                driver.HearHandover(HeardReceived, 20, "10.0.1.66", 20);
                break;
            case "own goodbye":
                driver.HearGoodbye(10, "10.0.1.10");
                break;
            case "own uid's goodbye":
                driver.HearGoodbye(10, "10.0.1.9");
                break;
            case "taken":
                driver.HearTaken(20, "10.0.1.20", 10);
                break;
            case "taken from another":
                driver.HearTaken(20, "10.0.1.20", 30);
                break;
            case "forged taken":
                driver.HearTaken(20, "10.0.1.66", 10);
                break;
            case "stranger's taken":
                driver.HearTaken(30, "10.0.1.30", 10);
                break;
            case "own uid's taken":
                driver.HearTaken(10, "10.0.1.9", 10);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(happened));
        }
    }
}
