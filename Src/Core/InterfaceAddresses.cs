using System;

namespace Wmgwd2.Core;

/// <summary>The IPv4 addresses of the VNIs' interfaces: a linked list for each index, all in one array.</summary>
public sealed class InterfaceAddresses
{
    private const int None = -1;

    private readonly int[] _first;
    private Node[] _nodes;
    private int _free = None;
    private int _used;
    private bool _dumpMark;

    /// <summary>No addresses.</summary>
    /// <param name="count">How many interfaces there are.</param>
    public InterfaceAddresses(int count)
    {
        _first = new int[count];
        _first.AsSpan().Fill(None);

        // One for each, and some that come before others go: it grows when there are more than ever.
        _nodes = new Node[count + count / 4 + 16];
    }

    /// <summary>Whether an interface has no address.</summary>
    public bool IsEmpty(int index) => _first[index] == None;

    /// <summary>The addresses of an interface, for a foreach.</summary>
    public Enumerator Of(int index) => new(this, _first[index]);

    /// <summary>Notes an address of an interface.</summary>
    /// <returns>Whether it is new.</returns>
    public bool Add(int index, Ipv4Address address)
    {
        for (int at = _first[index]; at != None; at = _nodes[at].Next)
        {
            if (_nodes[at].Address == address)
            {
                _nodes[at].Dumped = _dumpMark;
                return false;
            }
        }

        int node = Take();
        _nodes[node] = new Node { Address = address, Next = _first[index], Dumped = _dumpMark };
        _first[index] = node;
        return true;
    }

    /// <summary>Forgets an address of an interface.</summary>
    public void Remove(int index, Ipv4Address address)
    {
        for (ref int link = ref _first[index]; link != None; link = ref _nodes[link].Next)
        {
            if (_nodes[link].Address == address)
            {
                Free(ref link);
                return;
            }
        }
    }

    /// <summary>Forgets all addresses of an interface.</summary>
    public void Clear(int index)
    {
        while (_first[index] != None)
        {
            Free(ref _first[index]);
        }
    }

    /// <summary>All addresses are about to be added again.</summary>
    public void BeginDump() => _dumpMark = !_dumpMark;

    /// <summary>Forgets those of an interface that have not been added since the dump began.</summary>
    /// <returns>Whether there were any.</returns>
    public bool EndDump(int index)
    {
        bool any = false;
        ref int link = ref _first[index];
        while (link != None)
        {
            if (_nodes[link].Dumped != _dumpMark)
            {
                Free(ref link);
                any = true;
            }
            else
            {
                link = ref _nodes[link].Next;
            }
        }

        return any;
    }

    /// <summary>Adds the addresses of interfaces that had other indexes.</summary>
    /// <param name="before">Those addresses.</param>
    /// <param name="newIndexes">The index here for each index there, or -1.</param>
    public void AddFrom(InterfaceAddresses before, ReadOnlySpan<int> newIndexes)
    {
        for (int index = 0; index < newIndexes.Length; index++)
        {
            if (newIndexes[index] >= 0)
            {
                foreach (Ipv4Address address in before.Of(index))
                {
                    Add(newIndexes[index], address);
                }
            }
        }
    }

    private int Take()
    {
        if (_free != None)
        {
            int node = _free;
            _free = _nodes[node].Next;
            return node;
        }

        if (_used == _nodes.Length)
        {
            Array.Resize(ref _nodes, _used * 2);
        }

        return _used++;
    }

    private void Free(ref int link)
    {
        int node = link;
        link = _nodes[node].Next;
        _nodes[node].Next = _free;
        _free = node;
    }

    private struct Node
    {
        public Ipv4Address Address;
        public int Next;
        public bool Dumped;
    }

    /// <summary>Goes through the addresses of one interface.</summary>
    public ref struct Enumerator
    {
        private readonly Node[] _nodes;
        private int _next;

        internal Enumerator(InterfaceAddresses addresses, int first)
        {
            _nodes = addresses._nodes;
            _next = first;
        }

        /// <summary>The address.</summary>
        public Ipv4Address Current { get; private set; }

        /// <summary>The enumerator itself.</summary>
        public readonly Enumerator GetEnumerator() => this;

        /// <summary>Goes to the next address, if there is one.</summary>
        public bool MoveNext()
        {
            if (_next == None)
            {
                return false;
            }

            Current = _nodes[_next].Address;
            _next = _nodes[_next].Next;
            return true;
        }
    }
}
