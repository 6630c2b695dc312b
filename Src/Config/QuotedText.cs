using System;
using System.Globalization;
using System.Text;

namespace Wmgwd2.Config;

/// <summary>
/// Quotes what others have written, for messages, the log and the status: on one line, of bounded length, and without anything
/// that a terminal obeys.
/// </summary>
public static class QuotedText
{
    /// <summary>More than that of a text is not shown, in characters, with what stands for those that can't be shown.</summary>
    public const int MaximumLength = 80;

    /// <summary>Quotes a text: <c>'the text'</c>, <c>\xNN</c> or <c>\uNNNN</c> where it can't be shown, and … where it is cut.</summary>
    public static string Of(ReadOnlySpan<char> text)
    {
        var quoted = new StringBuilder("'");
        foreach (Rune rune in text.EnumerateRunes())
        {
            string shown = Show(rune);
            if (quoted.Length + shown.Length > MaximumLength + 1)
            {
                quoted.Append('…');
                break;
            }

            quoted.Append(shown);
        }

        return quoted.Append('\'').ToString();
    }

    private static string Show(Rune rune) => rune.Value switch
    {
        '\n' => @"\n",
        '\r' => @"\r",
        '\t' => @"\t",
        var value when !IsHidden(value) => rune.ToString(),
        <= 0xff and var value => string.Create(CultureInfo.InvariantCulture, $@"\x{value:x2}"),
        var value => string.Create(CultureInfo.InvariantCulture, $@"\u{value:x4}"),
    };

    /// <summary>
    /// Whether a character moves the cursor, ends the line, turns the order of the others around or can't be seen: the controls of
    /// ASCII and Latin-1, U+200B-U+200F, U+2028-U+202E, U+2060-U+206F and U+FEFF of Unicode's general punctuation, and its tags.
    /// </summary>
    private static bool IsHidden(int value) => value is < 0x20 or (>= 0x7f and < 0xa0) or 0xad or 0x61c or (>= 0x200b and <= 0x200f)
        or (>= 0x2028 and <= 0x202e) or (>= 0x2060 and <= 0x206f) or 0xfeff or (>= 0xe0000 and <= 0xe007f);
}
