using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Wmgwd2.Core;
using Wmgwd2.Status;
using Xunit;

namespace Wmgwd2.Tests.Status;

/// <summary>The status as JSON. Its members, and their order, are what scripts rely on.</summary>
public sealed class StatusJsonTests
{
    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<string, StatusSnapshot> Statuses = new()
    {
        ["active"] = Snapshots.With(
            [Snapshots.Serving, Snapshots.Interface(InterfaceProblem.Blocked, 16), Snapshots.Held], reasons: 1 << 7),
        ["faults"] = Snapshots.Listening with
        {
            State = GatewayState.Fault,
            Fault = FaultText.Describe(GatewayFaults.NoNetwork, null, null),
            Vnis = Snapshots.Vnis("7"),
            Owners = [Ownership.NoOwner],
            StatusOf = _ => Snapshots.Missing,
        },
    };

    public static TheoryData<string> Names() => new(Statuses.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Json_is_golden(string name) => Golden.AssertEqual(
        $"status/{name}.json", JsonNode.Parse(Write(Statuses[name], 100))!.ToJsonString(Readable) + "\n");

    [Fact]
    public void Members_are_as_documented()
    {
        JsonNode document = JsonNode.Parse(Write(Snapshots.Active, 100))!;
        Assert.Equal(
            ["version", "uid", "address", "state", "state_since_s", "interval_ms", "peers", "vnis", "counters", "fault",
                "started_at", "last_movement_ms", "listens_for_s"],
            Members(document));
        Assert.Equal(["uid", "address", "alive", "last_heard_ms", "owned_vnis"], Members(document["peers"]![0]!));
        Assert.Equal(
            ["vni", "owner", "owned", "interface", "ifindex", "protodown", "operational", "problem", "condition", "since_s",
                "announced_s"],
            Members(document["vnis"]![0]!));
        Assert.Equal(Snapshots.Active.Counters.Select(counter => counter.Name), Members(document["counters"]!));
    }

    [Fact]
    public void Every_state_has_its_name() => Assert.Equal(
        ["listening", "active", "draining", "standby", "fault"],
        Enum.GetValues<GatewayState>()
            .Select(state => (string?)JsonNode.Parse(Write(Snapshots.Active with { State = state }, 100))!["state"]));

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(6)]
    public void Pieces_make_the_same_document(int vnis) =>
        Assert.Equal(Write(Snapshots.Active, 100), Write(Snapshots.Active, vnis));

    private static IEnumerable<string> Members(JsonNode node) => node.AsObject().Select(member => member.Key);

    private static string Write(StatusSnapshot status, int vnisPerPiece)
    {
        var text = new ArrayBufferWriter<byte>();
        using var json = new StatusJson(status, text);
        while (json.WriteNext(vnisPerPiece))
        {
        }

        Assert.Equal((byte)'\n', text.WrittenSpan[^1]);
        return System.Text.Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
