using System;
using System.Globalization;

namespace Wmgwd2.Core;

/// <summary>A VXLAN network identifier: 24 bits (RFC 7348, section 5); 0 is not used here.</summary>
/// <param name="Value">The identifier, <see cref="Minimum"/> to <see cref="Maximum"/>.</param>
public readonly record struct Vni(uint Value) : IUtf8SpanFormattable
{
    /// <summary>The lowest VNI that can be configured.</summary>
    public const uint Minimum = 1;

    /// <summary>The highest VNI: 2^24 - 1.</summary>
    public const uint Maximum = (1u << 24) - 1;

    /// <summary>The identifier in decimal.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The same as UTF-8; there are no other formats.</summary>
    public bool TryFormat(
        Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Value.TryFormat(utf8Destination, out bytesWritten, default, CultureInfo.InvariantCulture);
}
