using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>
/// Hears from a gateway's kernel when each macvlan becomes operational and when it ceases to be: a netlink socket in the
/// gateway's namespace, read by a thread of its own. It parses by itself, so that an error of the daemon's parser can't hide.
/// </summary>
internal sealed class ServiceRecorder : IDisposable
{
    // linux/rtnetlink.h, linux/if_link.h, linux/if.h.
    private const int NewLink = 16;
    private const int DeleteLink = 17;
    private const int HeaderLength = 32; // nlmsghdr and ifinfomsg
    private const int NameAttribute = 3;
    private const int OperationalAttribute = 16;
    private const uint FlagUp = 0x1;
    private const uint FlagLowerUp = 0x10000;
    private const byte OperationalUp = 6;

    private readonly int _gateway;
    private readonly DateTime _start;
    private readonly int _descriptor;
    private readonly Thread _reader;
    private readonly HashSet<uint> _served = [];
    private readonly List<ServiceChange> _changes = [];
    private volatile string? _trouble;
    private volatile bool _ends;

    /// <summary>Begins to record; nothing may be served yet.</summary>
    /// <param name="gateway">The gateway's number, from 0.</param>
    /// <param name="name">Its namespace.</param>
    /// <param name="start">What times are counted from.</param>
    public ServiceRecorder(int gateway, string name, DateTime start)
    {
        _gateway = gateway;
        _start = start;
        _descriptor = NetworkNamespace.Run(name, Linux.OpenLinkSocket);
        _reader = new Thread(Read);
        _reader.Start();
    }

    /// <summary>Why the record isn't complete; null when it is.</summary>
    public string? Trouble => _trouble;

    /// <summary>The changes so far, in the kernel's order.</summary>
    public IReadOnlyList<ServiceChange> Changes
    {
        get
        {
            lock (_changes)
            {
                return [.. _changes];
            }
        }
    }

    public void Dispose()
    {
        _ends = true;
        _reader.Join();
        _ = Linux.Close(_descriptor);
    }

    private void Read()
    {
        byte[] buffer = new byte[64 << 10];
        while (!_ends)
        {
            var ready = new Linux.PollDescriptor { Descriptor = _descriptor, Events = Linux.PollIn };
            if (Linux.Poll(ref ready, 1, 50) <= 0)
            {
                continue;
            }

            int length = Linux.Receive(_descriptor, buffer);
            TimeSpan time = DateTime.UtcNow - _start;
            if (length >= 0)
            {
                ReadMessages(buffer.AsSpan(0, length), time);
            }
            else if (length == -Linux.ErrorNoBuffers)
            {
                // What was lost can't be had again: the record is worth nothing from here on.
                _trouble = string.Create(CultureInfo.InvariantCulture, $"link notifications were lost at {time.TotalSeconds:0.000} s");
            }
        }
    }

    private void ReadMessages(ReadOnlySpan<byte> messages, TimeSpan time)
    {
        while (messages.Length >= HeaderLength)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(messages);
            int type = BinaryPrimitives.ReadUInt16LittleEndian(messages[4..]);

            // Another family's view of a link, a bridge's, says nothing of the operational state.
            if (type is NewLink or DeleteLink && messages[16] == 0)
            {
                ReadLink(messages[..length], type == DeleteLink, time);
            }

            messages = messages[Math.Min(messages.Length, (length + 3) & ~3)..];
        }
    }

    private void ReadLink(ReadOnlySpan<byte> message, bool deleted, TimeSpan time)
    {
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(message[24..]);
        string name = "";
        byte operational = 0;
        ReadOnlySpan<byte> rest = message[HeaderLength..];
        while (rest.Length >= 4)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(rest);
            switch (BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]))
            {
                case NameAttribute:
                    name = Encoding.ASCII.GetString(rest[4..(length - 1)]);
                    break;
                case OperationalAttribute:
                    operational = rest[4];
                    break;
            }

            rest = rest[Math.Min(rest.Length, (length + 3) & ~3)..];
        }

        if (name.StartsWith("vrrp4-", StringComparison.Ordinal))
        {
            // Whatever protodown says: with a carrier it answers.
            bool serves = !deleted && (flags & FlagUp) != 0 && (flags & FlagLowerUp) != 0 && operational == OperationalUp;
            Note(uint.Parse(name["vrrp4-".Length..], CultureInfo.InvariantCulture), serves, time);
        }
    }

    private void Note(uint vni, bool serves, TimeSpan time)
    {
        if (serves ? _served.Add(vni) : _served.Remove(vni))
        {
            lock (_changes)
            {
                _changes.Add(new ServiceChange(time, _gateway, vni, serves));
            }
        }
    }
}
