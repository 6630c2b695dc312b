using System;
using System.Numerics;

namespace Wmgwd2.Core;

/// <summary>One bit for each index of a <see cref="VniSet"/>.</summary>
public sealed class VniBitmap
{
    private readonly ulong[] _words;

    /// <summary>All bits clear.</summary>
    /// <param name="count">How many bits.</param>
    public VniBitmap(int count) => _words = new ulong[(count + 63) / 64];

    /// <summary>The bits, 64 a word, lowest index in the lowest bit.</summary>
    public Span<ulong> Words => _words;

    /// <summary>One bit.</summary>
    public bool this[int index]
    {
        get => (_words[index >> 6] >> (index & 63) & 1) != 0;
        set
        {
            ulong bit = 1ul << (index & 63);
            _words[index >> 6] = value ? _words[index >> 6] | bit : _words[index >> 6] & ~bit;
        }
    }

    /// <summary>Whether no bit is set.</summary>
    public bool IsEmpty => !_words.AsSpan().ContainsAnyExcept(0ul);

    /// <summary>How many bits are set.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (ulong word in _words)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    /// <summary>Sets the bits that are set in a bitmap of another set.</summary>
    /// <param name="other">That bitmap.</param>
    /// <param name="newIndexes">Where each index of it is here, or -1.</param>
    public void SetFrom(VniBitmap other, ReadOnlySpan<int> newIndexes)
    {
        for (int index = other.NextSet(0); index >= 0; index = other.NextSet(index + 1))
        {
            if (newIndexes[index] >= 0)
            {
                this[newIndexes[index]] = true;
            }
        }
    }

    /// <summary>The lowest index from <paramref name="start"/> on whose bit is set, or -1.</summary>
    public int NextSet(int start)
    {
        int at = start >> 6;
        if (at >= _words.Length)
        {
            return -1;
        }

        ulong word = _words[at] & (ulong.MaxValue << (start & 63));
        while (word == 0)
        {
            if (++at == _words.Length)
            {
                return -1;
            }

            word = _words[at];
        }

        return (at << 6) + BitOperations.TrailingZeroCount(word);
    }

    /// <summary>Clears all bits.</summary>
    public void Clear() => _words.AsSpan().Clear();
}
