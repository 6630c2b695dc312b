using System;
using System.Globalization;
using System.IO;
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

    private const string Ordinary = "\e[32m";
    private const string Highest = "\e[33m";
    private const string Plain = "\e[0m";

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
        string heading = before.IsEmpty ? "VNIS" : "THEN";
        int nameWidth = WidthOf("GATEWAY", names);
        int width = Math.Max(heading.Length, Count(balance.Most).Length);
        int beforeWidth = before.IsEmpty ? 0 : Math.Max("NOW".Length, Count(LoadBalance.Of(before).Most).Length);
        int barWidth = Math.Min(WidestBar, style.Columns - nameWidth - width - beforeWidth - 13);
        output.WriteLine(
            $"{"GATEWAY".PadRight(nameWidth)}{Before("NOW")}  {heading.PadLeft(width)}    SHARE");
        for (int place = 0; place < names.Length; place++)
        {
            string now = Before(place < before.Length ? Count(before[place]) : "-");
            string share = Share(loads[place], balance.Total);
            string bar = Bar(loads[place], balance.Most, barWidth, style);
            output.WriteLine(
                $"{names[place].PadRight(nameWidth)}{now}  {Count(loads[place]).PadLeft(width)}  {share,7}  {bar}".TrimEnd());
        }

        string Before(string text) => beforeWidth == 0 ? "" : $"  {text.PadLeft(beforeWidth)}";
    }

    /// <summary>A number in a table.</summary>
    public static string Count(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>How wide a column is.</summary>
    public static int WidthOf(string heading, string[] cells)
    {
        int width = heading.Length;
        foreach (string cell in cells)
        {
            width = Math.Max(width, cell.Length);
        }

        return width;
    }

    private static string Share(int load, long total) =>
        string.Create(CultureInfo.InvariantCulture, $"{100.0 * load / total:0.0} %");

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
        return style.Color ? $"{(load == most ? Highest : Ordinary)}{bar}{Plain}" : bar;
    }
}
