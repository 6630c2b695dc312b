using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Wmgwd2.Core;

namespace Wmgwd2.Config;

/// <summary>
/// One key of the config file, which is also a flag of the command line: its name, what it means and how its value is read.
/// The one table that file, flags, help and example follow.
/// </summary>
public sealed class SettingKey
{
    /// <summary>PATH_MAX of the kernel, less the zero at its end.</summary>
    private const int LongestPath = 4095;

    private readonly Func<SettingsDraft, string, bool> _read;

    private SettingKey(
        string name, string placeholder, string defaultText, string expected, string help,
        Func<SettingsDraft, string, bool> read, params string[] choices)
    {
        Name = name;
        Placeholder = placeholder;
        DefaultText = defaultText;
        Expected = expected;
        Help = help;
        _read = read;
        Choices = choices;
    }

    /// <summary>The key, as the file has it; the flag is <c>--</c> and the key.</summary>
    public string Name { get; }

    /// <summary>What stands for the value in a help text.</summary>
    public string Placeholder { get; }

    /// <summary>The value when none is given; empty where none is needed.</summary>
    public string DefaultText { get; }

    /// <summary>What a value has to be, for an error message.</summary>
    public string Expected { get; }

    /// <summary>What it means: one or two sentences.</summary>
    public string Help { get; }

    /// <summary>All values that there are, where they can be counted: what a shell completes; empty for other keys.</summary>
    public IReadOnlyList<string> Choices { get; }

