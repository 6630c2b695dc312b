using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Wmgwd2.Core;
using Wmgwd2.Status;
using Xunit;

namespace Wmgwd2.Tests.Status;

/// <summary>VNIs with the same problem make one line, and a line is said once.</summary>
public sealed class ProblemReportTests
{
    private const string NoAddress = "owned, but has no IPv4 address to announce";
    private const string NotSetUp = "owned, but not set up (ip link set … up)";

    private readonly InterfaceStatus[] _interfaces = [.. Enumerable.Repeat(Snapshots.Serving, 50)];
    private readonly ProblemReport _report = new(Snapshots.Vnis("101-150"), Snapshots.Pattern);

    [Fact]
    public void Only_what_changed_is_new()
    {
        Assert.Equal([], FindNew());
        Assert.False(_report.Any);

        Break(InterfaceProblem.NoAddress, 4, 5, 6);
        Assert.Equal([("VNIs 105-107", NoAddress)], FindNew());
        Assert.Equal([], FindNew());

        Break(InterfaceProblem.AdministrativelyDown, 2);
        Assert.Equal([("VNI 103 (vrrp4-103)", NotSetUp)], FindNew());

        Break(InterfaceProblem.NoAddress, 0);
        Assert.Equal([("VNIs 101,105-107", NoAddress)], FindNew());
        Assert.True(_report.Any);

        Break(InterfaceProblem.None, 0, 4, 5, 6);
        Assert.Equal([], FindNew());
        Assert.True(_report.Any);

        Break(InterfaceProblem.None, 2);
        Assert.Equal([], FindNew());
        Assert.False(_report.Any);

        Break(InterfaceProblem.NoAddress, 4, 5, 6);
        Assert.Equal([("VNIs 105-107", NoAddress)], FindNew());
    }

    [Fact]
    public void Lowest_VNI_comes_first_and_a_log_line_has_sixteen_ranges()
    {
        Break(InterfaceProblem.NoAddress, [.. Enumerable.Range(0, 25).Select(half => 2 * half + 1)]);
        Break(InterfaceProblem.AdministrativelyDown, 48, 0);
        Assert.Equal(
            [
                ("VNIs 101,149", NotSetUp),
                ("VNIs 102,104,106,108,110,112,114,116,118,120,122,124,126,128,130,132 and 9 more", NoAddress),
            ],
            FindNew());
    }

    [Theory]
    [InlineData("", int.MaxValue, "")]
    [InlineData("1", int.MaxValue, "1")]
    [InlineData("1-3,7,200-210", int.MaxValue, "1-3,7,200-210")]
    [InlineData("2,3,10,200,201", int.MaxValue, "2-3,10,200-201")]
    [InlineData("1-10,200-210", int.MaxValue, "1-10,200-210")]
    [InlineData("1-3,7,200-210", 2, "1-3,7 and 11 more")]
    [InlineData("1-3,7,200-210", 3, "1-3,7,200-210")]
    [InlineData("1,3,5,7-9", 1, "1 and 5 more")]
    public void Ranges_are_compact_and_never_span_a_gap(string chosen, int limit, string text)
    {
        VniSet all = Snapshots.Vnis("1-10,200-210");
        VniSet? some = chosen.Length == 0 ? null : Snapshots.Vnis(chosen);
        Assert.Equal(text, VniRanges.Format(all, index => some?.IndexOf(all[index]) >= 0, limit));
    }

    [Theory]
    [InlineData("3", "VNI 3 (vrrp4-3)")]
    [InlineData("2,3", "VNIs 2-3")]
    [InlineData("10,200", "VNIs 10,200")]
    [InlineData("1-40,200-210", "VNIs 1-40,200-210")]
    [InlineData("1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31-32", "VNIs 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31-32")]
    [InlineData("1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31-32,34,210",
        "VNIs 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31-32 and 2 more")]
    public void Names_of_a_line_are_the_same_ranges(string chosen, string text)
    {
        VniSet all = Snapshots.Vnis("1-40,200-210");
        var bits = new VniBitmap(all.Count);
        foreach (VniRange range in Snapshots.Vnis(chosen).Ranges)
        {
            for (uint vni = range.First.Value; vni <= range.Last.Value; vni++)
            {
                bits[all.IndexOf(new Vni(vni))] = true;
            }
        }

        VniNames names = new ProblemReport(all, InterfacePattern.TryParse("vrrp4-%d")!).Describe(bits);
        byte[] room = new byte[text.Length];
        Assert.True(names.TryFormat(room, out int length, default, null));
        Assert.Equal(text, Encoding.ASCII.GetString(room, 0, length));
        Assert.False(names.TryFormat(room.AsSpan(1), out _, default, null));
    }

    private void Break(InterfaceProblem problem, params int[] indexes)
    {
        foreach (int index in indexes)
        {
            _interfaces[index] = Snapshots.Interface(problem);
        }
    }

    private IReadOnlyList<(string Vnis, string Problem)> FindNew() => _report.FindNew(index => _interfaces[index], _ => 0);
}
