using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Tests.Status;

/// <summary>Plans to be rendered.</summary>
internal static class PlanReports
{
    /// <summary>How a plan is written to a pipe.</summary>
    public static PlanStyle Piped { get; } = new(80, unicode: false, palette: Palette.Plain);

    /// <summary>How it is written to a wide terminal.</summary>
    public static PlanStyle Terminal { get; } = new(120, unicode: true, palette: Palette.Coloured);

    public static IReadOnlyDictionary<string, PlanReport> All { get; } = new Dictionary<string, PlanReport>
    {
        ["three"] = Report("1-100", [1000003, 2000006, 3000009], []),
        ["one"] = Report("7", [ulong.MaxValue], [], new GatewayTiming(TimeSpan.FromMilliseconds(50), 4, TimeSpan.FromSeconds(30))),
        ["many"] = Report("1-4000,16777215", [.. Enumerable.Range(1, 12).Select(uid => ulong.MaxValue - (ulong)uid)], []),
        ["many-all"] = Report("1-100", [.. Enumerable.Range(1, 12).Select(uid => (ulong)uid * 1000003)], [], showAll: true),
        ["join"] = Report("1-100,200", [1000003, 2000006, 3000009], [4000012]),
        ["join-two"] = Report("1-100", [1000003], [4000012, 5000015]),
        ["pick"] = Picked("1-100", [], 3),
        ["pick-one-more"] = Picked("1-50", [1000003, 2000006], 1),
    };

    private static PlanReport Report(
        string vnis, ulong[] gateways, ulong[] joiners, GatewayTiming? timing = null, bool showAll = false) => new()
    {
        Version = "1.2.3",
        Plan = ElectionPlan.Compute(Snapshots.Vnis(vnis), Nodes(gateways), Nodes(joiners)),
        Timing = timing ?? new GatewayTiming(TimeSpan.FromSeconds(1), 3, default, TimeSpan.FromMilliseconds(200)),
        ShowAll = showAll,
    };

    private static PlanReport Picked(string vnis, ulong[] kept, int count)
    {
        UidPick pick = UidPick.Draw(Snapshots.Vnis(vnis), Nodes(kept), count, 7);
        return new PlanReport
        {
            Version = "1.2.3",
            Plan = ElectionPlan.Compute(Snapshots.Vnis(vnis), pick.Gateways, []),
            Timing = new GatewayTiming(TimeSpan.FromSeconds(1), 3),
            Pick = pick,
        };
    }

    private static NodeId[] Nodes(ulong[] uids) => [.. uids.Select(uid => new NodeId(uid))];
}
