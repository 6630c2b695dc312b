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

/// <summary>What is said of one VNI, as text and as JSON, against Tests/Golden/vni.</summary>
public sealed class VniExplanationTests
{
    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<string, (StatusSnapshot Status, int Index)> Cases = new()
    {
        ["served"] = (Snapshots.Active, 0),
        ["held"] = (Snapshots.Active, 2),
        ["blocked"] = (Snapshots.With(
            [Snapshots.Interface(InterfaceProblem.Blocked, 16), Snapshots.Held], reasons: 1 << 7 | 1 << 2), 0),
        ["missing"] = (Snapshots.Listening with { StatusOf = _ => Snapshots.Missing }, 99),
        ["alone"] = (Snapshots.Active with { Peers = [] }, 0),
        ["tie"] = (Tied(), 0),
        ["taken-up-in-a-moment"] = (Snapshots.Active with { StatusOf = _ => Snapshots.Held }, 0),
        ["draining"] = (Snapshots.Active with
        {
            State = GatewayState.Draining, IsElected = false, Owners = [.. Enumerable.Repeat(Snapshots.SecondSlot, 6)],
        }, 0),
        ["interrupted"] = (Snapshots.Active with
        {
            StatusOf = _ => new InterfaceStatus(7, false, false, true, false, 0, InterfaceProblem.NotOperational, taken: true),
        }, 0),
        ["rising"] = (Snapshots.Active with
        {
            StatusOf = _ => new InterfaceStatus(7, true, false, true, false, 0, InterfaceProblem.None),
        }, 0),
        ["lowering"] = (Snapshots.Active with
        {
            StatusOf = _ => new InterfaceStatus(7, false, true, false, false, 0, InterfaceProblem.UpThoughNotOwned),
        }, 2),
    };

    public static TheoryData<string> Names() => new(Cases.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Text_is_golden(string name) => Golden.AssertEqual($"vni/{name}.txt", VniText.Render(Explain(name), 80));

    [Theory]
    [InlineData("served")]
    [InlineData("blocked")]
    [InlineData("missing")]
    public void Json_is_golden(string name)
    {
        var text = new ArrayBufferWriter<byte>();
        VniJson.Write(Explain(name), text);
        Assert.Equal((byte)'\n', text.WrittenSpan[^1]);
        Golden.AssertEqual(
            $"vni/{name}.json", JsonNode.Parse(text.WrittenSpan)!.ToJsonString(Readable) + "\n");
    }

    [Fact]
    public void Gateways_stand_in_the_order_of_the_election()
    {
        for (int index = 0; index < 6; index++)
        {
            VniExplanation vni = new(Snapshots.Active, index);
            Assert.Equal(2, vni.Gateways.Count);
            Assert.All(vni.Gateways, gateway => Assert.Equal(RendezvousHash.Weight(gateway.Uid, vni.Vni), gateway.Weight));
            Assert.True(vni.Gateways[0].Weight > vni.Gateways[1].Weight);
        }
    }

    [Fact]
    public void Colours_are_all_that_a_palette_adds()
    {
        foreach ((StatusSnapshot status, int index) in Cases.Values)
        {
            var vni = new VniExplanation(status, index);
            string coloured = VniText.Render(vni, 80, Palette.Coloured);
            Assert.Contains('\e', coloured);
            Assert.Equal(VniText.Render(vni, 80), StatusTextTests.WithoutColours(coloured));
        }
    }

    private static VniExplanation Explain(string name) => new(Cases[name].Status, Cases[name].Index);

    // Uids that differ in the highest bit only, and an even VNI.
    private static StatusSnapshot Tied() => Snapshots.Active with
    {
        Vnis = Snapshots.Vnis("2"),
        Peers = [Snapshots.Active.Peers[0] with { Uid = new NodeId(Snapshots.Active.Uid.Value | 1ul << 63) }],
        Owners = [Snapshots.OwnSlot],
    };
}
