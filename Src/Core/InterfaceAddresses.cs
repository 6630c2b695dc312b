using System;
using System.Threading;

namespace Wmgwd2.Core;

/// <summary>The IPv4 addresses of the VNIs' interfaces: a linked list for each index, all in one array.</summary>
/// <remarks>
/// One thread changes and reads it; any other may <see cref="TryCopy"/>. So what that one goes along is written in order, and a
/// version is odd while anything changes: a copy during which it changed is made again.
/// </remarks>
public sealed class InterfaceAddresses
{
    private const int None = -1;

    private readonly int[] _first;
    private Node[] _nodes;
    private int _free = None;
    private int _used;
    private int _version;

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
            if (_nodes[at].Value == address.Value)
            {
                _nodes[at].Dumped = true;
                return false;
            }
        }

        BeginChange();
        int node = Take();
        Volatile.Write(ref _nodes[node].Value, address.Value);
        Volatile.Write(ref _nodes[node].Next, _first[index]);
        _nodes[node].Dumped = true;
        Volatile.Write(ref _first[index], node);
        EndChange();
        return true;
    }

    /// <summary>Forgets an address of an interface.</summary>
    public void Remove(int index, Ipv4Address address)
    {
        for (ref int link = ref _first[index]; link != None; link = ref _nodes[link].Next)
        {
            if (_nodes[link].Value == address.Value)
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

    /// <summary>All addresses are about to be added again. A dump before this one may have been broken off.</summary>
    public void BeginDump()
    {
        foreach (ref Node node in _nodes.AsSpan(0, _used))
        {
            node.Dumped = false;
        }
    }

    /// <summary>Forgets those of an interface that have not been added since the dump began.</summary>
    /// <returns>Whether there were any.</returns>
    public bool EndDump(int index)
    {
        bool any = false;
        ref int link = ref _first[index];
        while (link != None)
        {
            if (!_nodes[link].Dumped)
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

    /// <summary>Copies addresses of an interface; from any thread.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="addresses">Receives as many as there is room for.</param>
    /// <param name="count">How many these are.</param>
    /// <returns>False when they changed meanwhile: then it is to be tried again.</returns>
    public bool TryCopy(int index, Span<Ipv4Address> addresses, out int count)
    {
        int version = Volatile.Read(ref _version);
        Node[] nodes = Volatile.Read(ref _nodes);
        int at = Volatile.Read(ref _first[index]);
        for (count = 0; count < addresses.Length && (uint)at < (uint)nodes.Length; count++)
        {
            addresses[count] = new Ipv4Address(Volatile.Read(ref nodes[at].Value));
            at = Volatile.Read(ref nodes[at].Next);
        }

        return (version & 1) == 0 && Volatile.Read(ref _version) == version;
    }

    private void BeginChange() => Volatile.Write(ref _version, _version + 1);

    private void EndChange() => Volatile.Write(ref _version, _version + 1);

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
        BeginChange();
        int node = link;
        Volatile.Write(ref link, _nodes[node].Next);
        Volatile.Write(ref _nodes[node].Next, _free);
        _free = node;
        EndChange();
    }

    private struct Node
    {
        public uint Value;
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

            Current = new Ipv4Address(_nodes[_next].Value);
            _next = _nodes[_next].Next;
            return true;
        }
    }
}
