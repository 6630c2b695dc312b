using System.Collections.Generic;
using System.Globalization;

namespace Wmgwd2.Config;

/// <summary>What is wrong with settings: the first hundred in words, of the others how many there are.</summary>
internal sealed class ErrorList
{
    private const int Limit = 100;

    private readonly List<string> _lines = [];
    private int _more;

    /// <summary>A line for each.</summary>
    public IReadOnlyList<string> Lines => _more == 0
        ? _lines
        : [.. _lines, string.Create(CultureInfo.InvariantCulture, $"and {_more} more")];

    /// <summary>Adds one.</summary>
    public void Add(string line)
    {
        if (_lines.Count < Limit)
        {
            _lines.Add(line);
        }
        else
        {
            _more++;
        }
    }
}
