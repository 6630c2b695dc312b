using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;

namespace Wmgwd2.Benchmarks;

/// <summary>
/// Hears the gratuitous ARP of a namespace and keeps for each address when it was announced. What a gateway announces
/// is seen in its own namespace and in the others'. A frame is seen at several interfaces of the chain, one after the other;
/// the first time is what counts.
/// </summary>
internal sealed class ArpCapture : IDisposable
{
    private const ushort ArpProtocol = 0x0806;

    private readonly Dictionary<Ipv4Address, List<long>> _times = [];
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

    /// <summary>
    /// Forgets everything that was announced before a moment, which is now unless it is given. What was announced since then
    /// stays, so the moment may be one that is known afterwards only, as that of a crash is.
    /// </summary>
    public void Arm(long? fromNs = null)
    {
        _reader.ThrowIfFailed();
        lock (_times)
        {
            _armedNs = fromNs ?? WallClock.NowNs;
            foreach ((Ipv4Address address, List<long> times) in _times)
            {
                times.RemoveAll(time => time < _armedNs);
                if (times.Count == 0)
                {
                    _times.Remove(address);
                }
            }
        }
    }

    /// <summary>When each address was first announced since it was armed, by <see cref="WallClock"/>.</summary>
    public IReadOnlyDictionary<Ipv4Address, long> First()
    {
        _reader.ThrowIfFailed();
        lock (_times)
        {
            return _times.ToDictionary(entry => entry.Key, entry => entry.Value[0]);
        }
    }

    /// <summary>Waits until each of some addresses has been announced since it was armed.</summary>
    /// <returns>Whether they were, in time.</returns>
    public bool WaitForAll(IReadOnlyCollection<Ipv4Address> addresses, TimeSpan limit) => Patience.WaitFor(
        () =>
        {
            _reader.ThrowIfFailed();
            lock (_times)
            {
                return _times.Count >= addresses.Count && addresses.All(_times.ContainsKey);
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

        lock (_times)
        {
            if (frame.TimeNs >= _armedNs)
            {
                Add(new Ipv4Address(sender), frame.TimeNs);
            }
        }
    }

    private void Add(Ipv4Address address, long timeNs)
    {
        if (!_times.TryGetValue(address, out List<long>? times))
        {
            _times.Add(address, times = []);
        }

        times.Add(timeNs);
    }
}
