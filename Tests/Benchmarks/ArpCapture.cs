using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;

namespace Wmgwd2.Benchmarks;

/// <summary>
/// Hears the gratuitous ARP of a namespace and keeps for each address when it was first announced. What a gateway announces
/// is seen in its own namespace and in the others'. A frame is seen at several interfaces of the chain, one after the other;
/// the first time is what counts.
/// </summary>
internal sealed class ArpCapture : IDisposable
{
    private const ushort ArpProtocol = 0x0806;

    private readonly Dictionary<Ipv4Address, long> _first = [];
    private readonly FrameReader _reader;
    private long _armedNs;

    /// <param name="namespaceName">The namespace.</param>
    public ArpCapture(string namespaceName)
    {
        _armedNs = WallClock.NowNs;
        _reader = new FrameReader(namespaceName, ArpProtocol, null, Take);
    }

    /// <summary>How many frames were lost because they were not read in time: times can be wrong when it isn't 0.</summary>
    public long Dropped => _reader.Dropped;

    /// <summary>Forgets everything that was announced before a moment, which is now unless it is given.</summary>
    public void Arm(long? fromNs = null)
    {
        _reader.ThrowIfFailed();
        lock (_first)
        {
            _armedNs = fromNs ?? WallClock.NowNs;
            _first.Clear();
        }
    }

    /// <summary>When each address was first announced since it was armed, by <see cref="WallClock"/>.</summary>
    public IReadOnlyDictionary<Ipv4Address, long> First()
    {
        _reader.ThrowIfFailed();
        lock (_first)
        {
            return new Dictionary<Ipv4Address, long>(_first);
        }
    }

    /// <summary>Waits until each of some addresses has been announced since it was armed.</summary>
    /// <returns>Whether they were, in time.</returns>
    public bool WaitForAll(IReadOnlyCollection<Ipv4Address> addresses, TimeSpan limit) => Patience.WaitFor(
        () =>
        {
            _reader.ThrowIfFailed();
            lock (_first)
            {
                return _first.Count >= addresses.Count && addresses.All(_first.ContainsKey);
            }
        },
        limit);

    public void Dispose() => _reader.Dispose();

    // RFC 826: behind 14 bytes of Ethernet come types, lengths and operation (8 bytes), sender MAC and IP, target MAC and IP.
    // An announcement has the same address in both places (RFC 5227, section 2.3).
    private void Take(Frame frame)
    {
        if (frame.Bytes.Length < 42)
        {
            return;
        }

        uint sender = BinaryPrimitives.ReadUInt32BigEndian(frame.Bytes[28..]);
        if (sender != BinaryPrimitives.ReadUInt32BigEndian(frame.Bytes[38..]))
        {
            return;
        }

        lock (_first)
        {
            if (frame.TimeNs >= _armedNs)
            {
                _first.TryAdd(new Ipv4Address(sender), frame.TimeNs);
            }
        }
    }
}
