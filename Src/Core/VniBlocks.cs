using System;

namespace Wmgwd2.Core;

/// <summary>Consecutive VNIs of a <see cref="VniSet"/>, whose indexes are consecutive too.</summary>
/// <param name="index">The index of the lowest.</param>
/// <param name="first">The lowest.</param>
/// <param name="count">How many there are.</param>
public readonly struct VniBlock(int index, Vni first, int count)
{
    /// <summary>The index of the lowest.</summary>
    public int Index => index;

    /// <summary>The lowest.</summary>
    public Vni First => first;

    /// <summary>How many there are.</summary>
    public int Count => count;

    /// <summary>One of them, counted from 0.</summary>
    public Vni this[int at] => new(first.Value + (uint)at);
}

/// <summary>All VNIs of a <see cref="VniSet"/> in ascending order, in blocks. For foreach.</summary>
public ref struct VniBlocks
{
    private readonly ReadOnlySpan<VniRange> _ranges;
    private readonly int _length;
    private int _range;
    private int _done;
    private int _index;

    internal VniBlocks(ReadOnlySpan<VniRange> ranges, int length)
    {
        _ranges = ranges;
        _length = length;
    }

    /// <summary>The block that <see cref="MoveNext"/> came to.</summary>
    public VniBlock Current { get; private set; }

    /// <summary>Itself.</summary>
    public readonly VniBlocks GetEnumerator() => this;

    /// <summary>Goes to the next block.</summary>
    /// <returns>Whether there is one.</returns>
    public bool MoveNext()
    {
        if (_range == _ranges.Length)
        {
            return false;
        }

        VniRange range = _ranges[_range];
        Current = new VniBlock(_index, new Vni(range.First.Value + (uint)_done), Math.Min(_length, range.Count - _done));
        _index += Current.Count;
        _done += Current.Count;
        if (_done == range.Count)
        {
            _range++;
            _done = 0;
        }

        return true;
    }
}
