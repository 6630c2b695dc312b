using System;

namespace Wmgwd2.Check;

/// <summary>Items whose number isn't known yet. No List, for each List of another type is two kilobytes of the binary.</summary>
internal struct Growing<T>
    where T : class
{
    private T[]? _items;
    private int _count;

    /// <summary>Adds one.</summary>
    public void Add(T item)
    {
        _items ??= new T[4];
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, 2 * _count);
        }

        _items[_count++] = item;
    }

    /// <summary>All, in the order in which they were added.</summary>
    public readonly T[] ToArray() => _items == null ? [] : _items.AsSpan(0, _count).ToArray();
}
