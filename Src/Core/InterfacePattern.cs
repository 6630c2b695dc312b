using System;
using System.Globalization;
using System.Text;

namespace Wmgwd2.Core;

/// <summary>How the macvlan of a VNI is called: a name with one <c>%d</c>, where the VNI stands in decimal.</summary>
public sealed class InterfacePattern
{
    /// <summary>The longest name the kernel allows: IFNAMSIZ (linux/if.h) less the closing zero.</summary>
    public const int MaximumNameLength = 15;

    private readonly string _pattern;
    private readonly byte[] _prefix;
    private readonly byte[] _suffix;

    private InterfacePattern(string pattern, int at)
    {
        _pattern = pattern;
        _prefix = Encoding.ASCII.GetBytes(pattern[..at]);
        _suffix = Encoding.ASCII.GetBytes(pattern[(at + 2)..]);
    }

    /// <summary>What stands before the VNI, in ASCII.</summary>
    public ReadOnlySpan<byte> Prefix => _prefix;

    /// <summary>What stands behind the VNI, in ASCII.</summary>
    public ReadOnlySpan<byte> Suffix => _suffix;

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">For example <c>vrrp4-%d</c>.</param>
    /// <returns>The pattern, or null when the text is none.</returns>
    public static InterfacePattern? TryParse(string text)
    {
        int at = text.IndexOf("%d", StringComparison.Ordinal);
        bool valid = at >= 0 && text.IndexOf('%', StringComparison.Ordinal) == text.LastIndexOf('%')
            && IsName(text) && text.Length - 2 < MaximumNameLength;
        return valid ? new InterfacePattern(text, at) : null;
    }

    /// <summary>Whether an interface can be called so: printable ASCII, as the kernel allows and a log can show.</summary>
    public static bool IsInterfaceName(string text) => text.Length is > 0 and <= MaximumNameLength && IsName(text);

    private static bool IsName(string text) =>
        !text.AsSpan().ContainsAnyExceptInRange('!', '~') && text.AsSpan().IndexOfAny('/', ':') < 0;

    /// <summary>The name of a VNI's interface.</summary>
    public string NameOf(Vni vni) => _pattern.Replace("%d", vni.ToString(), StringComparison.Ordinal);

    /// <summary>Reads the VNI out of an interface's name.</summary>
    /// <param name="name">The name, in ASCII, without the closing zero.</param>
    /// <param name="vni">The VNI, when the name is one that <see cref="NameOf"/> would give.</param>
    /// <returns>Whether it is.</returns>
    public bool TryMatch(ReadOnlySpan<byte> name, out Vni vni)
    {
        vni = default;
        if (name.Length <= _prefix.Length + _suffix.Length || !name.StartsWith(_prefix) || !name.EndsWith(_suffix))
        {
            return false;
        }

        ReadOnlySpan<byte> digits = name[_prefix.Length..^_suffix.Length];
        if (digits[0] == '0' || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || !uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out uint value))
        {
            return false;
        }

        vni = new Vni(value);
        return value <= Vni.Maximum;
    }

    /// <summary>The pattern as it was written.</summary>
    public override string ToString() => _pattern;
}
