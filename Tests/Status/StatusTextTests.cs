using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Wmgwd2.Core;
using Wmgwd2.Status;
using Xunit;

namespace Wmgwd2.Tests.Status;

/// <summary>The status for a terminal, as a whole, against Tests/Golden/status.</summary>
public sealed class StatusTextTests
{
    private static readonly Dictionary<string, StatusSnapshot> Statuses = new()
    {
        ["listening"] = Snapshots.Listening,
        ["listening-longer"] = Snapshots.Listening with { ListensFor = TimeSpan.FromMilliseconds(12_750) },
        ["active"] = Snapshots.Active,
        ["alone"] = Snapshots.Active with { Peers = [], Owners = [.. Enumerable.Repeat(Snapshots.OwnSlot, 6)] },
        ["draining"] = Snapshots.Active with { State = GatewayState.Draining, InState = TimeSpan.FromSeconds(3725) },
        ["faults"] = Snapshots.Listening with
        {
            State = GatewayState.Fault,
            Fault = FaultText.Describe(
                Enum.GetValues<GatewayFaults>().Aggregate((all, fault) => all | fault), "eth0 is missing, uplink0 has no carrier", "'bgp is down'"),
            InState = TimeSpan.FromSeconds(75),
            Interval = TimeSpan.FromMilliseconds(12.5),
        },
        ["problems"] = Snapshots.With([.. Enum.GetValues<InterfaceProblem>().Select(WithProblem)], reasons: 1 << 7 | 1 << 2),
        ["problems-together"] = Snapshots.With(
            [.. Enumerable.Range(0, 70).Select(index => Snapshots.Interface(index % 5 == 3 ? 0 : InterfaceProblem.NoAddress))], 0),
        ["many-problems"] = Snapshots.With(
            [.. Enumerable.Range(1, 25).Select(errno => Snapshots.Interface(InterfaceProblem.Refused, errno))], 0),
        ["long-ranges"] = Snapshots.Active with
        {
            Vnis = Snapshots.Vnis("16777000-16777215"),
            Owners = [.. Enumerable.Range(0, 216).Select(index => index % 3 == 1 ? Snapshots.SecondSlot : Snapshots.OwnSlot)],
            StatusOf = _ => Snapshots.Serving,
        },
    };

    public static TheoryData<string> Names() => new(Statuses.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Text_is_golden(string name) =>
        Golden.AssertEqual($"status/{name}.txt", StatusText.Render(Statuses[name], 80));

    [Fact]
    public void Width_of_the_terminal_changes_only_where_lines_break()
    {
        StatusSnapshot status = Statuses["long-ranges"];
        string expected = Words(StatusText.Render(status, 80));
        foreach (int columns in Enumerable.Range(1, 300))
        {
            string text = StatusText.Render(status, columns);
            Assert.Equal(expected, Words(text));
            Assert.True(columns < 64 || text.Split('\n').All(line => line.Length <= columns), $"wider than {columns}:\n{text}");
        }
    }

    [Theory]
    [InlineData("active")]
    [InlineData("problems")]
    [InlineData("faults")]
    public void Colours_are_golden(string name) => Golden.AssertEqual(
        $"status/{name}-coloured.txt", StatusText.Render(Statuses[name], 80, palette: Palette.Coloured));

    [Fact]
    public void Colours_are_all_that_a_palette_adds()
    {
        foreach (StatusSnapshot status in Statuses.Values)
        {
            Assert.Equal(
                StatusText.Render(status, 80), WithoutColours(StatusText.Render(status, 80, palette: Palette.Coloured)));
        }
    }

    [Theory]
    [InlineData(24)]
    [InlineData(14)]
    public void Lists_are_cut_to_the_height(int rows)
    {
        string text = StatusText.Render(Statuses["long-ranges"], 80, rows);
        Golden.AssertEqual($"status/long-ranges-{rows}-rows.txt", text);
        Assert.InRange(text.Count(letter => letter == '\n'), 10, rows);
    }

    [Fact]
    public void Height_changes_nothing_where_all_fits()
    {
        foreach (StatusSnapshot status in Statuses.Values)
        {
            string whole = StatusText.Render(status, 80);
            Assert.Equal(whole, StatusText.Render(status, 80, 1000));
        }
    }

    /// <summary>A text without its control sequences.</summary>
    internal static string WithoutColours(string text) => Regex.Replace(text, "\e\\[[0-9]*m", "");

    private static InterfaceStatus WithProblem(InterfaceProblem problem) => problem switch
    {
        InterfaceProblem.Missing => Snapshots.Missing,
        InterfaceProblem.Refused => Snapshots.Interface(problem, errno: 95),
        InterfaceProblem.NotAnnounced => Snapshots.Interface(problem, errno: 105),
        InterfaceProblem.UpThoughNotOwned => new InterfaceStatus(7, true, true, false, false, 0, problem),
        _ => Snapshots.Interface(problem),
    };

    private static string Words(string text) => string.Concat(text.Where(letter => !char.IsWhiteSpace(letter)));
}
