using System;
using System.Globalization;
using System.Text.Unicode;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>
/// The VNIs of a bitmap as a line of the log names them, without allocating: one with its interface, so that the line can be
/// acted on as it stands; several as ranges, the first <see cref="VniRanges.LogLimit"/> of them.
/// </summary>
/// <param name="vnis">All VNIs.</param>
/// <param name="pattern">How their interfaces are called.</param>
/// <param name="chosen">Those that are named, by index.</param>
public readonly struct VniNames(VniSet vnis, InterfacePattern pattern, VniBitmap chosen) : IUtf8SpanFormattable
{
    /// <summary>The names as UTF-8; there are no other formats.</summary>
    public bool TryFormat(
        Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        if (chosen.Count == 1)
        {
            Vni vni = vnis[chosen.NextSet(0)];
            return Utf8.TryWrite(
                utf8Destination, culture, $"VNI {vni} ({pattern.Prefix}{vni}{pattern.Suffix})", out bytesWritten);
        }

        var text = new Utf8.TryWriteInterpolatedStringHandler(0, 0, utf8Destination, culture, out _);
        AppendRanges(ref text);
        return Utf8.TryWrite(utf8Destination, ref text, out bytesWritten);
    }

    private void AppendRanges(ref Utf8.TryWriteInterpolatedStringHandler text)
    {
        int ranges = 0;
        int more = 0;
        for (int first = chosen.NextSet(0), last; first >= 0; first = chosen.NextSet(last + 1))
        {
            last = FindLast(first);
            if (ranges++ < VniRanges.LogLimit)
            {
                text.AppendLiteral(ranges > 1 ? "," : "VNIs ");
                text.AppendFormatted(new VniRange(vnis[first], vnis[last]));
            }
            else
            {
                more += last - first + 1;
            }
        }

        if (more > 0)
        {
            text.AppendLiteral(" and ");
            text.AppendFormatted(more);
            text.AppendLiteral(" more");
        }
    }

    private int FindLast(int index)
    {
        while (index + 1 < vnis.Count && chosen[index + 1] && vnis[index + 1].Value == vnis[index].Value + 1)
        {
            index++;
        }

        return index;
    }
}