    /// <summary>All keys, in the order in which the example file has them.</summary>
    public static IReadOnlyList<SettingKey> All { get; } =
    [
        new("uid", "N", "", "a number from 1 to 18446744073709551615, decimal or 0x hex",
            "This gateway's unique id. Without it, the one in uid-file.",
            (draft, text) => ValueParser.TryParseUid(text, out NodeId uid) && draft.Set(d => d.Uid = uid)),
        new("uid-file", "PATH", "/var/lib/wmgwd2/uid", "a path",
            "Where the uid is read from when none is given; when it isn't there, one is drawn at random and written.",
            (draft, text) => text.Length is > 0 and <= LongestPath && draft.Set(d => d.UidFile = text)),
        new("vnis", "LIST", "", "VNIs from 1 to 16777215 and ranges of them, the lower end first, as in 1-100,200,300-310",
            "The VNIs that this cluster serves, the same on every gateway. Instead of minvni and maxvni.",
            (draft, text) => ValueParser.TryParseVnis(text, out VniSet? vnis) && draft.SetVnis(vnis)),
        new("minvni", "N", "1", "a VNI from 1 to 16777215",
            "The lowest VNI that this cluster serves.",
            (draft, text) => ValueParser.TryParseVni(text, out Vni vni) && draft.SetMinimumVni(vni)),
        new("maxvni", "N", "100", "a VNI from 1 to 16777215",
            "The highest VNI that this cluster serves.",
            (draft, text) => ValueParser.TryParseVni(text, out Vni vni) && draft.SetMaximumVni(vni)),
        new("interval", "TIME", "1s", "a time from 10ms to 60s, as in 50ms or 1s",
            "From one advertisement to the next; the same on every gateway.",
            (draft, text) => ValueParser.TryParseTime(
                text, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(60), out TimeSpan time)
                && draft.Set(d => d.Interval = time)),
        new("dead-after", "N", "3", "a number from 2 to 100",
            "After how many intervals of silence a gateway is dead; the same on every gateway.",
            (draft, text) => ValueParser.TryParseNumber(text, 2, 100, out uint number)
                && draft.Set(d => d.DeadAfter = (int)number)),
        new("startup-delay", "TIME", "0s", "a time from 0s to 1h, as in 30s",
            "How much longer than the dead interval a gateway listens after its start, so that BGP and OSPF can converge; "
                + "not when no peer is heard.",
            (draft, text) => ValueParser.TryParseTime(text, TimeSpan.Zero, TimeSpan.FromHours(1), out TimeSpan time)
                && draft.Set(d => d.StartupDelay = time)),
        new("handover-lead", "TIME", "200ms", "a time from 0ms to 10s, as in 200ms",
            "How long before a planned take-over the one who serves withdraws its MAC routes: longer than EVPN takes for it; 0ms: it does not.",
            (draft, text) => ValueParser.TryParseTime(text, TimeSpan.Zero, TimeSpan.FromSeconds(10), out TimeSpan time)
                && draft.Set(d => d.HandoverLead = time)),
        new("broadcast", "ADDRESS", "10.0.1.255", "an IPv4 address",
            "The broadcast address of the network that all gateways are in; advertisements go there.",
            (draft, text) => Ipv4Address.TryParse(text, out Ipv4Address address) && draft.Set(d => d.Broadcast = address)),
        new("port", "N", "3000", "a UDP port from 1 to 65535",
            "The UDP port of advertisements.",
            (draft, text) => ValueParser.TryParseNumber(text, 1, ushort.MaxValue, out uint number)
                && draft.Set(d => d.Port = (ushort)number)),
        new("bind-interface", "NAME", "", "the name of an interface, at most 15 characters",
            "Talk to the cluster on this interface only. Empty: whichever routing chooses.",
            (draft, text) => text.Length <= InterfacePattern.MaximumNameLength && draft.Set(d => d.BindInterface = text)),
        new("allow", "LIST", "", "IPv4 addresses, as in 10.0.1.11,10.0.1.12",
            "Listen to these source addresses only. Empty: to all.",
            (draft, text) => ValueParser.TryParseAddresses(text, out Ipv4Address[] allow) && draft.Set(d => d.Allow = allow)),
        new("interface-pattern", "PATTERN", "vrrp4-%d", "an interface name with one %d in it, which stands for the VNI",
            "How the macvlan of a VNI is called.",
            (draft, text) => InterfacePattern.TryParse(text) is { } pattern && draft.SetPattern(pattern)),
        new("arp-interval", "TIME", "60s", "a time from 1s to 1h, as in 60s",
            "How often each owned VNI is announced again, so that bridges don't forget it.",
            (draft, text) => ValueParser.TryParseTime(text, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), out TimeSpan time)
                && draft.Set(d => d.ArpInterval = time)),
        new("announce", "KIND", "both", "reply, request or both",
            "Which gratuitous ARP frames announce an address: the reply is what the first implementation sends.",
            (draft, text) => ValueParser.TryParseName(text, out AnnounceKinds kinds) && draft.Set(d => d.Announce = kinds),
            "reply", "request", "both"),
        new("track-interface", "LIST", "", "names of interfaces, at most 15 characters each, as in eth0,uplink0",
            "While one of these interfaces is missing or has no carrier, this gateway serves nothing. Empty: none.",
            (draft, text) => ValueParser.TryParseInterfaceNames(text, out string[] names)
                && draft.Set(d => d.TrackInterface = names)),
        new("track-file", "PATH", "", "a path",
            "While this file is there and holds anything but 0, this gateway serves nothing: a health check writes it. "
                + "Empty: none.",
            (draft, text) => text.Length <= LongestPath && draft.Set(d => d.TrackFile = text)),
        new("stuck-after", "TIME", "5s", "a time from 500ms to 1h, as in 5s",
            "When the kernel doesn't answer for that long, this gateway stops advertising: it can't serve.",
            (draft, text) => ValueParser.TryParseTime(
                text, TimeSpan.FromMilliseconds(500), TimeSpan.FromHours(1), out TimeSpan time)
                && draft.Set(d => d.StuckAfter = time)),
        new("realtime-priority", "N", "0", "a number from 0 (off) to 99",
            "Real-time priority (SCHED_FIFO) of the thread that hears and sends advertisements; needs CAP_SYS_NICE.",
            (draft, text) => ValueParser.TryParseNumber(text, 0, 99, out uint number)
                && draft.Set(d => d.RealtimePriority = (int)number)),
        new("lock-memory", "WHETHER", "on", "on or off",
            "Keep memory from being paged out, where CAP_IPC_LOCK or an unlimited RLIMIT_MEMLOCK allows it.",
            (draft, text) => ValueParser.TryParseSwitch(text, out bool on) && draft.Set(d => d.LockMemory = on),
            "on", "off"),
        new("user", "NAME", "", "a user's name",
            "Run as this user of /etc/passwd, with the capabilities that are needed and no others. Empty: as whoever started it.",
            (draft, text) => draft.Set(d => d.User = text)),
        new("control-socket", "PATH", "/run/wmgwd2.sock", "a path of at most 107 bytes",
            "The unix socket that 'wmgwd2 status' asks; one for each daemon on a machine.",
            (draft, text) => Encoding.UTF8.GetByteCount(text) is > 0 and <= 107
                && draft.Set(d => d.ControlSocket = text)),
        new("log-level", "LEVEL", "info", "debug, info, warning or error",
            "From which severity on lines are logged.",
            (draft, text) => ValueParser.TryParseName(text, out LogThreshold level) && draft.Set(d => d.LogLevel = level),
            "debug", "info", "warning", "error"),
    ];

    /// <summary>The key of a name, or null.</summary>
    public static SettingKey? Find(string name) => All.FirstOrDefault(key => key.Name == name);

    /// <summary>Reads a value into the draft.</summary>
    /// <returns>False when it isn't <see cref="Expected"/>; the draft is as before.</returns>
    internal bool TryRead(SettingsDraft draft, string text) => _read(draft, text);
}
