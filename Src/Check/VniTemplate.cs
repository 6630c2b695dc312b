using System;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Check;

/// <summary>
/// Texts that are the same for many VNIs but for the VNI: marks stand in its place. So what is said of one VNI can be said of all
/// in one line, and one command can be written for all.
/// </summary>
public static class VniTemplate
{
    /// <summary>Stands for the VNI in decimal.</summary>
    public const string Mark = "\uE000";

    /// <summary>Stands for the VNI's lowest byte in two hexadecimal digits.</summary>
    public const string ByteMark = "\uE001";

    /// <summary>The name that a pattern gives.</summary>
    public static string OfPattern(InterfacePattern pattern) =>
        Encoding.ASCII.GetString(pattern.Prefix) + Mark + Encoding.ASCII.GetString(pattern.Suffix);

    /// <summary>A name of which a part may be the VNI: the last number in it that is.</summary>
    public static string OfName(string name, Vni vni)
    {
        string digits = vni.ToString();
        for (int at = name.LastIndexOf(digits, StringComparison.Ordinal); at >= 0;
            at = at == 0 ? -1 : name.LastIndexOf(digits, at - 1 + digits.Length - 1, StringComparison.Ordinal))
        {
            int end = at + digits.Length;
            if ((at == 0 || !char.IsAsciiDigit(name[at - 1])) && (end == name.Length || !char.IsAsciiDigit(name[end])))
            {
                return name[..at] + Mark + name[end..];
            }
        }

        return name;
    }

    /// <summary>The name that a template gives for a VNI.</summary>
    public static string For(string template, Vni vni) => template
        .Replace(Mark, vni.ToString(), StringComparison.Ordinal)
        .Replace(ByteMark, (vni.Value & 255).ToString("x2", CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>The text for one VNI, or for several.</summary>
    /// <param name="template">The text.</param>
    /// <param name="only">The VNI, when there is only one.</param>
    public static string ToText(string template, Vni? only) => only is { } vni
        ? For(template, vni)
        : template.Replace(Mark, "<VNI>", StringComparison.Ordinal);

    /// <summary>The shell command for one VNI, or a loop for several; as it is, where it has no mark.</summary>
    /// <param name="template">The command.</param>
    /// <param name="vnis">All VNIs.</param>
    /// <param name="chosen">Those that it is for.</param>
    public static string ToShell(string template, VniSet vnis, VniBitmap chosen)
    {
        if (template.AsSpan().IndexOfAny(Mark[0], ByteMark[0]) < 0)
        {
            return template;
        }

        int first = chosen.NextSet(0);
        return chosen.NextSet(first + 1) < 0
            ? For(template, vnis[first])
            : Words.Of($"for v in {ToWords(vnis, chosen)}; do {ToLoopBody(template)}; done");
    }

    /// <summary>A name as a word of a shell command; its marks stay marks.</summary>
    public static string Quote(string name)
    {
        foreach (char each in name)
        {
            if (!char.IsAsciiLetterOrDigit(each) && each is not ('.' or '_' or '-' or '/' or ':' or '@' or '+' or ',')
                && each != Mark[0] && each != ByteMark[0])
            {
                return QuoteParts(name);
            }
        }

        return name;
    }

    /// <summary>A number in decimal. Called, not inlined: texts are a good part of this program.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string QuoteParts(string name)
    {
        var text = new StringBuilder();
        foreach (string part in name.Split(Mark))
        {
            text.Append(text.Length == 0 ? "" : Mark);
            text.Append('\'').Append(part.Replace("'", "'\\''", StringComparison.Ordinal)).Append('\'');
        }

        return text.ToString();
    }

    private static string ToWords(VniSet vnis, VniBitmap chosen)
    {
        var words = new StringBuilder();
        for (int first = chosen.NextSet(0), last; first >= 0; first = chosen.NextSet(last + 1))
        {
            last = first;
            while (last + 1 < vnis.Count && chosen[last + 1] && vnis[last + 1].Value == vnis[last].Value + 1)
            {
                last++;
            }

            words.Append(words.Length == 0 ? "" : " ");
            string numbers = first == last ? vnis[first].ToString() : vnis[first].ToString() + " " + vnis[last].ToString();
            words.Append(last > first + 1 ? $"$(seq {numbers})" : numbers);
        }

        return words.ToString();
    }

    private static string ToLoopBody(string template)
    {
        var body = new StringBuilder();
        for (int i = 0; i < template.Length; i++)
        {
            char next = i + 1 < template.Length ? template[i + 1] : ' ';
            if (template[i] == Mark[0])
            {
                body.Append(char.IsAsciiLetterOrDigit(next) || next == '_' ? "${v}" : "$v");
            }
            else if (template[i] == ByteMark[0])
            {
                body.Append("$(printf %02x $((v % 256)))");
            }
            else
            {
                body.Append(template[i]);
            }
        }

        return body.ToString();
    }
}
