using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Wmgwd2.Core;
using Wmgwd2.Status;
using Xunit;

namespace Wmgwd2.Tests.Status;

/// <summary>The plan as JSON. Its members, and their order, are what scripts rely on.</summary>
public sealed class PlanJsonTests
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    [Theory]
    [InlineData("three")]
    [InlineData("one")]
    [InlineData("join")]
    [InlineData("pick")]
    public void Json_is_golden(string name)
    {
        string json = JsonNode.Parse(Write(PlanReports.All[name]))!.ToJsonString(Readable);
        Golden.AssertEqual($"plan/{name}.json", json + "\n");
    }

    [Fact]
    public void Members_are_as_documented()
    {
        JsonNode plan = JsonNode.Parse(Write(PlanReports.All["three"]))!;
        Assert.Equal(
            ["version", "vni_count", "gateways", "balance", "deaths", "join", "pick", "timing"], Members(plan));
        Assert.Equal(["uid", "owned_vnis", "vnis"], Members(plan["gateways"]![0]!));
        Assert.Equal(["least", "mean", "most"], Members(plan["balance"]!));
        Assert.Equal(["uid", "moved_vnis", "heirs", "balance"], Members(plan["deaths"]![0]!));
        Assert.Equal(["uid", "taken_vnis", "owned_vnis"], Members(plan["deaths"]![0]!["heirs"]![0]!));
        Assert.Equal(
            ["interval_ms", "dead_after", "startup_delay_ms", "handover_lead_ms", "crash_least_ms", "crash_most_ms", "start_ms"],
            Members(plan["timing"]!));
        Assert.Null(plan["join"]);
        Assert.Null(plan["pick"]);

        JsonNode join = JsonNode.Parse(Write(PlanReports.All["join"]))!;
        Assert.Null(join["deaths"]);
        Assert.Equal(["joiners", "gateways", "balance"], Members(join["join"]!));
        Assert.Equal(["uid", "taken_vnis", "from"], Members(join["join"]!["joiners"]![0]!));
        Assert.Equal(["uid", "taken_vnis", "vnis"], Members(join["join"]!["joiners"]![0]!["from"]![0]!));

        JsonNode pick = JsonNode.Parse(Write(PlanReports.All["pick"]))!["pick"]!;
        Assert.Equal(["uids", "seed", "draws", "random_draws", "quality", "typical"], Members(pick));
        Assert.Equal(["least", "most", "most_after_death"], Members(pick["quality"]!));
    }

    [Fact]
    public void Every_VNI_is_in_the_ranges_of_its_owner_and_of_nobody_else()
    {
        PlanReport report = PlanReports.All["many"];
        JsonNode plan = JsonNode.Parse(Write(report))!;
        var owners = new SortedDictionary<uint, string>();
        foreach (JsonNode? gateway in plan["gateways"]!.AsArray())
        {
            foreach (JsonNode? range in gateway!["vnis"]!.AsArray())
            {
                VniSet vnis = Snapshots.Vnis((string)range!);
                for (int index = 0; index < vnis.Count; index++)
                {
                    owners.Add(vnis[index].Value, (string)gateway["uid"]!);
                }
            }
        }

        Assert.Equal(report.Plan.Vnis.Count, owners.Count);
        Assert.Equal(
            Enumerable.Range(0, report.Plan.Vnis.Count)
                .Select(index => (report.Plan.Vnis[index].Value, report.Plan.Gateways[report.Plan.Owners[index]].ToString())),
            owners.Select(pair => (pair.Key, pair.Value)));
    }

    [Fact]
    public void Order_of_a_few_VNIs()
    {
        using var text = new MemoryStream();
        PlanJson.WriteOrder(text, "1.2.3", [new NodeId(1), new NodeId(2), new NodeId(3)], Snapshots.Vnis("1-2,255"));
        JsonNode order = JsonNode.Parse(text.ToArray())!;
        Assert.Equal(["version", "vnis"], Members(order));
        Assert.Equal([1u, 2, 255], order["vnis"]!.AsArray().Select(vni => (uint)vni!["vni"]!));
        Assert.Equal(["1", "3", "2"], order["vnis"]!.AsArray().Select(vni => (string?)vni!["order"]![0]));
        Assert.All(order["vnis"]!.AsArray(), vni => Assert.Equal(3, vni!["order"]!.AsArray().Count));
    }

    private static IEnumerable<string> Members(JsonNode node) => node.AsObject().Select(member => member.Key);

    private static string Write(PlanReport report)
    {
        using var text = new MemoryStream();
        PlanJson.Write(text, report);
        string json = Encoding.UTF8.GetString(text.ToArray());
        Assert.Equal(json.Length - 1, json.IndexOf('\n', System.StringComparison.Ordinal));
        return json;
    }
}
