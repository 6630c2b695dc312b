using System.Buffers;
using System.Linq;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Wmgwd2.Check;
using Wmgwd2.Status;
using Wmgwd2.Tests.Status;
using Xunit;

namespace Wmgwd2.Tests.Check;

/// <summary>The renderings of a check, as a whole, against Tests/Golden/check.</summary>
public sealed class CheckTextTests
{
    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Names() => ["nothing", "some", "many", "service", "defaults", "other", "unknown"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Text_is_golden(string name) => Golden.AssertEqual($"check/{name}.txt", Render(name, colours: false));

    [Fact]
    public void Colours_are_golden_and_all_that_differs()
    {
        string colours = Render("some", colours: true);
        Golden.AssertEqual("check/colours.txt", colours.Replace("\e", "ESC", System.StringComparison.Ordinal));
        Assert.Equal(Render("some", colours: false), System.Text.RegularExpressions.Regex.Replace(colours, "\e\\[[0-9;]*m", ""));
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("some")]
    [InlineData("defaults")]
    [InlineData("unknown")]
    public void Json_is_golden(string name) =>
        Golden.AssertEqual($"check/{name}.json", JsonNode.Parse(Write(Make(name)))!.ToJsonString(Readable) + "\n");

    [Fact]
    public void Json_has_what_the_text_leaves_out()
    {
        JsonNode document = JsonNode.Parse(Write(Make("many")))!;
        Assert.Equal(25, document["findings"]!.AsArray().Count);
        Assert.Equal(
            ["severity", "check", "vnis", "what", "why", "mend"], document["findings"]![0]!.AsObject().Select(member => member.Key));
    }

    private static TestGateway Make(string name)
    {
        switch (name)
        {
            case "some":
                var some = new TestGateway("1-12") { Vnis = "1-20", Uid = UidState.NotKept };
                some["br3"].Ipv6 = some["br4"].Ipv6 = true;
                some["vxlan7"].VxlanLearning = true;
                some["vrrp4-12"].Up = false;
                return some;
            case "many":
                var many = new TestGateway("1-25");
                for (int vni = 1; vni <= 25; vni++)
                {
                    many[$"br{vni}"].Up = false;
                    many[$"br{vni}"].Name = $"customer-{(char)('a' + vni - 1)}";
                }

                return many;
            case "service":
                return new TestGateway { Daemon = DaemonPlace.Here };
            case "defaults":
                return new TestGateway("1-12") { VnisAreDefaults = true, ConfigFile = null };
            case "other":
                var other = new TestGateway();
                other.PortUsers.Add(new PortUserFacts(TestGateway.Parse("10.0.1.255"), 43, "wmgwd2"));
                return other;
            case "unknown":
                return new TestGateway { Daemon = DaemonPlace.Unknown };
            default:
                return new TestGateway("1-12");
        }
    }

    private static string Render(string name, bool colours)
    {
        GatewayFacts facts = Make(name).Build();
        return CheckText.Render(GatewayCheck.Run(facts), facts, colours ? Palette.Coloured : Palette.Plain);
    }

    private static string Write(TestGateway gateway)
    {
        GatewayFacts facts = gateway.Build();
        var text = new ArrayBufferWriter<byte>();
        CheckJson.Write(GatewayCheck.Run(facts), facts, text);
        Assert.Equal((byte)'\n', text.WrittenSpan[^1]);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
