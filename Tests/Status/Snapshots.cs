using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Config;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Tests.Status;

/// <summary>Statuses to be rendered.</summary>
internal static class Snapshots
{
    public const ushort OwnSlot = PeerTable.OwnSlot;
    public const ushort SecondSlot = 1;
    public const ushort ThirdSlot = 2;

    public static InterfacePattern Pattern { get; } = InterfacePattern.TryParse("vrrp4-%d")!;

    /// <summary>The interface of an owned VNI that is as it should be.</summary>
    public static InterfaceStatus Serving { get; } = Interface();

    /// <summary>The interface of a VNI that another gateway owns.</summary>
    public static InterfaceStatus Held { get; } = new(7, true, false, false, false, 0, InterfaceProblem.None);

    /// <summary>The interface of a VNI that has none.</summary>
    public static InterfaceStatus Missing { get; } = new(0, false, false, false, false, 0, InterfaceProblem.Missing);

    /// <summary>When all statuses were.</summary>
    public static Instant Now { get; } = new(5_000_000_000_000);

    /// <summary>A gateway that has just begun to listen, alone, with VNIs 1 to 100.</summary>
    public static StatusSnapshot Listening { get; } = new()
    {
        Version = "1.2.3",
        Uid = new NodeId(1000003),
        Address = default,
        State = GatewayState.Listening,
        Fault = null,
        InState = TimeSpan.FromMilliseconds(250),
        Interval = TimeSpan.FromSeconds(1),
        Peers = [],
        Vnis = Vnis("1-100"),
        InterfacePattern = Pattern,
        Owners = [.. Enumerable.Repeat(Ownership.NoOwner, 100)],
        StatusOf = _ => Held,
        ReasonsOf = _ => 0,
        SinceOf = _ => Now - TimeSpan.FromMilliseconds(250),
        AnnouncedAtOf = _ => Instant.Never,
        DetailsOf = _ => new InterfaceDetails(0x00005e000105, 6, []),
        Counters = [new("received_accepted", 0), new("advertisements_sent", 0)],
        Now = Now,
        StartedAt = new DateTime(2026, 11, 22, 16, 23, 4, 567, DateTimeKind.Utc),
        IsElected = false,
        LastMovement = null,
    };

    /// <summary>One of two live gateways, with six VNIs; a third gateway has died.</summary>
    public static StatusSnapshot Active { get; } = Listening with
    {
        Address = Address("10.0.1.11"),
        State = GatewayState.Active,
        InState = TimeSpan.FromSeconds(12.3456),
        Peers =
        [
            new(SecondSlot, new NodeId(2000006), Address("10.0.1.12"), true, TimeSpan.FromMilliseconds(120.7), 2),
            new(ThirdSlot, new NodeId(ulong.MaxValue), Address("10.0.1.113"), false, TimeSpan.FromHours(26.5), 0),
        ],
        Vnis = Vnis("1-5,200"),
        Owners = [OwnSlot, OwnSlot, SecondSlot, OwnSlot, SecondSlot, OwnSlot],
        StatusOf = index => index is 2 or 4 ? Held : Serving,
        SinceOf = index => Now - TimeSpan.FromSeconds(11.5 + index),
        AnnouncedAtOf = index => index is 2 or 4 ? Instant.Never : Now - TimeSpan.FromSeconds(1.25),
        DetailsOf = index => new InterfaceDetails(
            0x00005e000101ul + (uint)index, 6, [Address($"10.64.{index + 1}.1"), Address("192.0.2.1")]),
        Counters = [new("received_accepted", 1234567890123), new("advertisements_sent", 12)],
        IsElected = true,
        LastMovement = TimeSpan.FromMilliseconds(32.6),
    };

    public static VniSet Vnis(string list) =>
        ValueParser.TryParseVnis(list, out VniSet? vnis) ? vnis : throw new ArgumentException(list, nameof(list));

    public static InterfaceStatus Interface(InterfaceProblem problem = InterfaceProblem.None, int errno = 0) =>
        new(7, false, problem == InterfaceProblem.None, true, true, errno, problem);

    /// <summary>One VNI for each interface.</summary>
    public static StatusSnapshot With(IReadOnlyList<InterfaceStatus> interfaces, uint reasons) => Active with
    {
        Vnis = Vnis($"1-{interfaces.Count}"),
        Owners = [.. interfaces.Select(status => status.Wanted ? OwnSlot : SecondSlot)],
        StatusOf = index => interfaces[index],
        ReasonsOf = _ => reasons,
    };

    private static Ipv4Address Address(string text) =>
        Ipv4Address.TryParse(text, out Ipv4Address address) ? address : throw new ArgumentException(text, nameof(text));
}
