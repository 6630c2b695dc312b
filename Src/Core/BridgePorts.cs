using System;

namespace Wmgwd2.Core;

/// <summary>
/// The bridge ports by which the frames of the VNIs' interfaces come in: where the lower device is one end of a veth pair, the
/// other end. EVPN has a route to a MAC as long as its bridge has learned it; so who forgets it there, and learns it no more,
/// has EVPN withdraw the route, and may go on serving: a MAC without a route is flooded to all gateways.
/// </summary>
/// <param name="count">How many VNIs.</param>
public sealed class BridgePorts(int count)
{
    private readonly int[] _otherEnd = new int[count];
    private readonly int[] _port = new int[count];
    private readonly bool[] _leftOff = new bool[count];
    private readonly DelayQueue _toForget = new(count);
    private readonly DelayQueue _toLearn = new(count);
    private readonly DelayQueue _yielded = new(count);

    /// <summary>Whether one of the TryTake methods would give a command without any time passing.</summary>
    public bool HasWork => !_toForget.IsEmpty || !_toLearn.IsEmpty;

    /// <summary>Whether any bridge is to learn again that could not be told.</summary>
    public bool AnyLeftOff => _leftOff.AsSpan().Contains(true);

    /// <summary>When it has something to do that it has not now.</summary>
    public Instant Deadline => _yielded.NextDue;

    /// <summary>Goes on where another one was, whose VNIs had other indexes.</summary>
    /// <param name="before">That one.</param>
    /// <param name="newIndexes">The index here for each index there, or -1.</param>
    public void ContinueFrom(BridgePorts before, ReadOnlySpan<int> newIndexes)
    {
        for (int index = 0; index < newIndexes.Length; index++)
        {
            int now = newIndexes[index];
            if (now >= 0)
            {
                _otherEnd[now] = before._otherEnd[index];
                _port[now] = before._port[index];
                _leftOff[now] = before._leftOff[index];
            }
        }

        _toForget.AppendFrom(before._toForget, newIndexes);
        _toLearn.AppendFrom(before._toLearn, newIndexes);
        _yielded.AppendFrom(before._yielded, newIndexes);
    }

    /// <summary>The lower device of a VNI's interface is another one: nothing is known of its other end yet.</summary>
    public void Forget(int index) => (_otherEnd[index], _port[index]) = (0, 0);

    /// <summary>A lower device names another link: a veth its other end, a VLAN device what it stands on.</summary>
    public void ObserveLower(int index, int otherEnd, Instant now)
    {
        _otherEnd[index] = otherEnd;
        Mend(index, now);
    }

    /// <summary>A bridge has a port that names a VNI's lower device.</summary>
    /// <param name="index">The VNI.</param>
    /// <param name="port">The port.</param>
    /// <param name="learning">Whether the bridge learns from it.</param>
    /// <param name="now">The instant.</param>
    public void ObservePort(int index, int port, bool learning, Instant now)
    {
        _leftOff[index] = !learning && (_leftOff[index] || _port[index] != port);
        _port[index] = port;
        Mend(index, now);
    }

    /// <summary>Has EVPN withdraw a MAC until <see cref="EndYield"/>, or the limit.</summary>
    public void Yield(int index, TimeSpan limit, Instant now)
    {
        if (IsUsable(index) && !_yielded.Contains(index))
        {
            _toLearn.Remove(index);
            _toForget.Append(index, now);
            _yielded.Append(index, now + limit);
        }
    }

    /// <summary>What was yielded was taken: the bridge is to learn from the port again.</summary>
    public void EndYield(int index, Instant now)
    {
        if (_yielded.Contains(index))
        {
            _yielded.Remove(index);
            Learn(index, now);
        }
    }

    /// <summary>A bridge could not be told to learn: it is tried again when the port is shown the next time.</summary>
    public void FailLearning(int index) => _leftOff[index] = true;

    /// <summary>Gives the next port that is to be forgotten, if there is one: soon, for the other gateway waits for a time only.</summary>
    public bool TryTakeForget(Instant now, out KernelCommand command) =>
        TryTake(_toForget, KernelCommandKind.ClearLearning, now, out command);

    /// <summary>Gives the next port that is to be learned from again, if there is one: when nothing else is to be done.</summary>
    public bool TryTakeLearn(Instant now, out KernelCommand command)
    {
        while (_yielded.TryTake(now, out int late))
        {
            Learn(late, now);
        }

        return TryTake(_toLearn, KernelCommandKind.SetLearning, now, out command);
    }

    private bool TryTake(DelayQueue queue, KernelCommandKind kind, Instant now, out KernelCommand command)
    {
        bool any = queue.TryTake(now, out int index);
        command = any ? new KernelCommand(kind, index, _port[index]) : default;
        return any;
    }

    /// <summary>Whether both ends name each other: anything else in that place isn't this VNI's alone.</summary>
    private bool IsUsable(int index) => _port[index] != 0 && _port[index] == _otherEnd[index];

    /// <summary>A process that was killed while it yielded has left it so that the bridge doesn't learn.</summary>
    private void Mend(int index, Instant now)
    {
        if (_leftOff[index] && IsUsable(index))
        {
            _leftOff[index] = false;
            Learn(index, now);
        }
    }

    private void Learn(int index, Instant now)
    {
        _toForget.Remove(index);
        if (IsUsable(index))
        {
            _toLearn.Append(index, now);
        }
        else
        {
            _leftOff[index] = true;
        }
    }
}
