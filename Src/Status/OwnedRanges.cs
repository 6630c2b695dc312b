using System;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>
/// The VNIs of one owner as ranges that are as long as can be, one after the other: never all at once, because of millions of
/// VNIs there are millions of ranges. For foreach.
/// </summary>
/// <param name="vnis">All VNIs.</param>
/// <param name="owners">The owner of each index.</param>
/// <param name="owner">Whose ranges.</param>
internal ref struct OwnedRanges(VniSet vnis, ReadOnlySpan<ushort> owners, ushort owner)
{
    private readonly ReadOnlySpan<ushort> _owners = owners;
    private int _next;
    private int _first;
    private int _last;

    /// <summary>The range that <see cref="MoveNext"/> came to.</summary>
    public readonly VniRange Current => new(vnis[_first], vnis[_last]);

    /// <summary>The lowest index of the range.</summary>
    public readonly int First => _first;

    /// <summary>Itself.</summary>
    public readonly OwnedRanges GetEnumerator() => this;

    /// <summary>Goes to the next range.</summary>
    /// <returns>Whether there is one.</returns>
    public bool MoveNext()
    {
        int skipped = _owners[_next..].IndexOf(owner);
        if (skipped < 0)
        {
            return false;
        }

        _first = _last = _next + skipped;
        uint vni = vnis[_first].Value;
        while (_last + 1 < _owners.Length && _owners[_last + 1] == owner && vnis[_last + 1].Value == ++vni)
        {
            _last++;
        }

        _next = _last + 1;
        return true;
    }
}
