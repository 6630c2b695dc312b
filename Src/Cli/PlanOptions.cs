using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using Wmgwd2.Config;
using Wmgwd2.Core;

namespace Wmgwd2.Cli;

/// <summary>What a command line asks of <c>wmgwd2 plan</c>.</summary>
internal sealed class PlanRequest
{
    /// <summary>VNIs and timers.</summary>
    public required Settings Settings { get; init; }

    /// <summary>The uids of the gateways that are there.</summary>
    public required NodeId[] Gateways { get; init; }

    /// <summary>The uids of those that join.</summary>
    public required NodeId[] Joiners { get; init; }

    /// <summary>How many uids to draw; 0 for none.</summary>
    public required int Pick { get; init; }

    /// <summary>What the draws follow from; null for anything.</summary>
    public required ulong? Seed { get; init; }

    /// <summary>The VNIs that are asked after; null for none in particular.</summary>
    public required VniSet? Shown { get; init; }

    /// <summary>Whether to write every list to its end.</summary>
    public required bool ShowAll { get; init; }

    /// <summary>Whether to write JSON.</summary>
    public required bool Json { get; init; }
}

/// <summary>The flags of <c>wmgwd2 plan</c>.</summary>
internal sealed class PlanOptions
{
    private const string All = "all";

    /// <summary>Those of the daemon's settings that a plan depends on.</summary>
    private static readonly string[] Keys =
        ["vnis", "minvni", "maxvni", "interval", "dead-after", "startup-delay", "handover-lead"];

    private static readonly string ExpectedUid = SettingKey.Find("uid")!.Expected;

    private readonly Option<string> _uids = new("--uids")
    {
        Description = "The uids of the gateways, as in 7,8,0x9.",
        HelpName = "LIST",
    };

    private readonly Option<string> _join = new("--join")
    {
        Description = "The uids of gateways that join those of --uids: what moves then, instead of what moves when one dies.",
        HelpName = "LIST",
    };

    private readonly Option<string> _pick = new("--pick")
    {
        Description = "Draw so many uids that share these VNIs as evenly as can be; with --uids, to go with those.",
        HelpName = "N",
    };

    private readonly Option<string> _seed = new("--seed")
    {
        Description = "Have --pick draw the same uids each time. Without it, others each time.",
        HelpName = "N",
    };

    private readonly Option<string> _show = new("--show")
    {
        Description = "Only who owns these VNIs, and who would as one after the other died; or 'all': the whole plan, "
            + "with every list to its end.",
        HelpName = "VNIS",
    };

    private readonly Option<bool> _json = new("--json") { Description = "As JSON; README.md documents the members." };

    private readonly SettingOptions _settings;

    /// <param name="command">The command that has these flags.</param>
    public PlanOptions(Command command)
    {
        Option[] own = [_uids, _join, _pick, _seed, _show, _json];
        foreach (Option option in own)
        {
            command.Options.Add(option);
        }

        _settings = new SettingOptions(command, SettingKey.All.Where(key => Keys.Contains(key.Name)));
    }

    /// <summary>Reads what a command line asks for.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="errors">Is told what is wrong, a line each.</param>
    /// <returns>What it asks for, or null when anything is wrong.</returns>
    public PlanRequest? Read(ParseResult result, TextWriter errors)
    {
        var found = new List<string>();
        Settings? settings = _settings.Read(result, errors);
        NodeId[] gateways = ReadUids("--uids", result.GetValue(_uids), [], found);
        NodeId[] joiners = ReadUids("--join", result.GetValue(_join), gateways, found);
        var request = new PlanRequest
        {
            Settings = settings!,
            Gateways = gateways,
            Joiners = joiners,
            Pick = ReadPick(result.GetValue(_pick), found),
            Seed = ReadSeed(result.GetValue(_seed), found),
            Shown = ReadShown(result.GetValue(_show), settings?.Vnis, found),
            ShowAll = result.GetValue(_show) == All,
            Json = result.GetValue(_json),
        };
        if (found.Count == 0)
        {
            FindConflicts(result, request, found);
        }

        foreach (string error in found)
        {
            errors.WriteLine(error);
        }

        return settings != null && found.Count == 0 ? request : null;
    }

