using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Wmgwd2.Tests.Simulation;

/// <summary>
/// The longest times that nobody, or more than one, served a VNI, by kind of fault, next to the bounds. What may last as long
/// as the fault is counted from its end.
/// </summary>
internal sealed class LongestTimes
{
    private static readonly FaultKind[] Kinds = Enum.GetValues<FaultKind>();

    // The last row is for faults on top of each other.
    private readonly TimeSpan[,,] _longest = new TimeSpan[Kinds.Length + 1, 2, 2];
    private readonly long[] _counts = new long[Kinds.Length];

    public void Count(FaultKind kind) => _counts[(int)kind]++;

    /// <summary>The longest time that was put down to a kind.</summary>
    public TimeSpan this[FaultKind kind, bool nobody, bool mixed] => _longest[(int)kind, nobody ? 0 : 1, mixed ? 1 : 0];

    /// <summary>Adds a time; of the faults of one script it is put down to the one that allows it, if it is one alone.</summary>
    public void Add(IReadOnlyList<Fault> causes, bool nobody, TimeSpan outside, bool mixed)
    {
        if (causes.Count > 0)
        {
            bool alone = causes.All(fault => fault.Script == causes[0].Script)
                && causes.Count(fault => Allows(fault, nobody) > TimeSpan.Zero) <= 1;
            int row = alone ? (int)causes.MaxBy(fault => (Allows(fault, nobody), fault.Begin))!.Kind : Kinds.Length;
            Raise(row, nobody ? 0 : 1, mixed ? 1 : 0, outside);
        }
    }

    /// <summary>Takes in what another cluster has seen.</summary>
    public void Merge(LongestTimes other)
    {
        for (int row = 0; row <= Kinds.Length; row++)
        {
            for (int cell = 0; cell < 4; cell++)
            {
                Raise(row, cell >> 1, cell & 1, other._longest[row, cell >> 1, cell & 1]);
            }
        }

        for (int kind = 0; kind < Kinds.Length; kind++)
        {
            _counts[kind] += other._counts[kind];
        }
    }

    /// <summary>The table, in milliseconds.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine("The longest time (ms) that nobody, or more than one, served a VNI: seen / bound.");
        text.AppendLine("'end+': while the fault lasts, and so long from its end on.");
        text.AppendLine("'mixed': a gateway of the first implementation takes part; its 100 ms turn is added to every bound.");
        text.AppendLine(Row("fault", "how often", "nobody", "more than one", "nobody, mixed", "more than one, mixed"));
        foreach (FaultKind kind in Kinds)
        {
            FaultBound bound = FaultBound.Of(kind);
            text.AppendLine(Row(
                kind.ToString(),
                _counts[(int)kind].ToString(CultureInfo.InvariantCulture),
                Cell(kind, 0, 0, bound.Nobody, bound.NobodyWhile),
                Cell(kind, 1, 0, bound.Two, bound.TwoWhile),
                Cell(kind, 0, 1, bound.NobodyIn(mixed: true), bound.NobodyWhile),
                Cell(kind, 1, 1, bound.Two, bound.TwoWhile)));
        }

        string[] sums = [.. Enumerable.Range(0, 4).Select(cell => Tell(_longest[Kinds.Length, cell & 1, cell >> 1]) + " / sum")];
        return text.Append(Row("several at once", "", sums[0], sums[1], sums[2], sums[3])).ToString();
    }

    private static TimeSpan Allows(Fault fault, bool nobody)
    {
        bool lasts = nobody ? fault.Bound.NobodyWhile : fault.Bound.TwoWhile;
        return lasts ? TimeSpan.MaxValue : nobody ? fault.Bound.Nobody : fault.Bound.Two;
    }

    private static string Row(string kind, string count, string a, string b, string c, string d) =>
        $"{kind,-19}{count,10}{a,18}{b,18}{c,18}{d,22}";

    private static string Tell(TimeSpan time) => time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);

    private string Cell(FaultKind kind, int which, int mixed, TimeSpan extra, bool lasts)
    {
        bool foreign = kind is FaultKind.FirstJoin or FaultKind.FirstStop or FaultKind.FirstPause;
        TimeSpan bound = extra + TimeSpan.FromMilliseconds(100) + mixed * FirstImplementation.Turn;
        return foreign && mixed == 0
            ? "-"
            : $"{Tell(_longest[(int)kind, which, mixed])} / {(lasts ? "end+" : "")}{Tell(bound)}";
    }

    private void Raise(int row, int which, int mixed, TimeSpan time)
    {
        ref TimeSpan longest = ref _longest[row, which, mixed];
        longest = time > longest ? time : longest;
    }
}
