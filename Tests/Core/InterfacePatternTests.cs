using System.Text;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

public sealed class InterfacePatternTests
{
    [Theory]
    [InlineData("vrrp4-%d", true)]
    [InlineData("%d", true)]
    [InlineData("%dx", true)]
    [InlineData("gw%d.lan", true)]
    [InlineData("fourteenchars1%d", true)] // One digit fits.
    [InlineData("fifteencharsxyz%d", false)] // None fits.
    [InlineData("", false)]
    [InlineData("vrrp4-", false)]
    [InlineData("vrrp4-%", false)]
    [InlineData("vrrp4-%i", false)]
    [InlineData("%d-%d", false)]
    [InlineData("%d%", false)]
    [InlineData("%%d", false)] // The kernel takes any other per cent sign for a pattern of its own.
    [InlineData("a%b%d", false)]
    [InlineData("a b%d", false)]
    [InlineData("a\t%d", false)]
    [InlineData("a\n%d", false)]
    [InlineData("a/%d", false)]
    [InlineData("a:%d", false)]
    [InlineData("a\0%d", false)]
    [InlineData("ä%d", false)]
    public void Text_is_a_pattern(string text, bool valid)
    {
        InterfacePattern? pattern = InterfacePattern.TryParse(text);

        Assert.Equal(valid, pattern is not null);
        Assert.Equal(valid ? text : null, pattern?.ToString());
    }

    [Theory]
    [InlineData("vrrp4-%d", "vrrp4-1", 1)]
    [InlineData("vrrp4-%d", "vrrp4-16777215", 16777215)]
    [InlineData("vrrp4-%d", "vrrp4-16777216", 0)] // More than 24 bits.
    [InlineData("vrrp4-%d", "vrrp4-4294967297", 0)] // 2^32 + 1.
    [InlineData("vrrp4-%d", "vrrp4-99999999999999999999", 0)]
    [InlineData("vrrp4-%d", "vrrp4-0", 0)]
    [InlineData("vrrp4-%d", "vrrp4-01", 0)] // Not a name that it would give.
    [InlineData("vrrp4-%d", "vrrp4-", 0)]
    [InlineData("vrrp4-%d", "vrrp4", 0)]
    [InlineData("vrrp4-%d", "", 0)]
    [InlineData("vrrp4-%d", "vrrp4--1", 0)]
    [InlineData("vrrp4-%d", "vrrp4-+1", 0)]
    [InlineData("vrrp4-%d", "vrrp4- 1", 0)]
    [InlineData("vrrp4-%d", "vrrp4-1 ", 0)]
    [InlineData("vrrp4-%d", "vrrp4-1\0", 0)]
    [InlineData("vrrp4-%d", "vrrp4-1a", 0)]
    [InlineData("vrrp4-%d", "vrrp4-0x1", 0)]
    [InlineData("vrrp4-%d", "vrrp4-1.5", 0)]
    [InlineData("vrrp4-%d", "vrrp6-1", 0)]
    [InlineData("vrrp4-%d", "xvrrp4-1", 0)]
    [InlineData("vrrp4-%d", "VRRP4-1", 0)]
    [InlineData("%d", "42", 42)]
    [InlineData("%dx", "42x", 42)]
    [InlineData("%dx", "42", 0)]
    [InlineData("%dx", "x", 0)]
    [InlineData("a1%d1b", "a1231b", 23)] // Digits stand next to the number.
    [InlineData("a1%d1b", "a11b", 0)]
    [InlineData("aa%daa", "aaa", 0)] // Prefix and suffix must not overlap.
    public void Name_matches(string pattern, string name, uint vni)
    {
        InterfacePattern parsed = InterfacePattern.TryParse(pattern)!;

        Assert.Equal(vni != 0, parsed.TryMatch(Encoding.ASCII.GetBytes(name), out Vni matched));
        if (vni != 0)
        {
            Assert.Equal(new Vni(vni), matched);
            Assert.Equal(name, parsed.NameOf(matched));
        }
    }
}