    private void FindConflicts(ParseResult result, PlanRequest request, List<string> found)
    {
        int count = request.Gateways.Length + request.Joiners.Length + request.Pick;
        if (request.Gateways.Length == 0 && request.Pick == 0)
        {
            found.Add("--uids: missing; expected the uids of the gateways, as in 7,8,0x9, or --pick N to have some drawn");
        }

        if (request.Pick > 0 && request.Joiners.Length > 0)
        {
            found.Add($"--join: '{result.GetValue(_join)}' stands beside --pick; expected one of the two");
        }

        if (request.Pick == 0 && request.Seed != null)
        {
            found.Add($"--seed: '{result.GetValue(_seed)}' stands without --pick; expected both or neither");
        }

        if (request.Pick > 0 && request.Shown != null)
        {
            found.Add($"--show: '{result.GetValue(_show)}' stands beside --pick; expected all, or --uids with the uids drawn");
        }

        if (count > ElectionPlan.GatewayLimit)
        {
            Option<string> last = request.Pick > 0 ? _pick : request.Joiners.Length > 0 ? _join : _uids;
            found.Add(string.Create(CultureInfo.InvariantCulture,
                $"{last.Name}: '{Abbreviate(result.GetValue(last)!)}' makes {count} gateways in all; expected at most "
                + $"{ElectionPlan.GatewayLimit}"));
        }
    }

    private static NodeId[] ReadUids(string flag, string? text, NodeId[] there, List<string> found)
    {
        string[] parts = text?.Split(',', StringSplitOptions.TrimEntries) ?? [];
        var uids = new NodeId[parts.Length];
        int count = 0;
        foreach (string part in parts)
        {
            if (!ValueParser.TryParseUid(part, out NodeId uid))
            {
                found.Add($"{flag}: '{part}' is not {ExpectedUid}; expected a list of those, as in 7,8,0x9");
            }
            else if (Contains(there, uid))
            {
                found.Add($"{flag}: '{part}' is in --uids too; expected gateways that are not there yet");
            }
            else if (Contains(uids.AsSpan(0, count), uid))
            {
                found.Add($"{flag}: '{part}' is given twice; expected each gateway's own uid");
            }
            else
            {
                uids[count++] = uid;
            }
        }

        return uids.AsSpan(0, count).ToArray();
    }

    private static bool Contains(ReadOnlySpan<NodeId> uids, NodeId wanted)
    {
        foreach (NodeId uid in uids)
        {
            if (uid.Value == wanted.Value)
            {
                return true;
            }
        }

        return false;
    }

    private static int ReadPick(string? text, List<string> found)
    {
        if (text == null)
        {
            return 0;
        }

        if (ValueParser.TryParseNumber(text, 1, ElectionPlan.GatewayLimit, out uint number))
        {
            return (int)number;
        }

        found.Add($"--pick: '{text}' is not a number from 1 to {ElectionPlan.GatewayLimit}");
        return 0;
    }

    private static ulong? ReadSeed(string? text, List<string> found)
    {
        if (text == null)
        {
            return null;
        }

        if (ValueParser.TryParseUid(text, out NodeId number))
        {
            return number.Value;
        }

        found.Add($"--seed: '{text}' is not {ExpectedUid}");
        return null;
    }

    private static VniSet? ReadShown(string? text, VniSet? vnis, List<string> found)
    {
        if (text is null or All)
        {
            return null;
        }

        if (!ValueParser.TryParseVnis(text, out VniSet? shown))
        {
            found.Add($"--show: '{text}' is neither all nor {SettingKey.Find("vnis")!.Expected}");
            return null;
        }

        foreach (VniRange range in shown.Ranges)
        {
            // Ranges of a set don't touch: both ends are in the same one exactly when as many VNIs lie between their indexes.
            if (vnis != null && (vnis.IndexOf(range.First) < 0
                || vnis.IndexOf(range.Last) - vnis.IndexOf(range.First) != range.Count - 1))
            {
                found.Add($"--show: '{range}' is not among the VNIs of this plan; expected some of {Abbreviate(vnis.ToString())}");
            }
        }

        return shown;
    }

    private static string Abbreviate(string text) => text.Length <= 60 ? text : $"{text[..60]}…";
}
