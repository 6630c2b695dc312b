using System;

namespace Wmgwd2.Core;

/// <summary>
/// A queue of small numbers, each at most once, each with the instant at which it is due. Entries are appended in the
/// order in which they are due (all with the same delay, say), so that the head is always the next: everything is O(1)
/// and nothing is allocated, however many there are.
/// </summary>
public sealed class DelayQueue
{
    private const int None = -1;
    private const int NotQueued = -2;

    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly Instant[] _due;
    private int _head = None;
    private int _tail = None;

    /// <summary>An empty queue.</summary>
    /// <param name="capacity">Entries are 0 to <paramref name="capacity"/> - 1.</param>
    public DelayQueue(int capacity)
    {
        _next = new int[capacity];
        _previous = new int[capacity];
        _due = new Instant[capacity];
        _next.AsSpan().Fill(NotQueued);
    }

    /// <summary>How many are queued.</summary>
    public int Count { get; private set; }

    /// <summary>Whether nothing is queued.</summary>
    public bool IsEmpty => _head == None;

    /// <summary>When the head is due; <see cref="Instant.Never"/> when nothing is queued.</summary>
    public Instant NextDue => _head == None ? Instant.Never : _due[_head];

    /// <summary>Whether an entry is queued.</summary>
    public bool Contains(int entry) => _next[entry] != NotQueued;

    /// <summary>Puts an entry at the end, wherever it stood before.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="due">Not before the instant of the entry that is last now.</param>
    public void Append(int entry, Instant due)
    {
        Remove(entry);
        _due[entry] = due;
        _next[entry] = None;
        _previous[entry] = _tail;
        if (_tail == None)
        {
            _head = entry;
        }
        else
        {
            _next[_tail] = entry;
        }

        _tail = entry;
        Count++;
    }

    /// <summary>Appends what another queue holds, in its order.</summary>
    /// <param name="other">That queue.</param>
    /// <param name="newEntries">What each entry of it is called here, or -1 for those that are left out.</param>
    public void AppendFrom(DelayQueue other, ReadOnlySpan<int> newEntries)
    {
        for (int entry = other._head; entry != None; entry = other._next[entry])
        {
            if (newEntries[entry] >= 0)
            {
                Append(newEntries[entry], other._due[entry]);
            }
        }
    }

    /// <summary>Takes an entry out, if it is queued.</summary>
    public void Remove(int entry)
    {
        if (_next[entry] == NotQueued)
        {
            return;
        }

        int next = _next[entry];
        int previous = _previous[entry];
        if (previous == None)
        {
            _head = next;
        }
        else
        {
            _next[previous] = next;
        }

        if (next == None)
        {
            _tail = previous;
        }
        else
        {
            _previous[next] = previous;
        }

        _next[entry] = NotQueued;
        Count--;
    }

    /// <summary>Takes the head out, if it is due.</summary>
    /// <param name="now">The instant.</param>
    /// <param name="entry">The head.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryTake(Instant now, out int entry)
    {
        entry = _head;
        if (_head == None || _due[_head] > now)
        {
            return false;
        }

        Remove(entry);
        return true;
    }
}
