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
    public static string Render(StatusSnapshot status, int columns)
    {
        var text = new StringBuilder();
        AppendSelf(text, status, columns);
        text.AppendLine();
        AppendTable(text, status);
        text.AppendLine();
        AppendOwnership(text, status, columns);
        AppendProblems(text, status, columns);
        return text.ToString();
    }

    private static void AppendSelf(StringBuilder text, StatusSnapshot status, int columns)
    {
        string address = status.Address.Value == 0 ? "address unknown" : status.Address.ToString();
        string interval = string.Create(CultureInfo.InvariantCulture, $"{status.Interval.TotalMilliseconds:0.###} ms");
        text.AppendLine($"gateway {status.Uid} ({address}): {status.StateName} for {Duration(status.InState)}");
        if (status.Fault != null)
        {
            AppendWrapped(text, "fault: ", status.Fault, columns);
        }

        text.AppendLine($"wmgwd2 {status.Version}, advertisement interval {interval}");
    }

    private static void AppendTable(StringBuilder text, StatusSnapshot status)
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
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            text.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    private static void AppendOwnership(StringBuilder text, StatusSnapshot status, int columns)
    {
        text.AppendLine($"{status.Vnis.Count} VNIs, by owner:");
        var owners = new List<(string Name, ushort Slot)> { ($"{status.Uid} (this gateway)", PeerTable.OwnSlot) };
        owners.AddRange(status.Peers.Where(peer => peer.Alive).Select(peer => (peer.Uid.ToString(), (ushort)peer.Slot)));
        owners.Add(("nobody", Ownership.NoOwner));
        int width = owners.Max(owner => owner.Name.Length);
        foreach ((string name, ushort slot) in owners)
        {
            string vnis = VniRanges.Format(status.Vnis, index => status.Owners[index] == slot, int.MaxValue);
            if (vnis.Length > 0 || slot != Ownership.NoOwner)
            {
                AppendWrapped(text, $"  {name.PadRight(width)}  ", vnis.Length > 0 ? vnis : "-", columns);
            }
        }
    }

    private static void AppendProblems(StringBuilder text, StatusSnapshot status, int columns)
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
            AppendWrapped(text, "  ", $"{vnis}: {problem}", columns);
        }

        if (problems.Count > MaximumProblemLines)
        {
            text.AppendLine($"  and {problems.Count - MaximumProblemLines} more problems; --json has them all");
        }
    }

    /// <summary>Breaks after commas and at spaces, and indents what follows under the beginning.</summary>
    private static void AppendWrapped(StringBuilder text, string prefix, string content, int columns)
    {
        int room = Math.Max(columns - prefix.Length, 20);
        string indent = prefix;
        while (content.Length > room)
        {
            int at = content.LastIndexOfAny([',', ' '], room - 1);
            at = at < 0 ? room : at + 1;
            text.Append(indent).AppendLine(content[..at].TrimEnd());
            content = content[at..];
            indent = new string(' ', prefix.Length);
        }

        text.Append(indent).AppendLine(content);
    }

    private static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Hours} h {time.Minutes} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays} d {time.Hours} h"),
    };
}
