using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>The explanation of one VNI for a terminal.</summary>
public static class VniText
{
    /// <summary>Renders an explanation.</summary>
    /// <param name="vni">The explanation.</param>
    /// <param name="columns">How wide the terminal is.</param>
    /// <param name="palette">The colours; none by default.</param>
    public static string Render(VniExplanation vni, int columns, Palette? palette = null)
    {
        palette ??= Palette.Plain;
        StatusSnapshot status = vni.Status;
        var text = new StringBuilder();
        string age = StatusText.Duration(Age(status.Now, status.SinceOf(vni.Index)));
        text.AppendLine($"VNI {vni.Vni} ({status.InterfacePattern.NameOf(vni.Vni)}): {Paint(vni, palette)} for {age}");
        StatusText.AppendWrapped(text, "", vni.Why, columns);
        if (vni.Transition is { } transition)
        {
            StatusText.AppendWrapped(text, "under way: ", transition, columns, paint: palette.Passing);
        }

        text.AppendLine();
        AppendWeights(text, vni, palette);
        text.AppendLine();
        StatusText.AppendWrapped(text, "the kernel shows: ", DescribeShown(vni), columns);
        Instant announcedAt = status.AnnouncedAtOf(vni.Index);
        text.AppendLine(announcedAt == Instant.Never
            ? "announced: not by this gateway"
            : $"announced: {StatusText.Duration(Age(status.Now, announcedAt))} ago");
        if (vni.Problem is { } problem)
        {
            StatusText.AppendWrapped(text, "wrong: ", problem, columns, paint: palette.Bad);
        }

        return text.ToString();
    }

    private static string Paint(VniExplanation vni, Palette palette) => vni.Shown.Condition switch
    {
        VniCondition.Held => "held down here",
        VniCondition.Rising => palette.Passing("being taken up here"),
        VniCondition.Served => palette.Good("served here"),
        VniCondition.Interrupted => palette.Passing("interrupted here, being taken up again,"),
        VniCondition.Lowering => palette.Passing("up here, being held down,"),
        _ => palette.Bad("not as it should be here"),
    };

    private static void AppendWeights(StringBuilder text, VniExplanation vni, Palette palette)
    {
        // The weights are numbers: they end under each other.
        var rows = new List<string[]> { new[] { $"{"WEIGHT",20}", "GATEWAY", "ADDRESS", "" } };
        foreach (GatewayWeight gateway in vni.Gateways)
        {
            rows.Add(
            [
                gateway.Weight.ToString(CultureInfo.InvariantCulture).PadLeft(20),
                gateway.Uid.ToString(),
                gateway.Address.Value == 0 ? "unknown" : gateway.Address.ToString(),
                Describe(gateway, vni),
            ]);
        }

        StatusText.AppendTable(text, rows, palette, _ => false);
    }

    private static string Describe(GatewayWeight gateway, VniExplanation vni)
    {
        string role = vni.Status.Owners[vni.Index] == gateway.Slot ? "owner"
            : gateway.IsElected ? ""
            : $"{vni.Status.StateName}: takes no part";
        return !gateway.IsOwn ? role : role.Length == 0 ? "this gateway" : $"this gateway, {role}";
    }

    private static string DescribeShown(VniExplanation vni)
    {
        InterfaceStatus shown = vni.Shown;
        string name = vni.Status.InterfacePattern.NameOf(vni.Vni);
        if (shown.Ifindex == 0)
        {
            return $"no interface {name}";
        }

        InterfaceDetails details = vni.Status.DetailsOf(vni.Index);
        var words = new List<string>
        {
            name,
            string.Create(CultureInfo.InvariantCulture, $"ifindex {shown.Ifindex}"),
            shown.Protodown ? "protodown on" : "protodown off",
        };
        if (vni.Status.ReasonsOf(vni.Index) is var reasons and not 0)
        {
            words.Add($"protodown reason {ProblemText.NameReasons(reasons)}");
        }

        words.Add(shown.Operational ? "operational" : "not operational");
        if (details.LowerIfindex != 0)
        {
            words.Add(string.Create(CultureInfo.InvariantCulture, $"on device {details.LowerIfindex}"));
        }

        words.Add($"MAC {details.HardwareAddressText}");
        foreach (Ipv4Address address in details.Addresses)
        {
            words.Add(address.ToString());
        }

        return string.Join(", ", words) + (details.Addresses.Length == 0 ? ", no IPv4 address" : "");
    }

    private static TimeSpan Age(Instant now, Instant then) => now > then ? now - then : TimeSpan.Zero;
}
