using System;
using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>A NETLINK_ROUTE socket. Requests are carried out within <see cref="Send"/>, so it may wait for rtnl.</summary>
internal sealed class NetlinkSocket : FileDescriptor
{
    /// <summary>As much as the kernel may queue: the default of some 200 KiB held 92 link notifications.</summary>
    private const int ReceiveBuffer = 8 << 20;

    /// <summary>Opens a socket.</summary>
    /// <param name="groups">The notifications to receive (RTNLGRP_*); none for a socket that requests.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public NetlinkSocket(params ReadOnlySpan<int> groups)
        : base(
            Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, Libc.NETLINK_ROUTE),
            "socket(AF_NETLINK)")
    {
        // Answers that quote the request would double what 64 acknowledgements take.
        SetOption(Libc.SOL_NETLINK, Libc.NETLINK_CAP_ACK, 1);
        SetOption(Libc.SOL_NETLINK, Libc.NETLINK_EXT_ACK, 1);
        if (!TrySetOption(Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, ReceiveBuffer))
        {
            // Without CAP_NET_ADMIN: as much as net.core.rmem_max allows.
            SetOption(Libc.SOL_SOCKET, Libc.SO_RCVBUF, ReceiveBuffer);
        }

        Port = Bind();
        foreach (int group in groups)
        {
            SetOption(Libc.SOL_NETLINK, Libc.NETLINK_ADD_MEMBERSHIP, group);
        }
    }

    /// <summary>The port that the kernel gave this socket; its answers carry it.</summary>
    public uint Port { get; }

    /// <summary>Sends requests and has them carried out.</summary>
    /// <returns>0 or errno.</returns>
    public unsafe int Send(ReadOnlySpan<byte> messages)
    {
        sockaddr_nl kernel = new() { nl_family = Libc.AF_NETLINK };
        fixed (byte* bytes = messages)
        {
            nint sent = Libc.sendto(
                Descriptor, bytes, (nuint)messages.Length, 0, &kernel, (uint)sizeof(sockaddr_nl));
            return sent < 0 ? Libc.errno : 0;
        }
    }

    /// <summary>Receives what is queued, without waiting: messages of one datagram.</summary>
    /// <param name="buffer">Room for them.</param>
    /// <param name="errno">0, or the error: EAGAIN when nothing is queued, ENOBUFS when something was lost.</param>
    /// <returns>The messages; empty after an error, or when they came from another process and mean nothing.</returns>
    public unsafe ReadOnlySpan<byte> Receive(Span<byte> buffer, out int errno)
    {
        sockaddr_nl sender;
        uint senderLength = (uint)sizeof(sockaddr_nl);
        fixed (byte* bytes = buffer)
        {
            nint length = Libc.recvfrom(
                Descriptor, bytes, (nuint)buffer.Length, Libc.MSG_DONTWAIT | Libc.MSG_TRUNC, &sender, &senderLength);
            errno = length < 0 ? Libc.errno : 0;
            if (length > buffer.Length)
            {
                // Cut off: as good as lost.
                errno = Errno.ENOBUFS;
            }

            return errno != 0 || sender.nl_pid != 0 ? default : buffer[..(int)length];
        }
    }

    private unsafe uint Bind()
    {
        sockaddr_nl address = new() { nl_family = Libc.AF_NETLINK };
        uint length = (uint)sizeof(sockaddr_nl);
        if (Libc.bind(Descriptor, &address, length) < 0 || Libc.getsockname(Descriptor, &address, &length) < 0)
        {
            throw new SystemCallException("bind(AF_NETLINK)", Libc.errno);
        }

        return address.nl_pid;
    }

    private void SetOption(int level, int name, int value)
    {
        if (!TrySetOption(level, name, value))
        {
            throw new SystemCallException($"setsockopt({level}, {name}) of a netlink socket", Libc.errno);
        }
    }

    private unsafe bool TrySetOption(int level, int name, int value) =>
        Libc.setsockopt(Descriptor, level, name, &value, sizeof(int)) == 0;
}
