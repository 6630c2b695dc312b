using System;
using System.Globalization;
using System.Text.Unicode;

namespace Wmgwd2.Core;

/// <summary>An IPv4 address as a number, so that addresses compare as they sort on paper.</summary>
/// <param name="Value">The address in host order: 10.0.1.11 is 0x0a00010b.</param>
public readonly record struct Ipv4Address(uint Value) : IComparable<Ipv4Address>, IUtf8SpanFormattable
{
    /// <summary>Numeric order.</summary>
    public int CompareTo(Ipv4Address other) => Value.CompareTo(other.Value);

    /// <summary>Numeric order.</summary>
    public static bool operator <(Ipv4Address left, Ipv4Address right) => left.Value < right.Value;

    /// <summary>Numeric order.</summary>
    public static bool operator >(Ipv4Address left, Ipv4Address right) => left.Value > right.Value;

    /// <summary>Numeric order.</summary>
    public static bool operator <=(Ipv4Address left, Ipv4Address right) => left.Value <= right.Value;

    /// <summary>Numeric order.</summary>
    public static bool operator >=(Ipv4Address left, Ipv4Address right) => left.Value >= right.Value;

    /// <summary>Dotted decimal.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Value >> 24}.{(Value >> 16) & 255}.{(Value >> 8) & 255}.{Value & 255}");

    /// <summary>The same as UTF-8; there are no other formats.</summary>
    public bool TryFormat(
        Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Utf8.TryWrite(
            utf8Destination, CultureInfo.InvariantCulture,
            $"{Value >> 24}.{(Value >> 16) & 255}.{(Value >> 8) & 255}.{Value & 255}", out bytesWritten);

    /// <summary>Reads dotted decimal: four numbers from 0 to 255, no leading zeros, nothing else.</summary>
    /// <param name="text">The text to read.</param>
    /// <param name="address">The address, when the text is one.</param>
    /// <returns>Whether the text is an address.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Ipv4Address address)
    {
        address = default;
        uint value = 0;
        for (int part = 0; part < 4; part++)
        {
            int dot = text.IndexOf('.');
            ReadOnlySpan<char> digits = part < 3 ? (dot < 0 ? default : text[..dot]) : text;
            // The framework's parser takes a number with zero characters behind it for a number.
            if ((digits.Length > 1 && digits[0] == '0') || digits.ContainsAnyExceptInRange('0', '9'))
            {
                return false;
            }

            if (!byte.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out byte number))
            {
                return false;
            }

            value = (value << 8) | number;
            text = part < 3 ? text[(dot + 1)..] : default;
        }

        address = new Ipv4Address(value);
        return true;
    }
}
