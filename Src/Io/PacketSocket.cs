using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wmgwd2.Core;
using Wmgwd2.Interop;
using Wmgwd2.Wire;

namespace Wmgwd2.Io;

/// <summary>
/// One send-only AF_PACKET socket for all interfaces: with protocol 0 it receives nothing. Frames are gathered and sent
/// many a call.
/// </summary>
internal sealed unsafe class PacketSocket : FileDescriptor
{
    /// <summary>How many frames are gathered.</summary>
    public const int Capacity = 64;

    private readonly Slot* _slots;
    private readonly mmsghdr* _messages;

    /// <summary>Opens the socket.</summary>
    /// <exception cref="SystemCallException">The kernel refused; EPERM without CAP_NET_RAW.</exception>
    public PacketSocket()
        : base(Libc.socket(Libc.AF_PACKET, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, 0), "socket(AF_PACKET)")
    {
        // Kept until the process ends: pointers into it never move.
        _slots = (Slot*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(Slot));
        _messages = (mmsghdr*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(mmsghdr));
        for (int i = 0; i < Capacity; i++)
        {
            Slot* slot = &_slots[i];
            slot->Vector.iov_base = &slot->Frame;
            slot->Vector.iov_len = GratuitousArp.Length;
            slot->Address.sll_protocol = new NetworkUInt16(GratuitousArp.EtherType);
            slot->Address.sll_family = Libc.AF_PACKET;
            slot->Address.sll_halen = 6;
            _messages[i].msg_hdr.msg_name = &slot->Address;
            _messages[i].msg_hdr.msg_namelen = (uint)sizeof(sockaddr_ll);
            _messages[i].msg_hdr.msg_iov = &slot->Vector;
            _messages[i].msg_hdr.msg_iovlen = 1;
        }
    }

    /// <summary>How many frames have been gathered.</summary>
    public int Count { get; private set; }

    /// <summary>Gathers an announcement; there must be room.</summary>
    /// <param name="ifindex">The interface to send it by.</param>
    /// <param name="operation">Request or reply.</param>
    /// <param name="hardwareAddress">The interface's MAC.</param>
    /// <param name="address">The address to announce.</param>
    public void AddAnnouncement(int ifindex, ArpOperation operation, ulong hardwareAddress, Ipv4Address address) =>
        GratuitousArp.Write(Take(ifindex), operation, hardwareAddress, address);

    /// <summary>Sends frames in the order in which they were gathered.</summary>
    /// <param name="from">The first to send; those before it have been sent or given up.</param>
    /// <param name="errno">The error that kept frame <paramref name="from"/> from being sent, or 0.</param>
    /// <returns>How many were sent, those before the first that failed.</returns>
    public int Send(int from, out int errno)
    {
        int sent = Libc.sendmmsg(Descriptor, _messages + from, (uint)(Count - from), Libc.MSG_DONTWAIT);
        errno = sent < 0 ? Libc.errno : 0;
        return int.Max(sent, 0);
    }

    /// <summary>Forgets the gathered frames.</summary>
    public void Clear() => Count = 0;

    private Span<byte> Take(int ifindex)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Count, Capacity);
        Slot* slot = &_slots[Count++];
        slot->Address.sll_ifindex = ifindex;
        return MemoryMarshal.CreateSpan(ref Unsafe.As<FrameBytes, byte>(ref slot->Frame), GratuitousArp.Length);
    }

    [InlineArray(GratuitousArp.Length)]
    private struct FrameBytes
    {
        private byte _first;
    }

    private struct Slot
    {
        public iovec Vector;
        public sockaddr_ll Address;
        public FrameBytes Frame;
    }
}
