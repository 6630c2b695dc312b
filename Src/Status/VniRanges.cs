using System;
using System.Text;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>Writes sets of VNIs as compact ranges: <c>1-3,7,200-210</c>.</summary>
public static class VniRanges
{
    /// <summary>How many ranges are written in one line of a log.</summary>
    public const int LogLimit = 16;

    /// <summary>Writes the VNIs whose index is chosen.</summary>
    /// <param name="vnis">All VNIs.</param>
    /// <param name="chosen">Says of an index whether it is chosen.</param>
    /// <param name="limit">After how many ranges to write only how many VNIs more there are.</param>
    /// <returns>The text; empty when none is chosen.</returns>
    public static string Format(VniSet vnis, Func<int, bool> chosen, int limit)
    {
        var text = new StringBuilder();
        int ranges = 0;
        int more = 0;
        for (int index = 0; index < vnis.Count; index++)
        {
            if (!chosen(index))
            {
                continue;
            }

            int first = index;
            while (index + 1 < vnis.Count && vnis[index + 1].Value == vnis[index].Value + 1 && chosen(index + 1))
            {
                index++;
            }

            if (ranges++ < limit)
            {
                text.Append(ranges > 1 ? "," : "").Append(new VniRange(vnis[first], vnis[index]));
            }
            else
            {
                more += index - first + 1;
            }
        }

        return more == 0 ? text.ToString() : $"{text} and {more} more";
    }
}
