using System.Linq;
using System.Text;
using Wmgwd2.Io;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>What a line has room for, and how it is cut where there is none.</summary>
public sealed class LineWriterTests
{
    // One, two, three and four bytes in UTF-8, and a number.
    private const string Text = "aé…😀";
    private const int Number = 1234;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    [Fact]
    public void Line_that_fits_is_whole()
    {
        Assert.Equal("aé…😀|aé…😀|1234|-0.5|0.1", Write(100, (ref LineWriter writer) =>
        {
            writer.Append(Text);
            writer.Append("|"u8);
            writer.Append(Strict.GetBytes(Text));
            writer.Append("|");
            writer.Append(Number);
            writer.Append("|");
            writer.Append(-0.5);
            writer.Append("|");
            writer.Append(0.05, "0.0");
        }));
    }

    [Fact]
    public void Text_is_cut_between_characters()
    {
        // All characters that fit beside the ellipsis, and nothing after it, whatever would fit.
        for (int room = 3; room < 40; room++)
        {
            string expected = Cut(room, Text + Text + Text + ".");
            Assert.Equal(expected, Write(room, (ref LineWriter writer) =>
            {
                writer.Append(Text);
                writer.Append(Text + Text);
                writer.Append(".");
            }));
            Assert.Equal(expected, Write(room, (ref LineWriter writer) =>
            {
                writer.Append(Strict.GetBytes(Text + Text));
                writer.Append(Strict.GetBytes(Text));
                writer.Append("."u8);
            }));
        }
    }

    [Fact]
    public void Half_a_number_is_none()
    {
        Assert.Equal("12345678…", Write(14, (ref LineWriter writer) =>
        {
            writer.Append(Number);
            writer.Append(5678);
            writer.Append(Number);
            writer.Append(1);
        }));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_replaced() => Assert.Equal(
        "a\ufffdb", Write(20, (ref LineWriter writer) => writer.Append("a\ud83db")));

    private static string Cut(int room, string text)
    {
        int characters = text.EnumerateRunes().Aggregate(
            (Bytes: 0, Characters: 0, Ended: false),
            (sum, rune) => sum.Ended || sum.Bytes + rune.Utf8SequenceLength > room - 3
                ? sum with { Ended = true }
                : (sum.Bytes + rune.Utf8SequenceLength, sum.Characters + rune.Utf16SequenceLength, false)).Characters;
        return characters == text.Length ? text : text[..characters] + "…";
    }

    private static string Write(int room, Writing writing)
    {
        byte[] bytes = new byte[room];
        var writer = new LineWriter(bytes);
        writing(ref writer);
        return Strict.GetString(writer.Written);
    }

    private delegate void Writing(ref LineWriter writer);
}
