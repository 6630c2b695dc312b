using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;

namespace Wmgwd2.Benchmarks;

/// <summary>
/// Counts the control packets that arrive at an interface, by sender. At a gateway's <c>fabric</c> that is what it hears of
/// its peers: the last one and the dead interval make the moment at which it knows of their end. At the switch's port of a
/// gateway it is what that gateway sends.
/// </summary>
internal sealed class DatagramCapture : IDisposable
{
    private readonly ControlPacketTest _test;
    private readonly Dictionary<Ipv4Address, Sender> _senders = [];
    private readonly FrameReader _reader;

    /// <param name="namespaceName">The namespace.</param>
    /// <param name="interfaceName">The interface.</param>
    /// <param name="test">Which packets.</param>
    public DatagramCapture(string namespaceName, string interfaceName, ControlPacketTest test)
    {
        _test = test;
        _reader = new FrameReader(namespaceName, FrameSocket.AllProtocols, interfaceName, Take);
    }

    /// <summary>How many frames were lost because they were not read in time: counts are too low when it isn't 0.</summary>
    public long Dropped => _reader.Dropped;

    /// <summary>How many packets so far, from all senders.</summary>
    public long Count
    {
        get
        {
            _reader.CatchUp();
            lock (_senders)
            {
                return _senders.Values.Sum(sender => sender.Count);
            }
        }
    }

    /// <summary>When the last packet from a sender arrived, by <see cref="WallClock"/>; null when none has.</summary>
    public long? LastNs(Ipv4Address source)
    {
        _reader.ThrowIfFailed();
        lock (_senders)
        {
            return _senders.TryGetValue(source, out Sender? sender) ? sender.LastNs : null;
        }
    }

    public void Dispose() => _reader.Dispose();

    private void Take(Frame frame)
    {
        if (!_test(frame.Bytes, out Ipv4Address source))
        {
            return;
        }

        lock (_senders)
        {
            if (!_senders.TryGetValue(source, out Sender? sender))
            {
                _senders.Add(source, sender = new Sender());
            }

            sender.Count++;
            sender.LastNs = frame.TimeNs;
        }
    }

    private sealed class Sender
    {
        public long Count { get; set; }

        public long LastNs { get; set; }
    }
}
