using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace Wmgwd2.Tests.Namespaces;

/// <summary><c>wmgwd2 plan</c>, the binary's: it needs neither a namespace nor root.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class PlanTests
{
    [Fact]
    public void Plan_is_in_a_pipe_what_the_golden_text_is()
    {
        CommandResult plan = Binary.Run("plan", "--uids", "1000003,2000006,3000009");
        Assert.Equal((0, ""), (plan.ExitCode, plan.Errors));
        Assert.DoesNotContain('\e', plan.Output);
        string golden = System.IO.File.ReadAllText(
            System.IO.Path.Combine(Binary.RepositoryRoot, "Tests", "Golden", "plan", "three.txt"));
        Assert.Equal(WithoutBars(golden), WithoutBars(plan.Output));
    }

    [Fact]
    public void Every_VNI_there_is_can_be_planned()
    {
        CommandResult plan = Binary.Run("plan", "--uids", "7,8,9", "--minvni", "1", "--maxvni", "16777215");
        Assert.Equal((0, ""), (plan.ExitCode, plan.Errors));
        int[] loads =
            [.. Regex.Matches(plan.Output, @"(?m)^[789]  +(\d+) +\d+\.\d %").Select(match => int.Parse(match.Groups[1].ValueSpan))];
        Assert.Equal(3, loads.Length);
        Assert.Equal(16777215, loads.Sum());
        Assert.All(loads, load => Assert.InRange(load, 5_500_000, 5_700_000));
    }

    [Fact]
    public void Uids_that_are_drawn_make_the_same_plan_when_they_are_given()
    {
        CommandResult pick = Binary.Run("plan", "--pick", "3", "--seed", "5", "--json");
        CommandResult again = Binary.Run("plan", "--pick", "3", "--seed", "5", "--json");
        Assert.Equal((0, ""), (pick.ExitCode, pick.Errors));
        Assert.Equal(pick.Output, again.Output);
        JsonNode drawn = JsonNode.Parse(pick.Output)!;
        string uids = string.Join(',', drawn["pick"]!["uids"]!.AsArray().Select(uid => (string)uid!));
        JsonNode given = JsonNode.Parse(Binary.Run("plan", "--uids", uids, "--json").Output)!;
        Assert.True(JsonNode.DeepEquals(drawn["gateways"], given["gateways"]));
        Assert.True(JsonNode.DeepEquals(drawn["deaths"], given["deaths"]));

        string[] lines = Binary.Run("plan", "--pick", "3", "--seed", "5").Output.Split('\n');
        Assert.Equal(uids.Split(',').Select(uid => $"uid = {uid}"), lines[..3]);
    }

    [Fact]
    public void One_VNI_is_told_with_its_heirs()
    {
        CommandResult order = Binary.Run("plan", "--uids", "1,2,3", "--show", "255", "--vnis", "1-300");
        Assert.Equal((0, ""), (order.ExitCode, order.Errors));
        Assert.Equal("255  2, 3, 1\n", order.Output);
    }

    /// <summary>A plan follows from its flags alone, so README.md can be held to what it shows.</summary>
    [Fact]
    public void README_shows_what_the_binary_prints()
    {
        string readme = System.IO.File.ReadAllText(System.IO.Path.Combine(Binary.RepositoryRoot, "README.md"));
        MatchCollection shown = Regex.Matches(readme, @"```\n\$ wmgwd2 (?<flags>plan [^\n]*)\n(?<text>[^`]*)```");
        Assert.Equal(6, shown.Count);
        foreach (Match each in shown)
        {
            CommandResult plan = Command.Run(["env", "LC_ALL=C.UTF-8", "TERM=", Binary.Path, .. each.Groups["flags"].Value.Split(' ')]);
            string[] parts = each.Groups["text"].Value.Split("…\n");
            Assert.Equal(parts[0], parts.Length == 1 ? plan.Output : plan.Output[..Math.Min(parts[0].Length, plan.Output.Length)]);
        }
    }

    [Theory]
    [InlineData("--uids: '0' is not a number from 1", "--uids", "0")]
    [InlineData("--uids: missing", "--vnis", "1-5")]
    [InlineData("--pick", "--pick")]
    [InlineData("--bogus", "--bogus")]
    public void What_is_wrong_is_said(string expected, params string[] arguments)
    {
        CommandResult result = Binary.Run([.. new List<string> { "plan" }, .. arguments]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(expected, result.Errors);
        Assert.DoesNotContain("   at ", result.Errors);
    }

    /// <summary>The locale of whoever runs the tests decides what bars are made of.</summary>
    private static string WithoutBars(string text) => Regex.Replace(text, "  [#█▏▎▍▌▋▊▉]+", "");
}
