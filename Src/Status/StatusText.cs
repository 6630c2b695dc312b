using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>The status for a terminal.</summary>
public static class StatusText
{
    private const int MaximumProblemLines = 20;

    /// <summary>Renders a status.</summary>
    /// <param name="status">The status.</param>
    /// <param name="columns">How wide the terminal is; long lists of VNIs are wrapped.</param>
    /// <param name="rows">How high it is, if lists of VNIs are to be cut so that all else fits.</param>
    /// <param name="palette">The colours; none by default.</param>
    public static string Render(
        StatusSnapshot status, int columns, int rows = int.MaxValue, Palette? palette = null)
    {
        palette ??= Palette.Plain;
        var text = new StringBuilder();
        AppendSelf(text, status, columns, palette);
        text.AppendLine();
        AppendTable(text, status, palette);
        text.AppendLine();
        var problems = new StringBuilder();
        AppendProblems(problems, status, columns, palette);
        AppendOwnership(text, status, columns, rows - CountLines(text) - CountLines(problems));
        return text.Append(problems).ToString();
    }

    /// <summary>Colours the name of a state.</summary>
    internal static string Paint(StatusSnapshot status, Palette palette) => status.State switch
    {
        GatewayState.Active => palette.Good(status.StateName),
        GatewayState.Fault => palette.Bad(status.StateName),
        _ => palette.Passing(status.StateName),
    };

    /// <summary>Lays rows out as a table: columns as wide as their widest cell, the first row a heading.</summary>
    /// <param name="text">Receives the table.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="palette">The colours.</param>
    /// <param name="bad">Says of a cell whether it is to be seen as wrong.</param>
    internal static void AppendTable(
        StringBuilder text, List<string[]> rows, Palette palette, Func<string, bool> bad)
    {
        int[] widths = TextTable.Measure(rows);
        foreach (string[] row in rows)
        {
            var line = new StringBuilder();
            for (int column = 0; column < row.Length; column++)
            {
                string cell = row[column].PadRight(widths[column]);
                line.Append(column > 0 ? "  " : "").Append(bad(row[column]) ? palette.Bad(cell) : cell);
            }

            string whole = line.ToString().TrimEnd();
            text.AppendLine(row == rows[0] ? palette.Heading(whole) : whole);
        }
    }

    private static int CountLines(StringBuilder text)
    {
        int lines = 0;
        for (int at = 0; at < text.Length; at++)
        {
            lines += text[at] == '\n' ? 1 : 0;
        }

        return lines;
    }

    private static void AppendSelf(StringBuilder text, StatusSnapshot status, int columns, Palette palette)
    {
        string address = status.Address.Value == 0 ? "address unknown" : status.Address.ToString();
        string interval = string.Create(CultureInfo.InvariantCulture, $"{status.Interval.TotalMilliseconds:0.###} ms");
        string left = status.ListensFor is { } time ? $", {Duration(time)} to go" : "";
        text.AppendLine($"gateway {status.Uid} ({address}): {Paint(status, palette)} for {Duration(status.InState)}{left}");
        if (status.Fault != null)
        {
            AppendWrapped(text, "fault: ", status.Fault, columns, paint: palette.Bad);
        }

        text.AppendLine($"wmgwd2 {status.Version}, advertisement interval {interval}");
    }

    private static void AppendTable(StringBuilder text, StatusSnapshot status, Palette palette)
    {
        if (status.Peers.Count == 0)
        {
            text.AppendLine("no peers heard");
            return;
        }

        var rows = new List<string[]> { new[] { "PEER", "ADDRESS", "STATE", "LAST HEARD", "VNIS" } };
        rows.AddRange(status.Peers.Select(peer => new[]
        {
            peer.Uid.ToString(),
            peer.Address.ToString(),
            peer.Alive ? "alive" : "dead",
            $"{Duration(peer.SinceHeard)} ago",
            peer.OwnedVnis.ToString(CultureInfo.InvariantCulture),
        }));
        AppendTable(text, rows, palette, cell => cell == "dead");
    }

    private static void AppendOwnership(StringBuilder text, StatusSnapshot status, int columns, int room)
    {
        text.AppendLine($"{status.Vnis.Count} VNIs, by owner:");
        var owners = new List<(string Name, ushort Slot)> { ($"{status.Uid} (this gateway)", PeerTable.OwnSlot) };
        owners.AddRange(status.Peers.Where(peer => peer.Alive).Select(peer => (peer.Uid.ToString(), (ushort)peer.Slot)));
        owners.Add(("nobody", Ownership.NoOwner));
        int width = owners.Max(owner => owner.Name.Length);
        int lines = Math.Max(1, (room - 1) / owners.Count);
        foreach ((string name, ushort slot) in owners)
        {
            string vnis = VniRanges.Format(status.Vnis, index => status.Owners[index] == slot, int.MaxValue);
            if (vnis.Length > 0 || slot != Ownership.NoOwner)
            {
                AppendWrapped(text, $"  {name.PadRight(width)}  ", vnis.Length > 0 ? vnis : "-", columns, lines);
            }
        }
    }

    private static void AppendProblems(StringBuilder text, StatusSnapshot status, int columns, Palette palette)
    {
        IReadOnlyList<(string Vnis, string Problem)> problems =
            new ProblemReport(status.Vnis, status.InterfacePattern).Gather(status.StatusOf, status.ReasonsOf, int.MaxValue);
        if (problems.Count == 0)
        {
            return;
        }

        text.AppendLine().AppendLine("wrong:");
        foreach ((string vnis, string problem) in problems.Take(MaximumProblemLines))
        {
            AppendWrapped(text, "  ", $"{vnis}: {problem}", columns, paint: palette.Bad);
        }

        if (problems.Count > MaximumProblemLines)
        {
            text.AppendLine($"  and {problems.Count - MaximumProblemLines} more problems; --json has them all");
        }
    }

    /// <summary>Breaks after commas and at spaces, and indents what follows under the beginning.</summary>
    /// <param name="text">Receives the lines.</param>
    /// <param name="prefix">What stands before the first of them.</param>
    /// <param name="content">What is broken.</param>
    /// <param name="columns">How wide the terminal is.</param>
    /// <param name="lines">How many lines there may be: the last of them ends with an ellipsis where it isn't the end.</param>
    /// <param name="paint">Colours the content.</param>
    internal static void AppendWrapped(
        StringBuilder text, string prefix, string content, int columns, int lines = int.MaxValue,
        Func<string, string>? paint = null)
    {
        int room = Math.Max(columns - prefix.Length, 20);
        string indent = prefix;
        while (content.Length > room)
        {
            bool last = --lines == 0;
            int at = content.LastIndexOfAny([',', ' '], last ? room - 3 : room - 1);
            at = at < 0 ? (last ? room - 2 : room) : at + 1;
            string line = last ? $"{content[..at].TrimEnd()} …" : content[..at].TrimEnd();
            text.Append(indent).AppendLine(paint == null ? line : paint(line));
            if (last)
            {
                return;
            }

            content = content[at..].TrimStart();
            indent = new string(' ', prefix.Length);
        }

        text.Append(indent).AppendLine(paint == null ? content : paint(content));
    }

    /// <summary>A length of time as operators read it.</summary>
    internal static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Hours} h {time.Minutes} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays} d {time.Hours} h"),
    };
}
