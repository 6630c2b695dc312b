using System;
using System.Globalization;
using System.IO;
using System.Runtime.CompilerServices;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>A table of gateways and how many VNIs each owns, with a bar for each.</summary>
internal static class LoadTable
{
    private const int WidestBar = 40;
    private const int NarrowestBar = 4;
    private const int EighthsACell = 8;

    // From an eighth to seven eighths of a cell, filled from the left (Unicode, block elements).
    private const string PartialCells = "▏▎▍▌▋▊▉";
    private const char FullCell = '█';
    private const char AsciiCell = '#';

    /// <summary>Writes the table.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="names">The gateways.</param>
    /// <param name="before">How many VNIs each of the first of them owned before the others joined; empty where none does.</param>
    /// <param name="loads">How many VNIs each owns.</param>
    /// <param name="style">How it is written.</param>
    public static void Write(
        TextWriter output, string[] names, ReadOnlySpan<int> before, ReadOnlySpan<int> loads, PlanStyle style)
    {
        LoadBalance balance = LoadBalance.Of(loads);
        var rows = new string[names.Length + 1][];
        rows[0] = before.IsEmpty ? ["GATEWAY", "VNIS", "SHARE"] : ["GATEWAY", "NOW", "THEN", "SHARE"];
        for (int place = 0; place < names.Length; place++)
        {
            string load = Number(loads[place]);
            string share = Decimal(100.0 * loads[place] / balance.Total) + " %";
            rows[place + 1] = before.IsEmpty
                ? [names[place], load, share]
                : [names[place], place < before.Length ? Number(before[place]) : "-", load, share];
        }

        var table = new TextTable(rows);
        int width = Math.Min(WidestBar, style.Columns - table.Width - 2);
        output.WriteLine(table[0]);
        for (int place = 0; place < names.Length; place++)
        {
            output.WriteLine((table[place + 1] + "  " + Bar(loads[place], balance.Most, width, style)).TrimEnd());
        }
    }

    /// <summary>A number as it stands in a table.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // In a great many places: inlined it would be kilobytes.
    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A number with one digit behind the point.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static string Decimal(double number) => number.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>As long as the table's widest where the load is the highest; never nothing where there is a load.</summary>
    private static string Bar(int load, int most, int width, PlanStyle style)
    {
        if (width < NarrowestBar || load == 0)
        {
            return "";
        }

        long eighths = Math.Max(1, (load * (long)width * EighthsACell + most / 2) / most);
        var full = (int)(eighths / EighthsACell);
        var rest = (int)(eighths % EighthsACell);
        string bar = style.Unicode
            ? new string(FullCell, full) + (rest > 0 ? PartialCells.Substring(rest - 1, 1) : "")
            : new string(AsciiCell, Math.Max(1, (int)((eighths + EighthsACell / 2) / EighthsACell)));
        return load == most ? style.Palette.Passing(bar) : style.Palette.Good(bar);
    }
}
