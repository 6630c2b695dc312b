using System;
using System.Buffers;
using System.Globalization;
using System.Text.Unicode;

namespace Wmgwd2.Io;

/// <summary>
/// Writes a line as UTF-8 over the caller's bytes. What there is no room for is cut off, never within a character or a number,
/// and an ellipsis says so.
/// </summary>
/// <param name="room">Where the line is written; the ellipsis needs three bytes of it.</param>
internal ref struct LineWriter(Span<byte> room)
{
    private readonly Span<byte> _room = room;
    private int _length;
    private bool _cut;

    private static ReadOnlySpan<byte> Ellipsis => "…"u8;

    /// <summary>The line so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _room[.._length];

    // What is written before the ellipsis leaves room for it.
    private readonly Span<byte> Free => _cut ? default : _room[_length..^Ellipsis.Length];

    /// <summary>Appends a text.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        OperationStatus status = Utf8.FromUtf16(text, Free, out _, out int written);
        Advance(written, whole: status == OperationStatus.Done);
    }

    /// <summary>Appends a text that is UTF-8 already.</summary>
    public void Append(ReadOnlySpan<byte> text)
    {
        int length = Math.Min(text.Length, Free.Length);

        // Bytes 10xxxxxx are within a character (RFC 3629, section 3).
        while (length < text.Length && length > 0 && (text[length] & 0xc0) == 0x80)
        {
            length--;
        }

        text[..length].CopyTo(Free);
        Advance(length, whole: length == text.Length);
    }

    /// <summary>Appends a value, as the invariant culture writes it.</summary>
    public void Append<T>(T value, ReadOnlySpan<char> format = default)
        where T : IUtf8SpanFormattable
    {
        bool whole = value.TryFormat(Free, out int written, format, CultureInfo.InvariantCulture);
        Advance(whole ? written : 0, whole);
    }

    private void Advance(int written, bool whole)
    {
        _length += written;
        if (!whole && !_cut)
        {
            _cut = true;
            Ellipsis.CopyTo(_room[_length..]);
            _length += Ellipsis.Length;
        }
    }
}
