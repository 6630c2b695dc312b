using System.Runtime.CompilerServices;
using System.Text;

namespace Wmgwd2.Status;

/// <summary>
/// Puts an interpolated text of more than four parts together by calls. The compiler's own way is inlined in each place, at a
/// hundred bytes a part; for four parts or less it is a single call.
/// </summary>
[InterpolatedStringHandler]
internal readonly ref struct Words
{
    private readonly StringBuilder _text = new();

    /// <summary>Begins a text.</summary>
    public Words(int literalLength, int formattedCount)
    {
        _ = (literalLength, formattedCount);
    }

    /// <summary>The text.</summary>
    public static string Of(Words words) => words._text.ToString();

    /// <summary>Adds what stands in the source.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void AppendLiteral(string text) => _text.Append(text);

    /// <summary>Adds what stands between braces; there are texts alone.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void AppendFormatted(string? text) => _text.Append(text);
}
