using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using Wmgwd2.Check;
using Wmgwd2.Config;
using Wmgwd2.Core;
using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>Gathers what a check looks at. Changes nothing.</summary>
internal static class Inspection
{
    // What the daemon needs to tell a bridge to learn again, on a busy machine.
    private static readonly TimeSpan LearnsAgain = TimeSpan.FromMilliseconds(200);

    private const int ConnectMilliseconds = 1000;
    private const string Sysctls = "/proc/sys/net/ipv4";

    /// <summary>Gathers.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="source">Where they are from.</param>
    /// <exception cref="SystemCallException">The kernel doesn't list the links.</exception>
    public static GatewayFacts Run(Settings settings, SettingsSource source)
    {
        LinkSurvey survey = LinkSurvey.Make();
        HashSet<int> notLearnedFrom = survey.FindNotLearnedFrom();
        if (notLearnedFrom.Count > 0)
        {
            // A planned handover has it so, for the lead at most: what still is then isn't in one. Or is in another one, which the
            // next check won't find.
            Thread.Sleep(settings.Timing.HandoverLead + LearnsAgain);
            notLearnedFrom.IntersectWith(LinkSurvey.Make().FindNotLearnedFrom());
        }

        (DaemonPlace place, int process) = FindDaemon(settings.ControlSocket);
        return new GatewayFacts
        {
            Program = Environment.ProcessPath ?? "wmgwd2",
            ConfigFile = source.File,
            VnisAreDefaults = !source.NamesVnis,
            Vnis = settings.Vnis,
            Pattern = settings.InterfacePattern,
            Broadcast = settings.Broadcast,
            Port = settings.Port,
            BindInterface = settings.BindInterface,
            TrackInterfaces = settings.TrackInterface,
            ArpInterval = settings.ArpInterval,
            User = settings.User,
            UidFile = settings.UidFile,
            ControlSocket = settings.ControlSocket,
            NeededCapabilities = Privileges.ListNeeded(settings).ToArray(),
            MissingCapabilities = Privileges.ListMissing(settings).ToArray(),
            UserState = settings.User is { } user ? JudgeUser(user) : UserState.Fine,
            MemoryNotLockable = settings.LockMemory && !Privileges.CanLockMemory(settings.User != null),
            Uid = FindUid(settings),
            Daemon = place,
            DaemonProcess = process,
            HasControlFolder = Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(settings.ControlSocket))),
            Links = survey.Links,
            Addresses = survey.Addresses,
            Ipv6Users = FindIpv6Users(),
            NotLearnedFrom = notLearnedFrom,
            HasSysctls = Directory.Exists(Sysctls),
            IpForward = ReadNumber($"{Sysctls}/ip_forward"),
            All = ReadSwitches("all"),
            Default = ReadSwitches("default"),
            PortUsers = FindPortUsers(settings),
            VirtualRouters = VrrpdQuery.Ask(),
        };
    }

    /// <summary>Whoever listens at the control socket is a daemon, whether it answers now or not.</summary>
    private static (DaemonPlace Place, int Process) FindDaemon(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.SendTimeout = ConnectMilliseconds;
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            int process = Processes.FindPeer(socket);
            return (Processes.IsInThisNetwork(process) == false ? DaemonPlace.Elsewhere : DaemonPlace.Here, process);
        }
        catch (SocketException error)
        {
            // Refused by what one that was killed has left over; the next start replaces it. A daemon that stands still takes
            // no more than some connections. EACCES says nothing: what the socket, or its folder, is closed to is this user.
            return (error.SocketErrorCode switch
            {
                SocketError.WouldBlock => DaemonPlace.Here,
                SocketError.AccessDenied => DaemonPlace.Unknown,
                _ => DaemonPlace.Nowhere,
            }, 0);
        }
    }

    private static UserState JudgeUser(string name)
    {
        const string Users = "/etc/passwd";
        try
        {
            UnixUser.Find(name, Users);
            return Environment.IsPrivilegedProcess ? UserState.Fine : UserState.NotRoot;
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return $"\n{Processes.ReadText(Users)}".Contains($"\n{name}:", StringComparison.Ordinal)
                ? UserState.Unfit : UserState.Missing;
        }
    }

    private static UidState FindUid(Settings settings)
    {
        if (settings.Uid != null)
        {
            return UidState.Known;
        }

        if (Processes.ReadText(settings.UidFile) is { } text)
        {
            return ValueParser.TryParseUid(text.Trim(), out _) ? UidState.Known : UidState.Malformed;
        }

        // Where it isn't there, it and its folder are made.
        string? folder = Path.GetFullPath(settings.UidFile);
        bool absent = !Path.Exists(folder);
        do
        {
            folder = Path.GetDirectoryName(folder);
        }
        while (folder != null && !Directory.Exists(folder));

        return absent && folder != null && Libc.access(folder, Libc.W_OK) == 0 ? UidState.Known : UidState.NotKept;
    }

    private static Ipv4Switches ReadSwitches(string scope)
    {
        string folder = $"{Sysctls}/conf/{scope}";
        return new Ipv4Switches
        {
            Forwarding = ReadNumber($"{folder}/forwarding"),
            RpFilter = ReadNumber($"{folder}/rp_filter"),
            ArpAnnounce = ReadNumber($"{folder}/arp_announce"),
            ArpIgnore = ReadNumber($"{folder}/arp_ignore"),
            IgnoreLinkdown = ReadNumber($"{folder}/ignore_routes_with_linkdown"),
        };
    }

    private static int ReadNumber(string path) => int.TryParse(
        Processes.ReadText(path)?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

    /// <summary>The links with an address that isn't link-local (net/ipv6/addrconf.c: if6_seq_show).</summary>
    private static HashSet<int> FindIpv6Users()
    {
        const string LinkLocal = "20";
        var users = new HashSet<int>();
        foreach (string[] fields in ReadTable("/proc/net/if_inet6", 6))
        {
            if (fields[3] != LinkLocal
                && TryParseHex(fields[1], out ulong ifindex))
            {
                users.Add((int)ifindex);
            }
        }

        return users;
    }

    /// <summary>
    /// The sockets at the cluster's port where broadcasts arrive. A line (net/ipv4/udp.c: udp4_format_sock) has the address and
    /// port, in hexadecimal, as the second field, and the inode as the tenth.
    /// </summary>
    private static PortUserFacts[] FindPortUsers(Settings settings)
    {
        var users = new Growing<PortUserFacts>();
        foreach (string table in (string[])["/proc/net/udp", "/proc/net/udp6"])
        {
            foreach (string[] fields in ReadTable(table, 10))
            {
                string[] parts = fields[1].Split(':');
                if (parts.Length == 2
                    && TryParseHex(parts[1], out ulong port) && port == settings.Port && ReadAddress(parts[0]) is { } address
                    && (address.Value == 0 || address == settings.Broadcast))
                {
                    (int process, string name) = Processes.FindOwner(fields[9]);
                    users.Add(new PortUserFacts(address, process, name));
                }
            }
        }

        return users.ToArray();
    }

    /// <summary>An address as the number that its bytes make in memory. Of IPv6, only none at all stands for IPv4 too.</summary>
    private static Ipv4Address? ReadAddress(string hex)
    {
        if (hex.Length != 2 * sizeof(uint))
        {
            return hex.AsSpan().ContainsAnyExcept('0') ? null : default(Ipv4Address);
        }

        return TryParseHex(hex, out ulong value)
            ? new Ipv4Address(BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness((uint)value) : (uint)value)
            : null;
    }

    private static bool TryParseHex(string text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    private static IEnumerable<string[]> ReadTable(string path, int fields)
    {
        foreach (string line in Processes.ReadText(path)?.Split('\n') ?? [])
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= fields)
            {
                yield return words;
            }
        }
    }
}
