using System;
using System.Runtime.InteropServices;
using Wmgwd2.Interop;
using Wmgwd2.Io;

namespace Wmgwd2.Benchmarks;

/// <summary>
/// An AF_PACKET socket of the calling thread's network namespace, with the kernel's time of each frame: how late this program
/// comes to read doesn't matter, as long as the buffer doesn't overflow, and <see cref="Dropped"/> says whether it did. Many
/// frames a call, for it is to take little of the processors whose load is measured.
/// </summary>
internal sealed unsafe partial class FrameSocket : FileDescriptor
{
    /// <summary>ETH_P_ALL (linux/if_ether.h).</summary>
    public const ushort AllProtocols = 3;

    private const int Batch = 64;
    private const int FrameLength = 128;
    private const int BufferBytes = 64 << 20;

    // asm-generic/socket.h, linux/if_packet.h, poll.h.
    private const int SO_TIMESTAMPNS = 35;
    private const int SOL_PACKET = 263;
    private const int PACKET_STATISTICS = 6;
    private const int PACKET_IGNORE_OUTGOING = 23;
    private const short POLLIN = 1;

    // struct cmsghdr (a length of eight bytes, level and type of four) with a struct timespec behind it.
    private const int TimestampLength = 32;
    private const int TimestampOffset = 16;

    private readonly byte* _frames = (byte*)NativeMemory.Alloc(Batch, FrameLength);
    private readonly byte* _controls = (byte*)NativeMemory.Alloc(Batch, TimestampLength);
    private readonly sockaddr_ll* _sources = (sockaddr_ll*)NativeMemory.Alloc(Batch, (nuint)sizeof(sockaddr_ll));
    private readonly iovec* _vectors = (iovec*)NativeMemory.Alloc(Batch, (nuint)sizeof(iovec));
    private readonly mmsghdr* _messages = (mmsghdr*)NativeMemory.AllocZeroed(Batch, (nuint)sizeof(mmsghdr));

    /// <summary>Opens it in the calling thread's namespace. The buffers are kept: few of these are opened.</summary>
    /// <param name="protocol">The EtherType, or <see cref="AllProtocols"/>.</param>
    /// <param name="ifindex">The interface; 0 for all.</param>
    /// <remarks>Until it is bound its protocol is 0: it takes nothing before everything is set.</remarks>
    public FrameSocket(ushort protocol, int ifindex)
        : base(Libc.socket(Libc.AF_PACKET, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, 0), "socket(AF_PACKET)")
    {
        SetOption(Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, BufferBytes, "SO_RCVBUFFORCE");
        SetOption(Libc.SOL_SOCKET, SO_TIMESTAMPNS, 1, "SO_TIMESTAMPNS");
        SetOption(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, "PACKET_IGNORE_OUTGOING");
        sockaddr_ll address = new()
        {
            sll_family = Libc.AF_PACKET,
            sll_protocol = new NetworkUInt16(protocol),
            sll_ifindex = ifindex,
        };
        Check(Libc.bind(Descriptor, &address, (uint)sizeof(sockaddr_ll)), "bind(AF_PACKET)");
    }

    /// <summary>How many frames were lost, as of the last <see cref="UpdateDropped"/>.</summary>
    public long Dropped { get; private set; }

    /// <summary>Hands over what has arrived, waiting for it for a while.</summary>
    /// <returns>How many frames.</returns>
    public int Receive(int milliseconds, FrameHandler handler)
    {
        pollfd ready = new() { fd = Descriptor, events = POLLIN };
        if (Libc.poll(&ready, 1, milliseconds) <= 0)
        {
            return 0;
        }

        Prepare();
        int count = recvmmsg(Descriptor, _messages, Batch, Libc.MSG_DONTWAIT, null);
        int errno = Libc.errno;
        if (count < 0)
        {
            return errno is Errno.EAGAIN or Errno.EINTR ? 0 : throw new SystemCallException("recvmmsg", errno);
        }

        for (int i = 0; i < count; i++)
        {
            var bytes = new ReadOnlySpan<byte>(_frames + (i * FrameLength), (int)_messages[i].msg_len);
            handler(new Frame(bytes, _sources[i].sll_ifindex, TimeNsOf(i)));
        }

        return count;
    }

    /// <summary>Asks the kernel how many frames were lost because they were not read in time.</summary>
    public void UpdateDropped()
    {
        // struct tpacket_stats: how many there were and how many of them were dropped, since it was asked last.
        uint* statistics = stackalloc uint[2];
        uint length = 2 * sizeof(uint);
        Check(getsockopt(Descriptor, SOL_PACKET, PACKET_STATISTICS, statistics, &length), "PACKET_STATISTICS");
        Dropped += statistics[1];
    }

    private static void Check(int result, string operation)
    {
        if (result < 0)
        {
            throw new SystemCallException(operation, Libc.errno);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(int fd, int level, int name, void* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int recvmmsg(int fd, mmsghdr* messages, uint count, int flags, void* timeout);

    // The kernel writes over the lengths, so they are set each time.
    private void Prepare()
    {
        for (int i = 0; i < Batch; i++)
        {
            _vectors[i] = new iovec { iov_base = _frames + (i * FrameLength), iov_len = FrameLength };
            ref msghdr header = ref _messages[i].msg_hdr;
            header.msg_name = _sources + i;
            header.msg_namelen = (uint)sizeof(sockaddr_ll);
            header.msg_iov = _vectors + i;
            header.msg_iovlen = 1;
            header.msg_control = _controls + (i * TimestampLength);
            header.msg_controllen = TimestampLength;
        }
    }

    private long TimeNsOf(int index)
    {
        // The timestamp is the only control message that was asked for.
        if (_messages[index].msg_hdr.msg_controllen < TimestampLength)
        {
            throw new InvalidOperationException("a frame without the kernel's time");
        }

        var time = (timespec*)(_controls + (index * TimestampLength) + TimestampOffset);
        return (time->tv_sec * 1_000_000_000) + time->tv_nsec;
    }

    private void SetOption(int level, int name, int value, string operation) =>
        Check(Libc.setsockopt(Descriptor, level, name, &value, sizeof(int)), operation);
}
