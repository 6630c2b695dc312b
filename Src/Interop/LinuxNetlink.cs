using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>linux/netlink.h and linux/rtnetlink.h: what concerns the socket. The messages are in Wire.</summary>
internal static partial class Libc
{
    public const int NETLINK_ROUTE = 0;
    public const int SOL_NETLINK = 270;
    public const int NETLINK_ADD_MEMBERSHIP = 1;
    public const int NETLINK_CAP_ACK = 10;
    public const int NETLINK_EXT_ACK = 11;
    public const int RTNLGRP_LINK = 1;
    public const int RTNLGRP_IPV4_IFADDR = 5;
}

/// <summary>struct sockaddr_nl.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct sockaddr_nl
{
    public ushort nl_family;
    private readonly ushort _padding;
    public uint nl_pid;
    public uint nl_groups;
}
