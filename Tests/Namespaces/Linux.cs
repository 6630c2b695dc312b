using System;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>The system calls that the tests make themselves. Not those of Src/Interop: what checks is apart from what is checked.</summary>
internal static partial class Linux
{
    public const int SigHup = 1;
    public const int SigInt = 2;
    public const int SigQuit = 3;
    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const int SigCont = 18;
    public const int SigStop = 19;

    public const int AfPacket = 17;
    public const int SockRaw = 3;
    public const int EthPAll = 3;
    public const int PollIn = 1;
    public const int ErrorNoBuffers = 105; // ENOBUFS

    // sys/socket.h, asm-generic/socket.h, asm-generic/sockios.h.
    private const int SolSocket = 1;
    private const int SoRcvBufForce = 33;
    private const nuint SiocGStampNs = 0x8907;
    private const int CloneNewNet = 0x40000000;

    // linux/netlink.h, linux/rtnetlink.h.
    private const int AfNetlink = 16;
    private const int NetlinkRoute = 0;
    private const uint LinkGroup = 1;

    // asm-generic/ioctls.h, asm-generic/fcntl.h.
    private const nuint TiocSPtLck = 0x40045431;
    private const nuint TiocGPtN = 0x80045430;
    private const nuint TiocSWinSz = 0x5414;
    private const int ReadWriteNoTerminal = 0x2 | 0x100; // O_RDWR | O_NOCTTY

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>struct sockaddr_ll (linux/if_packet.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct LinkAddress
    {
        public ushort Family;
        public ushort ProtocolInNetworkOrder;
        public int Ifindex;
        public ushort HardwareType;
        public byte PacketType;
        public byte AddressLength;
        public ulong Address;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>struct sockaddr_nl (linux/netlink.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct NetlinkAddress
    {
        public ushort Family;
        public ushort Padding;
        public uint Port;
        public uint Groups;
    }

    /// <summary>Makes a terminal (pts(4)).</summary>
    /// <returns>Its other end, and the path by which a program opens it.</returns>
    public static unsafe (Microsoft.Win32.SafeHandles.SafeFileHandle Master, string Path) OpenTerminal()
    {
        int master = Open("/dev/ptmx", ReadWriteNoTerminal);
        Check(master, "open /dev/ptmx");
        int unlocked = 0;
        uint number;
        Check(ControlTerminal(master, TiocSPtLck, &unlocked), "TIOCSPTLCK");
        Check(ControlTerminal(master, TiocGPtN, &number), "TIOCGPTN");
        return (new Microsoft.Win32.SafeHandles.SafeFileHandle(master, ownsHandle: true), $"/dev/pts/{number}");
    }

    /// <summary>Gives a terminal another size, which whoever has it is told (SIGWINCH).</summary>
    public static unsafe void ResizeTerminal(Microsoft.Win32.SafeHandles.SafeFileHandle master, ushort rows, ushort columns)
    {
        ushort* size = stackalloc ushort[4] { rows, columns, 0, 0 };
        Check(ControlTerminal((int)master.DangerousGetHandle(), TiocSWinSz, size), "TIOCSWINSZ");
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static unsafe partial int ControlTerminal(int descriptor, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(ref PollDescriptor descriptors, nuint count, int timeoutMs);

    /// <summary>Moves the calling thread, and no other, into a network namespace.</summary>
    public static void EnterNamespace(string path)
    {
        int descriptor = Open(path, 0);
        Check(descriptor, $"open {path}");
        int result = SetNamespace(descriptor, CloneNewNet);
        _ = Close(descriptor);
        Check(result, $"setns {path}");
    }

    /// <summary>Opens a packet socket that takes every frame of one interface, or of all with 0.</summary>
    public static int OpenPacketSocket(int ifindex)
    {
        int descriptor = Socket(AfPacket, SockRaw, 0);
        Check(descriptor, "socket AF_PACKET");
        int size = 32 << 20;
        Check(SetSocketOption(descriptor, SolSocket, SoRcvBufForce, size, sizeof(int)), "SO_RCVBUFFORCE");
        _ = Ioctl(descriptor, SiocGStampNs, out TimeSpec _); // The first time turns timestamps on.
        var address = new LinkAddress
        {
            Family = AfPacket,
            ProtocolInNetworkOrder = EthPAll << 8,
            Ifindex = ifindex,
        };
        Check(Bind(descriptor, address, Marshal.SizeOf<LinkAddress>()), "bind AF_PACKET");
        return descriptor;
    }

    /// <summary>Opens a netlink socket that hears every change of a link in the calling thread's namespace.</summary>
    public static int OpenLinkSocket()
    {
        int descriptor = Socket(AfNetlink, SockRaw, NetlinkRoute);
        Check(descriptor, "socket AF_NETLINK");
        int size = 64 << 20;
        Check(SetSocketOption(descriptor, SolSocket, SoRcvBufForce, size, sizeof(int)), "SO_RCVBUFFORCE");
        var address = new NetlinkAddress { Family = AfNetlink, Groups = LinkGroup };
        Check(Bind(descriptor, address, Marshal.SizeOf<NetlinkAddress>()), "bind AF_NETLINK");
        return descriptor;
    }

    /// <summary>Receives one message of a socket.</summary>
    /// <returns>Its length, or the error as a negative number.</returns>
    public static int Receive(int descriptor, Span<byte> buffer)
    {
        int length = (int)Receive(descriptor, buffer, (nuint)buffer.Length, 0);
        return length >= 0 ? length : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Receives one frame.</summary>
    /// <returns>Its length, or -1.</returns>
    public static int Receive(int descriptor, Span<byte> buffer, out LinkAddress source, out DateTime time)
    {
        source = default;
        int size = Marshal.SizeOf<LinkAddress>();
        int length = (int)ReceiveFrom(descriptor, buffer, (nuint)buffer.Length, 0, ref source, ref size);
        time = Ioctl(descriptor, SiocGStampNs, out TimeSpec stamp) == 0
            ? DateTime.UnixEpoch.AddSeconds(stamp.Seconds).AddTicks(stamp.Nanoseconds / 100)
            : DateTime.UtcNow;
        return length;
    }

    /// <summary>Sends one frame, whatever is in it.</summary>
    public static void SendFrame(int descriptor, int ifindex, ReadOnlySpan<byte> frame)
    {
        var address = new LinkAddress { Family = AfPacket, Ifindex = ifindex, AddressLength = 6 };
        Check((int)SendTo(descriptor, frame, (nuint)frame.Length, 0, address, Marshal.SizeOf<LinkAddress>()), "sendto");
    }

    /// <summary>The index of an interface in the calling thread's namespace.</summary>
    public static int IndexOf(string name)
    {
        uint index = NameToIndex(name);
        return index != 0 ? (int)index : throw new InvalidOperationException($"There is no interface {name}.");
    }

    private static void Check(int result, string operation)
    {
        if (result < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{operation}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int descriptor, int kind);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int descriptor, in LinkAddress address, int length);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int descriptor, in NetlinkAddress address, int length);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(int descriptor, Span<byte> buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetSocketOption(int descriptor, int level, int name, in int value, int length);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ioctl(int descriptor, nuint request, out TimeSpec value);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    private static partial nint ReceiveFrom(
        int descriptor, Span<byte> buffer, nuint length, int flags, ref LinkAddress source, ref int sourceLength);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    private static partial nint SendTo(
        int descriptor, ReadOnlySpan<byte> buffer, nuint length, int flags, in LinkAddress destination, int destinationLength);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint NameToIndex(string name);
}
