using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Core;

/// <summary>
/// One gateway under test, in virtual time, with an interval of 1 s and dead after 3: keeps what the latest event led
/// to, wakes the gateway at its own deadlines only, and checks after every event what must hold for each gateway alone.
/// </summary>
internal sealed class GatewayDriver
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan DeadInterval = TimeSpan.FromSeconds(3);
    public static readonly VniSet Vnis = VniSetTests.Parse("1-6,4094,65536");

    private readonly GatewayCommandList _commands = new();
    private readonly GatewayInvariants _invariants;

    /// <summary>Starts it.</summary>
    public GatewayDriver(
        ulong uid, string address, Instant start = default, TimeSpan lead = default, TimeSpan startupDelay = default)
    {
        Uid = new NodeId(uid);
        Address = Ip(address);
        Now = start;
        Lead = lead;
        Gateway = new Gateway(Uid, Vnis, new GatewayTiming(Interval, DeadAfter: 3, startupDelay, lead), start);
        _invariants = new GatewayInvariants(this);
        Handle(GatewayEvent.OwnAddressChanged(Address));
    }

    public NodeId Uid { get; }

    public Ipv4Address Address { get; }

    public Gateway Gateway { get; }

    public TimeSpan Lead { get; }

    /// <summary>The instant of the latest event; or a later one, when it is made to stand still until then.</summary>
    public Instant Now { get; set; }

    /// <summary>The instant of its latest advertisement.</summary>
    public Instant LastSent { get; private set; }

    public bool Exited { get; private set; }

    /// <summary>What the latest event led to.</summary>
    public ReadOnlySpan<GatewayCommand> Commands => _commands.Commands;

    /// <summary>The kinds of <see cref="Commands"/>, one after the other.</summary>
    public string Said => string.Join(' ', Commands.ToArray().Select(command => command.Kind));

    /// <summary>The VNIs that it serves, a bit for the index of each.</summary>
    public ulong Served => Gateway.Serving.Words[0];

    public static Ipv4Address Ip(string text) =>
        Ipv4Address.TryParse(text, out Ipv4Address address) ? address : throw new ArgumentException(text, nameof(text));

    public static Instant At(double seconds) => new((long)Math.Round(seconds * 1e7) * 100);

    public void Handle(GatewayEvent happened)
    {
        _invariants.Before();
        _commands.Clear();
        Gateway.Handle(happened, Now, _commands);
        LastSent = CountSaid(GatewayCommandKind.SendAdvertisement) > 0 ? Now : LastSent;
        Exited |= CountSaid(GatewayCommandKind.Exit) > 0;
        _invariants.Check(happened);
    }

    public void Handle(GatewayEventKind kind, GatewayFaults fault = default) =>
        Handle(new GatewayEvent(kind, Fault: fault));

    public void Hear(ulong uid, string source) =>
        Handle(GatewayEvent.AdvertisementReceived(new NodeId(uid), Ip(source)));

    public void HearGoodbye(ulong uid, string source) => HearHandover(GatewayEventKind.GoodbyeReceived, uid, source, uid);

    public void HearTaken(ulong uid, string source, ulong leaver) =>
        HearHandover(GatewayEventKind.TakenReceived, uid, source, leaver);

    public void HearHandover(GatewayEventKind kind, ulong uid, string source, ulong subject) =>
        Handle(new GatewayEvent(kind, new NodeId(uid), Ip(source), Subject: new NodeId(subject)));

    /// <summary>Lets time pass until then, and wakes it at each deadline on the way.</summary>
    /// <returns>What it said, and when.</returns>
    public List<(Instant At, GatewayCommand Command)> RunUntil(double seconds)
    {
        var said = new List<(Instant, GatewayCommand)>();
        while (!Exited && Gateway.Deadline <= At(seconds))
        {
            Now = Instant.Max(Now, Gateway.Deadline);
            Handle(GatewayEventKind.DeadlineReached);
            foreach (GatewayCommand command in Commands)
            {
                said.Add((Now, command));
            }
        }

        Now = At(seconds);
        return said;
    }

    public int CountSaid(GatewayCommandKind kind)
    {
        int count = 0;
        foreach (GatewayCommand command in Commands)
        {
            count += command.Kind == kind ? 1 : 0;
        }

        return count;
    }
}
