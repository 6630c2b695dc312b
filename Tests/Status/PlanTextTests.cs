using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Wmgwd2.Core;
using Wmgwd2.Status;
using Xunit;

namespace Wmgwd2.Tests.Status;

/// <summary>The plan for people, as a whole, against Tests/Golden/plan.</summary>
public sealed class PlanTextTests
{
    public static TheoryData<string> Names() => new(PlanReports.All.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Text_in_a_pipe_is_golden(string name) =>
        Golden.AssertEqual($"plan/{name}.txt", Write(PlanReports.All[name], PlanReports.Piped));

    [Theory]
    [InlineData("three")]
    [InlineData("join")]
    public void Text_on_a_terminal_is_golden(string name) =>
        Golden.AssertEqual($"plan/{name}-terminal.txt", Write(PlanReports.All[name], PlanReports.Terminal));

    [Fact]
    public void Order_of_a_few_VNIs_is_golden()
    {
        var text = new StringWriter();
        NodeId[] gateways = [new(1000003), new(2000006), new(3000009), new(ulong.MaxValue)];
        PlanText.WriteOrder(text, gateways, Snapshots.Vnis("1-3,16777215"), PlanReports.Piped);
        Golden.AssertEqual("plan/order.txt", text.ToString());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Width_of_the_terminal_changes_only_where_lines_break_and_how_long_bars_are(string name)
    {
        PlanReport report = PlanReports.All[name];
        string expected = Words(Write(report, PlanReports.Piped));
        foreach (int columns in Enumerable.Range(1, 200))
        {
            string text = Write(report, new PlanStyle(columns, false, Palette.Plain));
            Assert.Equal(expected, Words(text));
            Assert.True(
                columns < 110 || text.Split('\n').All(line => line.Length <= columns), $"wider than {columns}:\n{text}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Colours_and_blocks_change_nothing_else(string name)
    {
        string plain = Write(PlanReports.All[name], PlanReports.Piped);
        string rich = Write(PlanReports.All[name], new PlanStyle(80, true, Palette.Coloured));
        Assert.Contains('\e', rich);
        Assert.Contains('█', rich);
        Assert.DoesNotContain('\e', plain);
        Assert.All(plain, letter => Assert.True(char.IsAscii(letter)));
        Assert.Equal(Words(plain), Words(Regex.Replace(rich, "\e\\[[0-9]*m", "")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void All_that_is_said_to_move_moves(string name)
    {
        // Of every row of heirs the numbers add up, whatever is left out of it.
        PlanReport report = PlanReports.All[name];
        if (report.Plan.Tally is { } tally)
        {
            string text = Write(report, new PlanStyle(10_000, false, Palette.Plain));
            string[] rows = text[text.IndexOf("DIES", StringComparison.Ordinal)..].Split('\n')[1..(tally.Owned.Length + 1)];
            for (int dead = 0; dead < rows.Length; dead++)
            {
                int moved = Regex.Matches(rows[dead], @"\+(\d+)").Sum(match => int.Parse(match.Groups[1].ValueSpan));
                Assert.Equal(tally.Owned.Length == 1 ? 0 : tally.Owned[dead], moved);
            }
        }
    }

    private static string Write(PlanReport report, PlanStyle style)
    {
        var text = new StringWriter();
        PlanText.Write(text, report, style);
        return text.ToString();
    }

    /// <summary>Without bars and the spaces between words.</summary>
    private static string Words(string text) => Regex.Replace(Regex.Replace(text, "[#█▏▎▍▌▋▊▉]+", ""), @"\s+", "");
}
