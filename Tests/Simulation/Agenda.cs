using System;
using System.Collections.Generic;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Simulation;

/// <summary>A datagram under way.</summary>
internal readonly record struct Datagram(GatewayEventKind Kind, NodeId Sender, Ipv4Address Source, NodeId Subject);

/// <summary>What can happen to a machine at an instant.</summary>
internal enum HappeningKind
{
    /// <summary>The cluster thread's timer.</summary>
    Tick,

    /// <summary>The kernel thread's timer.</summary>
    KernelTick,

    /// <summary>The carrier of a VNI comes up.</summary>
    Carrier,

    /// <summary>A datagram arrives.</summary>
    Datagram,

    /// <summary>What a plan of faults says.</summary>
    Planned,
}

/// <summary>Something that will happen.</summary>
internal readonly record struct Happening(
    HappeningKind Kind, Machine? Machine, int Vni = 0, int Incarnation = 0, Datagram Datagram = default, Action? Action = null);

/// <summary>
/// Virtual time: what will happen, by instant and then by the order in which it was planned, so that a seed always plays the
/// same. A heap of small entries; what happens stands beside it, since a thousand gateways send a quarter of a million
/// datagrams a second.
/// </summary>
internal sealed class Agenda
{
    private readonly PriorityQueue<int, Key> _queue = new(KeyComparer.Instance);
    private readonly List<Happening> _happenings = [];
    private readonly Stack<int> _free = new();
    private long _tickets;

    /// <summary>The true time, which no machine's clock shows.</summary>
    public Instant Now { get; private set; } = new(1_000_000_000);

    /// <summary>How many things were planned so far: the same for two runs of a seed.</summary>
    public long Tickets => _tickets;

    /// <summary>Plans something.</summary>
    /// <returns>The ticket that says which one it is.</returns>
    public long Add(Instant at, in Happening happening)
    {
        int place;
        if (_free.TryPop(out place))
        {
            _happenings[place] = happening;
        }
        else
        {
            place = _happenings.Count;
            _happenings.Add(happening);
        }

        _queue.Enqueue(place, new Key(Instant.Max(at, Now).Nanoseconds, ++_tickets));
        return _tickets;
    }

    /// <summary>Plans an action.</summary>
    public void Plan(Instant at, Action action) => Add(at, new Happening(HappeningKind.Planned, null, Action: action));

    /// <summary>Lets everything happen that is due before <paramref name="end"/>.</summary>
    public void RunUntil(Instant end)
    {
        while (_queue.TryPeek(out int place, out Key key) && key.At < end.Nanoseconds)
        {
            _queue.Dequeue();
            Happening happening = _happenings[place];
            _happenings[place] = default;
            _free.Push(place);
            Now = new Instant(key.At);
            Happen(happening, key.Ticket);
        }

        Now = end;
    }

    /// <summary>Lets time pass in which nothing happens.</summary>
    public void Skip(TimeSpan time) => Now += time;

    private static void Happen(in Happening happening, long ticket)
    {
        if (happening.Machine is { } machine)
        {
            machine.Happen(happening, ticket);
        }
        else
        {
            happening.Action!();
        }
    }

    private readonly record struct Key(long At, long Ticket);

    private sealed class KeyComparer : IComparer<Key>
    {
        public static readonly KeyComparer Instance = new();

        public int Compare(Key left, Key right) =>
            left.At != right.At ? left.At.CompareTo(right.At) : left.Ticket.CompareTo(right.Ticket);
    }
}
