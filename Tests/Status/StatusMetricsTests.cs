using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using Wmgwd2.Core;
using Wmgwd2.Status;
using Xunit;

namespace Wmgwd2.Tests.Status;

/// <summary>
/// The metrics: golden texts, and the rules of Prometheus' text format 0.0.4 and of 'promtool check metrics', by a reader of the
/// format that knows nothing of how they are written.
/// </summary>
public sealed partial class StatusMetricsTests
{
    private static readonly Dictionary<string, (StatusSnapshot Status, bool PerVni)> Cases = new()
    {
        ["listening"] = (Snapshots.Listening, false),
        ["active"] = (Snapshots.Active, false),
        ["per-vni"] = (Snapshots.With(
            [Snapshots.Serving, Snapshots.Interface(InterfaceProblem.Blocked, 16), Snapshots.Held, Snapshots.Missing], 1 << 7), true),
        ["escaped"] = (Snapshots.Active with { Version = "1.2\"3\\4\n5" }, false),
    };

    public static TheoryData<string> Names() => new(Cases.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Metrics_are_golden(string name) => Golden.AssertEqual($"metrics/{name}.prom", Write(name, 100));

    [Theory]
    [MemberData(nameof(Names))]
    public void Metrics_keep_the_rules_of_the_format(string name)
    {
        Dictionary<string, string> samples = Parse(Write(name, 100));
        Assert.NotEmpty(samples);
        Assert.Equal(1, Enum.GetValues<GatewayState>().Count(state =>
            samples[$"wmgwd2_state{{state=\"{StatusSnapshot.NameOf(state)}\"}}"] == "1"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void Pieces_make_the_same_text(int vnis) => Assert.Equal(Write("per-vni", 100), Write("per-vni", vnis));

    [Fact]
    public void What_is_served_is_what_the_kernel_showed()
    {
        Dictionary<string, string> samples = Parse(Write("per-vni", 100));
        Assert.Equal("4", samples["wmgwd2_vnis"]);
        Assert.Equal("2", samples["wmgwd2_vnis_owned"]);
        Assert.Equal("1", samples["wmgwd2_vnis_served"]);
        Assert.Equal("1", samples["wmgwd2_vnis_unserved"]);
        Assert.Equal("0", samples["wmgwd2_vnis_without_owner"]);
        Assert.Equal("2", samples["wmgwd2_vnis_with_problem"]);
        Assert.Equal("100", Parse(Write("listening", 100))["wmgwd2_vnis_without_owner"]);
    }

    /// <summary>The reader itself: each of these breaks a rule.</summary>
    [Theory]
    [InlineData("wmgwd2_a 1\n", "no HELP")]
    [InlineData("# TYPE wmgwd2_a gauge\n# HELP wmgwd2_a A.\nwmgwd2_a 1\n", "no HELP")]
    [InlineData("# HELP wmgwd2_a A.\n# TYPE wmgwd2_a counter\nwmgwd2_a 1\n", "_total")]
    [InlineData("# HELP wmgwd2_a_total A.\n# TYPE wmgwd2_a_total gauge\nwmgwd2_a_total 1\n", "_total")]
    [InlineData("# HELP wmgwd2_a A.\n# TYPE wmgwd2_a gauge\nwmgwd2_a{b=\"c\"} 1\nwmgwd2_a{b=\"c\"} 2\n", "twice")]
    [InlineData("# HELP wmgwd2_a A.\n# TYPE wmgwd2_a gauge\nwmgwd2_a{b=\"c\"d\"} 1\n", "no sample")]
    [InlineData("# HELP wmgwd2_a A.\n# TYPE wmgwd2_a gauge\nwmgwd2_a{b=\"\\x\"} 1\n", "no sample")]
    [InlineData("# HELP wmgwd2_a A.\n# TYPE wmgwd2_a gauge\nwmgwd2_a one\n", "no sample")]
    [InlineData("# HELP wmgwd2_a A.\n# TYPE wmgwd2_a gauge\nwmgwd2_a 1", "last line")]
    public void Reader_finds_what_breaks_a_rule(string text, string expected) =>
        Assert.Contains(expected, Assert.ThrowsAny<Exception>(() => Parse(text)).Message, StringComparison.Ordinal);

    [GeneratedRegex(@"^# HELP (?<name>wmgwd2_[a-z0-9_]+) (?<help>[^\\]+\.)$")]
    private static partial Regex Help();

    [GeneratedRegex(@"^# TYPE (?<name>wmgwd2_[a-z0-9_]+) (?<type>gauge|counter)$")]
    private static partial Regex Type();

    [GeneratedRegex("""^(?<series>(?<name>[a-z0-9_]+)(\{(,?[a-z_]+="([^"\\\n]|\\["\\n])*")+\})?) (?<value>-?[0-9.]+(E[+-]?[0-9]+)?)$""")]
    private static partial Regex Sample();

    private static Dictionary<string, string> Parse(string text)
    {
        Assert.True(text.EndsWith('\n'), "the last line has no end");
        var samples = new Dictionary<string, string>();
        var families = new HashSet<string>();
        (string Name, string? Type) family = ("", null);
        foreach (string line in text.TrimEnd('\n').Split('\n'))
        {
            if (Help().Match(line) is { Success: true } help)
            {
                family = (help.Groups["name"].Value, null);
                Assert.True(families.Add(family.Name), $"{family.Name} is there twice");
            }
            else if (Type().Match(line) is { Success: true } type)
            {
                Assert.True(family == (type.Groups["name"].Value, null), $"no HELP before: {line}");
                family.Type = type.Groups["type"].Value;
                Assert.True(
                    (family.Type == "counter") == family.Name.EndsWith("_total", StringComparison.Ordinal),
                    $"counters, and they alone, end in _total: {line}");
            }
            else
            {
                Match sample = Sample().Match(line);
                Assert.True(sample.Success, $"no sample: {line}");
                Assert.True(family.Name == sample.Groups["name"].Value && family.Type != null, $"no HELP and TYPE before: {line}");
                Assert.True(samples.TryAdd(sample.Groups["series"].Value, sample.Groups["value"].Value), $"twice: {line}");
            }
        }

        return samples;
    }

    private static string Write(string name, int vnis)
    {
        var text = new ArrayBufferWriter<byte>();
        using var metrics = new StatusMetrics(Cases[name].Status, text, Cases[name].PerVni);
        while (metrics.WriteNext(vnis))
        {
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
