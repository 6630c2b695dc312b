using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Wmgwd2.Core;

/// <summary>VNIs from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
/// <param name="First">The lowest VNI.</param>
/// <param name="Last">The highest VNI.</param>
public readonly record struct VniRange(Vni First, Vni Last) : IUtf8SpanFormattable
{
    /// <summary>How many VNIs the range holds.</summary>
    public int Count => (int)(Last.Value - First.Value + 1);

    /// <summary><c>7</c> or <c>1-100</c>.</summary>
    public override string ToString() => First == Last ? First.ToString() : $"{First}-{Last}";

    /// <summary>The same as UTF-8; there are no other formats.</summary>
    public bool TryFormat(
        Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        First == Last
            ? First.TryFormat(utf8Destination, out bytesWritten, format, provider)
            : Utf8.TryWrite(utf8Destination, CultureInfo.InvariantCulture, $"{First}-{Last}", out bytesWritten);
}

/// <summary>
/// The configured VNIs: sorted ranges that neither touch nor overlap. A VNI's place in them, its index from 0 to
/// <see cref="Count"/> - 1, is what all tables of the daemon are addressed with.
/// </summary>
public sealed class VniSet
{
    private readonly VniRange[] _ranges;
    private readonly int[] _firstIndexes;

    /// <summary>Makes the set that holds all of <paramref name="ranges"/>, in any order, overlapping or not.</summary>
    /// <param name="ranges">Ranges within 1..16777215, none reversed.</param>
    public VniSet(IEnumerable<VniRange> ranges)
    {
        _ranges = Merge(ranges);
        _firstIndexes = new int[_ranges.Length];
        for (int i = 0; i < _ranges.Length; i++)
        {
            _firstIndexes[i] = Count;
            Count += _ranges[i].Count;
        }
    }

    /// <summary>How many VNIs are in the set.</summary>
    public int Count { get; }

    /// <summary>The ranges, sorted.</summary>
    public ReadOnlySpan<VniRange> Ranges => _ranges;

    /// <summary>All VNIs in blocks, none of which is longer than <paramref name="length"/> or goes beyond a range.</summary>
    public VniBlocks InBlocksOf(int length) => new(_ranges, length);

    /// <summary>The VNI at an index.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public Vni this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            int at = Array.BinarySearch(_firstIndexes, index);
            int range = at >= 0 ? at : ~at - 1;
            return new Vni(_ranges[range].First.Value + (uint)(index - _firstIndexes[range]));
        }
    }

    /// <summary>The index of a VNI, or -1 when it is not in the set.</summary>
    public int IndexOf(Vni vni)
    {
        int low = 0;
        int high = _ranges.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            VniRange range = _ranges[middle];
            if (vni.Value < range.First.Value)
            {
                high = middle - 1;
            }
            else if (vni.Value > range.Last.Value)
            {
                low = middle + 1;
            }
            else
            {
                return _firstIndexes[middle] + (int)(vni.Value - range.First.Value);
            }
        }

        return -1;
    }

    /// <summary>The VNIs that are in this set or in another one.</summary>
    public VniSet Union(VniSet other) => new([.. _ranges, .. other._ranges]);

    /// <summary>The VNIs of this set that are not in another one.</summary>
    public VniSet Except(VniSet other)
    {
        var left = new List<VniRange>();
        int at = 0;
        foreach (VniRange range in _ranges)
        {
            uint first = range.First.Value;
            while (at < other._ranges.Length && other._ranges[at].Last.Value < first)
            {
                at++;
            }

            for (int next = at; next < other._ranges.Length && other._ranges[next].First.Value <= range.Last.Value; next++)
            {
                VniRange taken = other._ranges[next];
                if (taken.First.Value > first)
                {
                    left.Add(new VniRange(new Vni(first), new Vni(taken.First.Value - 1)));
                }

                first = taken.Last.Value + 1;
            }

            if (first <= range.Last.Value)
            {
                left.Add(new VniRange(new Vni(first), range.Last));
            }
        }

        return new VniSet(left);
    }

    /// <summary>For each index of another set where its VNI is in this one; -1 where it isn't.</summary>
    public int[] FindIndexesOf(VniSet other)
    {
        var indexes = new int[other.Count];
        foreach (VniBlock block in other.InBlocksOf(other.Count))
        {
            for (int at = 0; at < block.Count; at++)
            {
                indexes[block.Index + at] = IndexOf(block[at]);
            }
        }

        return indexes;
    }

    /// <summary>The ranges as the configuration writes them: <c>1-100,200,300-310</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (VniRange range in _ranges)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(range);
        }

        return text.ToString();
    }

    private static VniRange[] Merge(IEnumerable<VniRange> ranges)
    {
        var sorted = new List<VniRange>(ranges);
        sorted.Sort((left, right) => left.First.Value.CompareTo(right.First.Value));
        var merged = new List<VniRange>();
        foreach (VniRange range in sorted)
        {
            if (merged.Count > 0 && range.First.Value <= merged[^1].Last.Value + 1)
            {
                uint last = Math.Max(merged[^1].Last.Value, range.Last.Value);
                merged[^1] = merged[^1] with { Last = new Vni(last) };
            }
            else
            {
                merged.Add(range);
            }
        }

        return [.. merged];
    }
}
