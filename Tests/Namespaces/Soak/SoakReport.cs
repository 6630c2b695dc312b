using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>What a soak has shown, as Markdown.</summary>
internal static class SoakReport
{
    /// <summary>So many violations are enough to see what is wrong.</summary>
    private const int MaximumViolations = 40;

    /// <param name="cluster">What was done.</param>
    /// <param name="checker">What came of it.</param>
    /// <param name="violations">What must not have been, the checker's too.</param>
    /// <param name="summary">A line about the whole.</param>
    public static string Write(
        SoakCluster cluster, SoakChecker checker, IReadOnlyList<string> violations, string summary)
    {
        var text = new StringBuilder();
        text.AppendLine(summary);
        text.AppendLine();
        text.AppendLine("| fault | survived | longest without an owner, ms | bound | longest with two, ms | bound | last move, ms after its beginning |");
        text.AppendLine("|---|---|---|---|---|---|---|");
        foreach (string kind in checker.Rows.Keys.Union(cluster.Survived.Keys).Order(StringComparer.Ordinal))
        {
            WriteRow(text, kind, cluster, checker.Rows.GetValueOrDefault(kind) ?? new SoakRow());
        }

        text.AppendLine();
        text.AppendLine(violations.Count == 0 ? "All held." : $"{violations.Count} violations:");
        foreach (string violation in violations.Take(MaximumViolations))
        {
            text.AppendLine($"- {violation}");
        }

        return text.ToString();
    }

    /// <summary>What was done and when, and every time without an owner or with two that was longer than a moment.</summary>
    public static string WriteChronicle(SoakCluster cluster, SoakChecker checker)
    {
        IEnumerable<(TimeSpan Time, string What)> changes = cluster.Model.Changes.Select(change => (
            change.From,
            string.Create(CultureInfo.InvariantCulture, $"{change.Kind}, to be acted on by {change.LastDeadline.TotalSeconds:0.000} s")));
        IEnumerable<(TimeSpan Time, string What)> disturbances = cluster.Model.Disturbances.Select(disturbance => (
            disturbance.From,
            string.Create(CultureInfo.InvariantCulture,
                $"{disturbance.Kind} at gateway {disturbance.Gateway + 1} until {disturbance.Over.TotalSeconds:0.000} s")));
        return string.Join('\n', changes.Concat(disturbances).Concat(checker.Measured).OrderBy(entry => entry.Time)
            .Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Time.TotalSeconds:0.000} s: {entry.What}")));
    }

    private static void WriteRow(StringBuilder text, string kind, SoakCluster cluster, SoakRow row)
    {
        ClusterChange[] changes = [.. cluster.Model.Changes.Where(change => change.Kind == kind)];
        TimeSpan least = cluster.Model.Disturbances.Any(disturbance => disturbance.Kind == kind)
            ? SoakTimes.Allowance : TimeSpan.Zero;
        TimeSpan none = changes.Select(change => change.MaxNone).Append(row.NoneBound).Append(least).Max();
        TimeSpan two = changes.Select(change => change.MaxTwo).Append(row.TwoBound).Append(least).Max();

        // What ends a fault has no count of its own: there is one for each change.
        string survived = kind == SoakChecker.Several
            ? "" : cluster.Survived.GetValueOrDefault(kind, changes.Length).ToString(CultureInfo.InvariantCulture);
        text.AppendLine(string.Create(CultureInfo.InvariantCulture,
            $"| {kind} | {survived} | {row.None.TotalMilliseconds:0.0} | {none.TotalMilliseconds:0} | {row.Two.TotalMilliseconds:0.0} | {two.TotalMilliseconds:0} | {row.Settled.TotalMilliseconds:0} |"));
    }
}
