using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>Gathers the problems of all VNIs: those with the same problem make one line.</summary>
/// <param name="vnis">All VNIs.</param>
/// <param name="pattern">How their interfaces are called.</param>
public sealed class ProblemReport(VniSet vnis, InterfacePattern pattern)
{
    private HashSet<(string Vnis, string Problem)> _known = [];

    /// <summary>Whether there was any problem the last time.</summary>
    public bool Any => _known.Count > 0;

    /// <summary>Gathers all problems.</summary>
    /// <param name="statusOf">The status of an index.</param>
    /// <param name="reasonsOf">Who holds the interface of an index down.</param>
    /// <param name="limit">After how many ranges a line only counts.</param>
    /// <returns>A line for each problem, those that concern the lowest VNIs first.</returns>
    public IReadOnlyList<(string Vnis, string Problem)> Gather(
        Func<int, InterfaceStatus> statusOf, Func<int, uint> reasonsOf, int limit)
    {
        var byProblem = new Dictionary<string, SortedSet<int>>();
        var inOrder = new List<string>();
        for (int index = 0; index < vnis.Count; index++)
        {
            if (ProblemText.Describe(statusOf(index), reasonsOf(index)) is { } problem)
            {
                if (!byProblem.TryGetValue(problem, out SortedSet<int>? indexes))
                {
                    byProblem[problem] = indexes = [];
                    inOrder.Add(problem);
                }

                indexes.Add(index);
            }
        }

        return
        [
            .. inOrder.Select(problem => (problem, indexes: byProblem[problem])).Select(line => (
                Name(line.indexes.Count, line.indexes.Min, line.indexes.Contains, limit), line.problem)),
        ];
    }

    /// <summary>Gathers all problems and gives those lines that were not there the last time.</summary>
    public IReadOnlyList<(string Vnis, string Problem)> FindNew(
        Func<int, InterfaceStatus> statusOf, Func<int, uint> reasonsOf)
    {
        IReadOnlyList<(string Vnis, string Problem)> all = Gather(statusOf, reasonsOf, VniRanges.LogLimit);
        HashSet<(string Vnis, string Problem)> before = _known;
        _known = [.. all];
        return [.. all.Where(line => !before.Contains(line))];
    }

    /// <summary>Names the VNIs of a bitmap.</summary>
    public VniNames Describe(VniBitmap chosen) => new(vnis, pattern, chosen);

    // One VNI is named with its interface, so that the line can be acted on as it stands.
    private string Name(int count, int first, Func<int, bool> chosen, int limit) => count == 1
        ? $"VNI {vnis[first]} ({pattern.NameOf(vnis[first])})"
        : $"VNIs {VniRanges.Format(vnis, chosen, limit)}";
}
