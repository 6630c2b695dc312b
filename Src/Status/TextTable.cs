using System;
using System.Collections.Generic;
using System.Text;

namespace Wmgwd2.Status;

/// <summary>Rows of a table whose columns are as wide as the widest cell: the first ends left, the others right.</summary>
/// <param name="rows">All rows, a heading as the first; all as long as that.</param>
internal sealed class TextTable(IReadOnlyList<string[]> rows)
{
    private const string Gap = "  ";

    private readonly int[] _widths = Measure(rows);

    /// <summary>A row, aligned.</summary>
    public string this[int row]
    {
        get
        {
            var line = new StringBuilder();
            for (int column = 0; column < _widths.Length; column++)
            {
                string cell = rows[row][column];
                line.Append(column == 0 ? cell.PadRight(_widths[0]) : Gap + cell.PadLeft(_widths[column]));
            }

            return line.ToString();
        }
    }

    /// <summary>How wide a row is.</summary>
    public int Width
    {
        get
        {
            int width = Gap.Length * (_widths.Length - 1);
            foreach (int each in _widths)
            {
                width += each;
            }

            return width;
        }
    }

    /// <summary>How wide the widest cell of each column is.</summary>
    public static int[] Measure(IReadOnlyList<string[]> rows)
    {
        var widths = new int[rows[0].Length];
        foreach (string[] row in rows)
        {
            for (int column = 0; column < widths.Length; column++)
            {
                widths[column] = Math.Max(widths[column], row[column].Length);
            }
        }

        return widths;
    }
}
