using System;
using System.Globalization;

namespace Wmgwd2.Core;

/// <summary>The uid of a gateway: 64 bits, unique in its cluster, never 0.</summary>
/// <param name="Value">The uid as it stands, big-endian, in an advertisement.</param>
public readonly record struct NodeId(ulong Value) : IUtf8SpanFormattable
{
    /// <summary>The uid in decimal, as every text of this program writes it.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The same as UTF-8; there are no other formats.</summary>
    public bool TryFormat(
        Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Value.TryFormat(utf8Destination, out bytesWritten, default, CultureInfo.InvariantCulture);
}
