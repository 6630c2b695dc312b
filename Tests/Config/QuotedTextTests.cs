using Wmgwd2.Config;
using Xunit;

namespace Wmgwd2.Tests.Configuration;

/// <summary>What others have written, in messages.</summary>
public sealed class QuotedTextTests
{
    [Theory]
    [InlineData("", "''")]
    [InlineData("bgp session gone", "'bgp session gone'")]
    [InlineData("it's größer: 😀", "'it's größer: 😀'")]
    [InlineData("\e[2J", @"'\x1b[2J'")]
    [InlineData("5\n6\r\n\t7\0\x7f\u0085\u009b", @"'5\n6\r\n\t7\x00\x7f\x85\x9b'")]
    [InlineData("\u202eabc\u2028\ufeff\u00ad", @"'\u202eabc\u2028\ufeff\xad'")]
    public void Texts_are_quoted(string text, string quoted) => Assert.Equal(quoted, QuotedText.Of(text));

    [Fact]
    public void Half_a_character_is_none() => Assert.Equal("'\ufffdx'", QuotedText.Of("\ud800x"));

    [Theory]
    [InlineData('x', 80, 80, "")]
    [InlineData('x', 81, 80, "…")]
    [InlineData('x', 1_000_000, 80, "…")]
    [InlineData('\e', 21, 20, "…")]
    public void Long_texts_are_cut(char character, int length, int shown, string end)
    {
        string piece = character == '\e' ? @"\x1b" : $"{character}";
        Assert.Equal($"'{string.Concat(System.Linq.Enumerable.Repeat(piece, shown))}{end}'", QuotedText.Of(new string(character, length)));
    }
}
