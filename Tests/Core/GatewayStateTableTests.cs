using System;
using Wmgwd2.Core;
using Xunit;
using static Wmgwd2.Core.GatewayEventKind;

namespace Wmgwd2.Tests.Core;

/// <summary>
/// Each state with each event. The gateway has uid 10 and address 10.0.1.10; peer 20 is at 10.0.1.20.
/// </summary>
public sealed class GatewayStateTableTests
{
    private const string Appeared = "ReportPeerAppeared PublishOwnership AnnounceOwned";
    private const string Changed = "ReportStateChanged";
    private const string LetGo = "PublishOwnership ReportStateChanged";

    [Theory]

    // It hears.
    [InlineData("listening", "peer", "Listening", Appeared)]
    [InlineData("listening, peer", "peer", "Listening", "")]
    [InlineData("listening, peer", "peer moved", "Listening", "ReportPeerMoved")]
    [InlineData("active", "peer", "Active", Appeared)]
    [InlineData("active, peer", "peer", "Active", "")]
    [InlineData("active, peer", "peer moved", "Active", "ReportPeerMoved")]
    [InlineData("active, peer", "another peer", "Active", Appeared)]
    [InlineData("draining", "peer", "Draining", "")]
    [InlineData("draining", "another peer", "Draining", Appeared)]
    [InlineData("fault", "peer", "Fault", "")]
    [InlineData("fault", "another peer", "Fault", Appeared)]
    [InlineData("duplicate", "peer", "Fault", "")]

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
    [InlineData("fault", "duplicate below", "Fault", "ReportDuplicateUid")]
    [InlineData("duplicate", "duplicate below", "Fault", "")]

    // Faults come and go.
    [InlineData("listening", "fault", "Fault", Changed)]
    [InlineData("active", "fault", "Fault", LetGo)]
    [InlineData("active, peer", "fault", "Fault", LetGo)]
    [InlineData("draining", "fault", "Draining", "")]
    [InlineData("fault", "fault", "Fault", "")]
    [InlineData("duplicate", "fault", "Fault", "")]
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
    [InlineData("active", "stop", "(exit)", "PublishOwnership Exit")]
    [InlineData("active, peer", "stop", "Draining", Changed)]
    [InlineData("draining", "stop", "(exit)", "PublishOwnership Exit")]
    [InlineData("fault", "stop", "(exit)", "Exit")]
    [InlineData("duplicate", "stop", "(exit)", "Exit")]
    [InlineData("listening", "abort", "(exit)", "Exit")]
    [InlineData("active", "abort", "(exit)", "PublishOwnership Exit")]
    [InlineData("active, peer", "abort", "(exit)", "PublishOwnership Exit")]
    [InlineData("draining", "abort", "(exit)", "PublishOwnership Exit")]
    [InlineData("fault", "abort", "(exit)", "Exit")]

    // It stood still: whatever it hears first, it lets go before.
    [InlineData("listening, peer", "stall, deadline", "Listening", "ReportStalled " + Changed)]
    [InlineData("active", "stall, deadline", "Listening", "ReportStalled " + LetGo)]
    [InlineData("active, peer", "stall, deadline", "Listening", "ReportStalled " + LetGo)]
    [InlineData("active, peer", "stall, peer", "Listening", "ReportStalled " + LetGo)]
    [InlineData("active, peer", "stall, another peer", "Listening", "ReportStalled " + LetGo + " " + Appeared)]
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
        var driver = new GatewayDriver(10, "10.0.1.10");
        driver.RunUntil(state.StartsWith("listening", StringComparison.Ordinal) ? 0.4 : 3.4);
        if (state is not ("listening" or "active"))
        {
            Happen(driver, "peer");
        }

        driver.RunUntil(driver.Now.Nanoseconds / 1e9 + 0.2);
        switch (state)
        {
            case "draining":
                Happen(driver, "stop");
                break;
            case "fault":
                Happen(driver, "fault");
                break;
            case "duplicate":
                Happen(driver, "duplicate below");
                break;
        }

        driver.RunUntil(driver.Now.Nanoseconds / 1e9 + 0.2);
        return driver;
    }

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
            default:
                throw new ArgumentOutOfRangeException(nameof(happened));
        }
    }
}
