using System.Buffers.Binary;
using System.Collections.Generic;
using Wmgwd2.Interop;
using Wmgwd2.Io;
using Wmgwd2.Wire;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>Hears the ARP frames that arrive at one interface.</summary>
internal sealed unsafe class PacketCapture : FileDescriptor
{
    private static readonly int Protocol = BinaryPrimitives.ReverseEndianness(GratuitousArp.EtherType);

    public PacketCapture(int ifindex)
        : base(Libc.socket(Libc.AF_PACKET, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, Protocol), "socket(AF_PACKET)")
    {
        sockaddr_ll address = new()
        {
            sll_family = Libc.AF_PACKET,
            sll_protocol = new NetworkUInt16(GratuitousArp.EtherType),
            sll_ifindex = ifindex,
        };
        Assert.Equal(0, Libc.bind(Descriptor, &address, (uint)sizeof(sockaddr_ll)));
    }

    /// <summary>All frames that have arrived; for so many of them it waits, but not longer than a second.</summary>
    public List<byte[]> Read(int expected)
    {
        using var poll = new EventPoll();
        poll.Add(Descriptor, 0);
        var frames = new List<byte[]>();
        byte[] buffer = new byte[2048];
        while (poll.Wait(new Readiness[1], frames.Count < expected ? 1000 : 0) > 0)
        {
            fixed (byte* bytes = buffer)
            {
                nint length = Libc.recvfrom(Descriptor, bytes, (nuint)buffer.Length, Libc.MSG_DONTWAIT, null, null);
                frames.Add(buffer[..(int)length]);
            }
        }

        return frames;
    }
}
