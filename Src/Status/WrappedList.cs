using System;
using System.IO;

namespace Wmgwd2.Status;

/// <summary>
/// A list behind a prefix, written item by item, so that it may be of any length; broken after a separator where the terminal
/// ends, what follows indented under the first item.
/// </summary>
/// <param name="output">Where it is written.</param>
/// <param name="prefix">What stands before the first item.</param>
/// <param name="columns">How wide the terminal is.</param>
/// <param name="separator">What stands between two items; at the end of a line without its space.</param>
internal sealed class WrappedList(TextWriter output, string prefix, int columns, string separator)
{
    // A narrower terminal breaks the lines itself.
    private const int FewestColumns = 20;

    private readonly int _end = Math.Max(columns, prefix.Length + FewestColumns);
    private int _at;

    /// <summary>Writes an item.</summary>
    public void Add(string item) => Add(item, separator);

    /// <summary>Ends the list with what is said instead of all other items.</summary>
    public void AddRest(string rest) => Add(rest, " ");

    /// <summary>Ends the list; one without items is a dash.</summary>
    public void End()
    {
        if (_at == 0)
        {
            Add("-");
        }

        output.WriteLine();
    }

    private void Add(string item, string before)
    {
        if (_at == 0)
        {
            output.Write(prefix);
            _at = prefix.Length;
        }
        else if (_at + before.Length + item.Length + separator.TrimEnd().Length > _end)
        {
            output.WriteLine(before.TrimEnd());
            output.Write(new string(' ', prefix.Length));
            _at = prefix.Length;
        }
        else
        {
            output.Write(before);
            _at += before.Length;
        }

        output.Write(item);
        _at += item.Length;
    }
}
