using System;
using System.Linq;

namespace Wmgwd2.Benchmarks;

/// <summary>What is to be reached, and what was measured.</summary>
internal static class Reach
{
    /// <summary>The heading of a table of rows.</summary>
    public const string Heading = "| what | reach | measured | |\n|---|---|---|---|";

    /// <summary>A row of the table.</summary>
    public static string Row(string what, string reach, string measured, bool holds) =>
        $"| {what} | {reach} | {measured} | {(holds ? "holds" : "misses")} |";

    /// <summary>A row of what is worth knowing, and has no reach.</summary>
    public static string Note(string what, string measured) => $"| {what} | | {measured} | |";

    /// <summary>The middle one of some values; of an even number the mean of the two in the middle.</summary>
    public static double Median(ReadOnlySpan<double> values)
    {
        double[] sorted = [.. values.ToArray().Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
