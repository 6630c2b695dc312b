using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Check;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Wmgwd2.Tests.Status;
using Xunit;

namespace Wmgwd2.Tests.Check;

/// <summary>
/// Each rule: the gateway of <see cref="TestGateway"/> has nothing of it, and the same gateway with one thing broken has that and
/// nothing else.
/// </summary>
public sealed class GatewayCheckTests
{
    private const string Loop = "for v in $(seq 1 3) 7; do ";

    /// <summary>What is broken, and what has to be found: severity, check, VNIs, what, the command.</summary>
    private static readonly Dictionary<string, (Action<TestGateway> Break, string[] Found)> Cases = new()
    {
        ["nothing"] = (_ => { }, []),
        ["capabilities"] = (gateway => gateway.MissingCapabilities = ["CAP_NET_RAW"],
            ["error capabilities CAP_NET_RAW missing => sudo setcap cap_net_admin,cap_net_raw=ep /usr/sbin/wmgwd2"]),
        ["no such user"] = (gateway => gateway.UserState = UserState.Missing,
            ["error user user gateway is not in /etc/passwd => useradd --system --no-create-home --shell /usr/sbin/nologin gateway"]),
        ["root as user"] = (gateway => gateway.UserState = UserState.Unfit,
            ["error user user gateway is root, or has no number in /etc/passwd => sed -i '/^ *user *=/d' /etc/wmgwd2.conf"]),
        ["another user"] = (gateway => gateway.UserState = UserState.NotRoot,
            ["error user only root can become user gateway => sudo /usr/sbin/wmgwd2 run --config /etc/wmgwd2.conf"]),
        ["memory"] = (gateway => gateway.MemoryNotLockable = true,
            ["advice lock-memory memory can't be locked: CAP_IPC_LOCK is missing and RLIMIT_MEMLOCK is not unlimited => ulimit -l unlimited"]),
        ["uid file holds something else"] = (gateway => gateway.Uid = UidState.Malformed,
            ["error uid /var/lib/wmgwd2/uid holds no uid => rm /var/lib/wmgwd2/uid"]),
        ["uid can't be kept"] = (gateway => gateway.Uid = UidState.NotKept,
            ["warning uid no uid is given, and /var/lib/wmgwd2/uid can't be read or written => echo 'uid = UID' >>/etc/wmgwd2.conf"]),
        ["no config file"] = (gateway => (gateway.Uid, gateway.ConfigFile) = (UidState.NotKept, null),
            ["warning uid no uid is given, and /var/lib/wmgwd2/uid can't be read or written => echo 'uid = UID' >>CONFIG_FILE"]),
        ["a daemon elsewhere"] = (gateway => gateway.Daemon = DaemonPlace.Elsewhere,
            ["error control-socket a daemon of another network namespace answers at /run/wmgwd2.sock "
                + "=> echo 'control-socket = /run/NAME.sock' >>/etc/wmgwd2.conf"]),
        ["no folder for the socket"] = (gateway => (gateway.HasControlFolder, gateway.ControlSocket) = (false, "/run/a b/c.sock"),
            ["error control-socket there is no folder /run/a b for the control socket => mkdir -p '/run/a b'"]),

        ["broadcast of no subnet"] = (gateway => gateway.Broadcast = "10.0.9.255",
            ["error broadcast 10.0.9.255 is not the broadcast address of a local subnet; those are 10.0.1.255 (fabric) "
                + "=> ip addr add ADDRESS/PREFIX brd + dev DEVICE; ip link set DEVICE up"]),
        ["broadcast that was given"] = (gateway =>
            {
                gateway.Broadcast = "10.0.99.255";
                gateway.Addresses.Add((TestGateway.Fabric, "10.0.2.1", 24, "10.0.99.255"));
            }, []),
        ["an address of a host has no broadcast"] = (gateway => gateway.Addresses[0] = (TestGateway.Fabric, "10.0.1.255", 32, "0.0.0.0"),
            ["error broadcast 10.0.1.255 is not the broadcast address of a local subnet => ip addr add ADDRESS/PREFIX brd + dev DEVICE; ip link set DEVICE up",
                .. NotLocal]),
        ["bound to the right interface"] = (gateway => gateway.BindInterface = "fabric", []),
        ["bound to another interface"] = (gateway => gateway.BindInterface = "lo",
            ["error broadcast 10.0.1.255 is not the broadcast address of a local subnet on lo; those are 10.0.1.255 (fabric) "
                + "=> ip addr add ADDRESS/PREFIX brd + dev lo; ip link set lo up"]),
        ["bound to none"] = (gateway => gateway.BindInterface = "fab0",
            ["error bind-interface bind-interface fab0 is missing => ip link set DEVICE name fab0"]),
        ["fabric down"] = (gateway => (gateway["fabric"].Up, gateway["fabric"].Carrier) = (false, false),
            ["error broadcast fabric is not set up => ip link set fabric up"]),
        ["fabric without a carrier"] = (gateway => gateway["fabric"].Carrier = false,
            ["error broadcast fabric has no carrier => ip -s -d link show fabric"]),
        ["tracked interface is there"] = (gateway => gateway.TrackInterfaces = ["fabric"], []),
        ["tracked interface missing"] = (gateway => gateway.TrackInterfaces = ["uplink"],
            ["error track-interface tracked interface uplink is missing => ip link set DEVICE name uplink"]),
        ["tracked interface down"] = (gateway => (gateway.TrackInterfaces, gateway["lo"].Up) = (["lo"], false),
            ["error track-interface lo is not set up => ip link set lo up"]),
        ["port taken"] = (gateway => gateway.PortUsers.Add(new PortUserFacts(default, 77, "other")),
            ["error port UDP port 3000 at 0.0.0.0 is taken by process 77 (other) => kill 77"]),
        ["port taken by whom?"] = (gateway => gateway.PortUsers.Add(new PortUserFacts(default, 0, "")),
            ["error port UDP port 3000 at 0.0.0.0 is taken by another process => sudo ss -ulnp 'sport = :3000'"]),
        ["port of the daemon"] = (gateway =>
            {
                (gateway.Daemon, gateway.DaemonProcess) = (DaemonPlace.Here, 42);
                gateway.PortUsers.Add(new PortUserFacts(TestGateway.Parse("10.0.1.255"), 42, "wmgwd2"));
            }, []),
        ["port of the daemon, not told to other users"] = (gateway =>
            {
                (gateway.Daemon, gateway.DaemonProcess) = (DaemonPlace.Here, 42);
                gateway.PortUsers.Add(new PortUserFacts(TestGateway.Parse("10.0.1.255"), 0, ""));
            }, []),
        ["two daemons"] = (gateway =>
            {
                (gateway.Daemon, gateway.DaemonProcess) = (DaemonPlace.Here, 42);
                gateway.PortUsers.Add(new PortUserFacts(TestGateway.Parse("10.0.1.255"), 43, "wmgwd2"));
                gateway.PortUsers.Add(new PortUserFacts(TestGateway.Parse("10.0.1.255"), 42, "wmgwd2"));
            }, [OtherDaemon]),
        ["a daemon of another control socket"] = (gateway =>
            {
                gateway.PortUsers.Add(new PortUserFacts(TestGateway.Parse("10.0.1.255"), 43, "wmgwd2"));
                (gateway["vrrp4-5"].Protodown, gateway["vrrp4-5"].Carrier) = (false, true);
            }, [OtherDaemon]),
        ["a daemon of another control socket, not told to other users"] = (gateway =>
            {
                gateway.PortUsers.Add(new PortUserFacts(TestGateway.Parse("10.0.1.255"), 0, ""));
                (gateway["vrrp4-5"].Protodown, gateway["vrrp4-5"].Carrier) = (false, true);
            }, ["error port UDP port 3000 at 10.0.1.255 is taken by another process => sudo ss -ulnp 'sport = :3000'"]),
        ["is there a daemon?"] = (gateway =>
            {
                gateway.Daemon = DaemonPlace.Unknown;
                gateway.HasControlFolder = false;
                gateway.PortUsers.Add(new PortUserFacts(TestGateway.Parse("10.0.1.255"), 0, ""));
                (gateway["vrrp4-5"].Protodown, gateway["vrrp4-5"].Carrier) = (false, true);
            },
            ["warning control-socket can't tell whether a daemon runs: this user may not connect to /run/wmgwd2.sock "
                + "=> sudo /usr/sbin/wmgwd2 check --config /etc/wmgwd2.conf"]),
        ["is there a daemon, without a config file?"] = (gateway => (gateway.Daemon, gateway.ConfigFile) = (DaemonPlace.Unknown, null),
            ["warning control-socket can't tell whether a daemon runs: this user may not connect to /run/wmgwd2.sock "
                + "=> sudo /usr/sbin/wmgwd2 check"]),

        ["no sysctls"] = (gateway => (gateway.HasSysctls, gateway.IpForward, gateway.All) = (false, 0, default),
            ["advice sysctl /proc/sys/net/ipv4 can't be read => mount -t proc proc /proc"]),
        ["no forwarding"] = (gateway => (gateway.IpForward, gateway["vrrp4-5"].Forwarding) = (0, 0),
            ["error ip_forward net.ipv4.ip_forward is 0 => sysctl -w net.ipv4.ip_forward=1"]),
        ["no forwarding of one"] = (gateway => gateway["vrrp4-5"].Forwarding = 0,
            ["error ip_forward [5] forwarding of vrrp4-5 is 0 => sysctl -w net/ipv4/conf/vrrp4-5/forwarding=1"]),
        ["arp_ignore"] = (gateway => gateway.All = gateway.All with { ArpIgnore = 0 },
            ["error arp_ignore net.ipv4.conf.all.arp_ignore is 0 => sysctl -w net.ipv4.conf.all.arp_ignore=1"]),
        ["arp_ignore of each link"] = (gateway =>
            {
                gateway.All = gateway.All with { ArpIgnore = 0 };
                (gateway["vrrp4-5"].ArpIgnore, gateway["veth5"].ArpIgnore) = (1, 2);
            }, []),
        ["arp_ignore of the macvlan alone"] = (gateway =>
            {
                gateway.All = gateway.All with { ArpIgnore = 0 };
                gateway["vrrp4-5"].ArpIgnore = 1;
            }, ["error arp_ignore net.ipv4.conf.all.arp_ignore is 0 => sysctl -w net.ipv4.conf.all.arp_ignore=1"]),
        ["arp_ignore answers nobody"] = (gateway => gateway["vrrp4-5"].ArpIgnore = 8,
            ["error arp_ignore [5] arp_ignore of vrrp4-5 is 8 => sysctl -w net/ipv4/conf/vrrp4-5/arp_ignore=1"]),
        ["arp_announce"] = (gateway => gateway.All = gateway.All with { ArpAnnounce = 1 },
            ["warning arp_announce net.ipv4.conf.all.arp_announce is 1 => sysctl -w net.ipv4.conf.all.arp_announce=2"]),
        ["arp_announce of the link"] = (gateway =>
            {
                gateway.All = gateway.All with { ArpAnnounce = 0 };
                gateway["vrrp4-5"].ArpAnnounce = 2;
            }, []),
        ["linkdown"] = (gateway => gateway.All = gateway.All with { IgnoreLinkdown = 0 },
            ["error ignore_routes_with_linkdown net.ipv4.conf.all.ignore_routes_with_linkdown is 0 "
                + "=> sysctl -w net.ipv4.conf.all.ignore_routes_with_linkdown=1"]),
        ["linkdown of the link"] = (gateway =>
            {
                gateway.All = gateway.All with { IgnoreLinkdown = 0 };
                gateway["vrrp4-5"].IgnoreLinkdown = 1;
            }, []),
        ["rp_filter for all"] = (gateway => gateway.All = gateway.All with { RpFilter = 1 }, [Strict]),
        ["rp_filter of the macvlan"] = (gateway => gateway["vrrp4-5"].RpFilter = 1, [Strict]),
        ["rp_filter of the fabric"] = (gateway => gateway["fabric"].RpFilter = 1, [Strict]),
        ["rp_filter of the uplink"] = (gateway => (gateway.TrackInterfaces, gateway["lo"].RpFilter) = (["lo"], 1), [Strict]),
        ["rp_filter that doesn't matter"] = (gateway => gateway["br5"].RpFilter = 1, []),
        ["rp_filter that is loose for all"] = (gateway =>
            {
                gateway.All = gateway.All with { RpFilter = 2 };
                gateway["vrrp4-5"].RpFilter = 1;
            }, []),

        ["no macvlan"] = (gateway => gateway.Remove("vrrp4-5"),
            [$"error interface [5] there is no interface vrrp4-5 => {Macvlan("5", "05")}"]),
        ["no macvlan, and no lower device"] = (gateway =>
            {
                gateway.Remove("vrrp4-5");
                gateway.Remove("veth5");
                gateway.Remove("vethbr5");
            },
            [$"error interface [5] there is no interface vrrp4-5 => "
                + $"ip link add vethbr5 master br5 up type veth peer name veth5; {Macvlan("5", "05")}"]),
        ["no macvlan, and a lower device in no bridge"] = (gateway =>
            {
                gateway.Remove("vrrp4-5");
                gateway["vethbr5"].Master = 0;
            },
            [$"error interface [5] there is no interface vrrp4-5 => ip link set vethbr5 master br5 up; {Macvlan("5", "05")}"]),
        ["no macvlan, and a VXLAN device of another name"] = (gateway =>
            {
                gateway.Remove("vrrp4-5");
                (gateway["vxlan5"].Name, gateway["br5"].Name) = ("vni5", "bridge-5");
                gateway.Remove("veth5");
                gateway.Remove("vethbr5");
            },
            [$"error interface [5] there is no interface vrrp4-5 => "
                + $"ip link add vethbr5 master bridge-5 up type veth peer name veth5; {Macvlan("5", "05")}"]),
        ["no chain"] = (gateway =>
            {
                foreach (string name in (string[])["vrrp4-5", "veth5", "vethbr5", "vxlan5", "br5"])
                {
                    gateway.Remove(name);
                }
            },
            [$"error interface [5] there is no interface vrrp4-5 => {Chain("5", "05")}"]),
        ["no chain, and new links would be wrong"] = (gateway =>
            {
                gateway.Vnis = "5,300";
                gateway.All = new Ipv4Switches { RpFilter = 1 };
                gateway["vrrp4-5"].ArpIgnore = gateway["veth5"].ArpIgnore = gateway["vrrp4-5"].IgnoreLinkdown = 1;
                gateway["vrrp4-5"].ArpAnnounce = 2;
            },
            [
                "error arp_ignore net.ipv4.conf.all.arp_ignore is 0 => sysctl -w net.ipv4.conf.all.arp_ignore=1",
                "error ignore_routes_with_linkdown net.ipv4.conf.all.ignore_routes_with_linkdown is 0 "
                    + "=> sysctl -w net.ipv4.conf.all.ignore_routes_with_linkdown=1",
                $"error interface [300] there is no interface vrrp4-300 => {Chain("300", "2c")}",
                "warning arp_announce net.ipv4.conf.all.arp_announce is 0 => sysctl -w net.ipv4.conf.all.arp_announce=2",
                Strict,
            ]),

        ["no macvlan at all"] = (gateway => gateway["vrrp4-5"].Kind = LinkKind.Other,
            [$"error macvlan [5] vrrp4-5 is no macvlan => ip link del vrrp4-5; {Macvlan("5", "05")}"]),
        ["mode private"] = (gateway => gateway["vrrp4-5"].Mode = MacvlanMode.Private,
            ["warning macvlan [5] vrrp4-5 is in mode private, not bridge => ip link set vrrp4-5 type macvlan mode bridge"]),
        ["mode passthru"] = (gateway => gateway["vrrp4-5"].Mode = MacvlanMode.Passthru,
            [$"warning macvlan [5] vrrp4-5 is in mode passthru, not bridge => ip link del vrrp4-5; {Macvlan("5", "05")}"]),
        ["not the virtual MAC"] = (gateway => gateway["vrrp4-5"].Mac = 0x020000001234,
            ["warning mac [5] vrrp4-5 has no virtual MAC address (00:00:5e:00:01:xx) => ip link set vrrp4-5 address 00:00:5e:00:01:05"]),
        ["the lower device's MAC"] = (gateway => gateway["vrrp4-5"].Mac = gateway["veth5"].Mac,
            ["error mac [5] vrrp4-5 has the MAC address of its lower device => ip link set vrrp4-5 address 00:00:5e:00:01:05"]),
        ["a virtual MAC of another number"] = (gateway => gateway["vrrp4-5"].Mac = 0x00005e0001ff, []),
        ["no address"] = (gateway => gateway.Addresses.RemoveAt(1),
            ["error address [5] vrrp4-5 has no IPv4 address => ip addr add ADDRESS/PREFIX dev vrrp4-5"]),
        ["the address on the lower device too"] = (gateway => gateway.Addresses.Add((53, "10.64.5.1", 24, "10.64.5.255")),
            ["error address [5] veth5 has 10.64.5.1/24, in the network of vrrp4-5's 10.64.5.1/24 => ip addr del 10.64.5.1/24 dev veth5"]),
        ["another address of the network on the port"] = (gateway => gateway.Addresses.Add((52, "10.64.5.2", 32, "0.0.0.0")),
            ["error address [5] vethbr5 has 10.64.5.2/32, in the network of vrrp4-5's 10.64.5.1/24 => ip addr del 10.64.5.2/32 dev vethbr5"]),
        ["a network around it on the bridge"] = (gateway => gateway.Addresses.Add((50, "10.64.200.1", 16, "0.0.0.0")),
            ["error address [5] br5 has 10.64.200.1/16, in the network of vrrp4-5's 10.64.5.1/24 => ip addr del 10.64.200.1/16 dev br5"]),
        ["all addresses on the VXLAN device"] = (gateway => gateway.Addresses.Add((51, "192.0.2.1", 0, "0.0.0.0")),
            ["error address [5] vxlan5 has 192.0.2.1/0, in the network of vrrp4-5's 10.64.5.1/24 => ip addr del 192.0.2.1/0 dev vxlan5"]),
        ["an address of another network on the lower device"] = (gateway => gateway.Addresses.Add((53, "10.64.4.255", 24, "0.0.0.0")), []),
        ["an address of the network elsewhere"] = (gateway => gateway.Addresses.Add((TestGateway.Fabric, "10.64.5.1", 24, "0.0.0.0")), []),
        ["another macvlan of the VNI"] = (gateway =>
            {
                gateway.Links.Add(new TestLink { Name = "vrrp4b-5", Ifindex = 59, Kind = LinkKind.Macvlan, Lower = 53 });
                gateway.Addresses.Add((59, "10.64.5.2", 24, "0.0.0.0"));
            }, []),
        ["macvlan down"] = (gateway => gateway["vrrp4-5"].Up = false,
            ["error up [5] vrrp4-5 is not set up => ip link set vrrp4-5 protodown on; ip link set vrrp4-5 up"]),
        ["macvlan down in service"] = (gateway => (gateway["vrrp4-5"].Up, gateway.Daemon) = (false, DaemonPlace.Here),
            ["error up [5] vrrp4-5 is not set up => ip link set vrrp4-5 up"]),
        ["lower device down"] = (gateway => gateway["veth5"].Up = false,
            ["error lower [5] veth5, the lower device of vrrp4-5, is not set up => ip link set veth5 up; ip link set vrrp4-5 protodown on"]),
        ["lower device down in service"] = (gateway => (gateway["veth5"].Up, gateway.Daemon) = (false, DaemonPlace.Here),
            ["error lower [5] veth5, the lower device of vrrp4-5, is not set up => ip link set veth5 up"]),
        ["lower device in another namespace"] = (gateway => gateway["vrrp4-5"].Lower = 0, []),
        ["lower device of another kind"] = (gateway => (gateway["veth5"].Kind, gateway["veth5"].Master) = (LinkKind.Other, 50),
            [$"warning lower [5] the lower device of vrrp4-5, veth5, is no end of a veth pair => ip link del vrrp4-5; {Macvlan("5", "05")}"]),

        ["peer down"] = (gateway => gateway["vethbr5"].Up = false,
            ["error lower [5] vethbr5, the other end of the lower device, is not set up "
                + "=> ip link set vethbr5 up; ip link set vrrp4-5 protodown on"]),
        ["peer in no bridge"] = (gateway => gateway["vethbr5"].Master = 0,
            ["error bridge [5] vethbr5, the other end of the lower device, is in no bridge => ip link set vethbr5 master br5 up"]),
        ["peer a port of no bridge"] = (gateway => gateway["br5"].Kind = LinkKind.Other,
            ["error bridge [5] vethbr5, the other end of the lower device, is in no bridge "
                + "=> ip link add br5 up type bridge; ip link set vethbr5 master br5 up"]),
        ["bridge that doesn't learn"] = (gateway => gateway.NotLearnedFrom.Add(52),
            ["warning learning [5] br5 learns nothing from vethbr5, the other end of the lower device => bridge link set dev vethbr5 learning on"]),
        ["another bridge that doesn't learn"] = (gateway => gateway.NotLearnedFrom.Add(99), []),
        ["bridge down"] = (gateway => gateway["br5"].Up = false,
            ["error bridge [5] br5 is not set up => ip link set br5 up"]),
        ["ageing as long as the interval"] = (gateway => gateway["br5"].Ageing = 6000,
            ["warning ageing [5] br5 forgets MAC addresses after 60 s, and arp-interval is 60 s => ip link set br5 type bridge ageing_time 30000"]),
        ["ageing a little longer"] = (gateway => gateway["br5"].Ageing = 6001, []),
        ["a long interval"] = (gateway => gateway.ArpIntervalSeconds = 600,
            ["warning ageing [5] br5 forgets MAC addresses after 300 s, and arp-interval is 600 s "
                + "=> ip link set br5 type bridge ageing_time 120000"]),
        ["no ageing"] = (gateway => gateway["br5"].Ageing = 0,
            ["warning ageing [5] br5 forgets MAC addresses after 0 s, and arp-interval is 60 s => ip link set br5 type bridge ageing_time 30000"]),

        ["no VXLAN device"] = (gateway => gateway.Remove("vxlan5"),
            [$"error vxlan [5] br5 has no VXLAN device that carries the VNI => {Vxlan("5")}"]),
        ["VXLAN device of another VNI"] = (gateway => gateway["vxlan5"].VxlanId = 6,
            [$"error vxlan [5] br5 has no VXLAN device that carries the VNI => ip link del vxlan5; {Vxlan("5")}"]),
        ["VXLAN device in no bridge"] = (gateway => gateway["vxlan5"].Master = 0,
            ["error vxlan [5] vxlan5, which carries the VNI, is no port of br5 => ip link set vxlan5 master br5"]),
        ["VXLAN device of many VNIs"] = (gateway =>
            (gateway["vxlan5"].VxlanExternal, gateway["vxlan5"].VxlanId, gateway["vxlan5"].VxlanLearning) = (true, 0, true), []),
        ["VXLAN device down"] = (gateway => gateway["vxlan5"].Up = false, ["error vxlan [5] vxlan5 is not set up => ip link set vxlan5 up"]),
        ["VXLAN device that learns"] = (gateway => gateway["vxlan5"].VxlanLearning = true,
            ["warning vxlan [5] vxlan5 learns where stations are => ip link set vxlan5 type vxlan nolearning"]),
        ["the kernel's own port"] = (gateway => gateway["vxlan5"].VxlanPort = 8472,
            [$"warning vxlan [5] vxlan5 sends to UDP port 8472, not 4789 => ip link del vxlan5; {Vxlan("5")}"]),
        ["no local address"] = (gateway => gateway["vxlan5"].VxlanLocal = "0.0.0.0",
            ["error vxlan [5] vxlan5 has no local address => ip link set vxlan5 type vxlan local 10.0.1.11"]),
        ["another machine's address"] = (gateway => gateway["vxlan5"].VxlanLocal = "10.0.1.12",
            ["error vxlan [5] the local address of vxlan5, 10.0.1.12, is none of this machine's => ip link set vxlan5 type vxlan local 10.0.1.11"]),
        ["an IPv6 address"] = (gateway => (gateway["vxlan5"].VxlanLocal, gateway["vxlan5"].VxlanOverIpv6) = ("0.0.0.0", true), []),

        ["underlay with too small an MTU"] = (gateway => gateway["fabric"].Mtu = 1549,
            ["warning mtu [5] fabric has MTU 1549, too little for vxlan5's 1500 and what VXLAN adds => ip link set fabric mtu 1550"]),
        ["underlay that the device names"] = (gateway => (gateway["vxlan5"].VxlanLink, gateway["fabric"].Mtu) = (1, 1500), []),
        ["underlay for IPv6"] = (gateway => (gateway["vxlan5"].VxlanLink, gateway["vxlan5"].VxlanOverIpv6) = (TestGateway.Fabric, true),
            ["warning mtu [5] fabric has MTU 1550, too little for vxlan5's 1500 and what VXLAN adds => ip link set fabric mtu 1570"]),
        ["a smaller MTU below"] = (gateway => gateway["vxlan5"].Mtu = 1450,
            ["warning mtu [5] vrrp4-5 has MTU 1500, and vxlan5 below it 1450 => ip link set vrrp4-5 mtu 1450"]),
        ["a smaller MTU above"] = (gateway => gateway["vrrp4-5"].Mtu = 1450, []),

        ["held down by FRR"] = (gateway => gateway["vrrp4-5"].Reasons = 1 << 7,
            ["error protodown [5] others hold vrrp4-5 down: protodown reason bit 7 (FRR) => ip link set vrrp4-5 protodown_reason 7 off"]),
        ["held down by two"] = (gateway => gateway["vrrp4-5"].Reasons = 1 << 7 | 1,
            ["error protodown [5] others hold vrrp4-5 down: protodown reason bit 0, bit 7 (FRR) "
                + "=> ip link set vrrp4-5 protodown_reason 0 off; ip link set vrrp4-5 protodown_reason 7 off"]),
        ["a reason, and not held down"] = (gateway =>
            {
                gateway.Daemon = DaemonPlace.Here;
                (gateway["vrrp4-5"].Protodown, gateway["vrrp4-5"].Carrier, gateway["vrrp4-5"].Reasons) = (false, true, 1 << 7);
            },
            ["error protodown [5] vrrp4-5 has protodown reason bit 7 (FRR), though protodown is off => ip link set vrrp4-5 protodown_reason 7 off"]),
        ["not held down"] = (gateway => gateway["vrrp4-5"].Protodown = false, [NotHeld]),
        ["a carrier in spite of protodown"] = (gateway => gateway["vrrp4-5"].Carrier = true, [NotHeld]),
        ["in service"] = (gateway =>
            (gateway["vrrp4-5"].Protodown, gateway["vrrp4-5"].Carrier, gateway.Daemon) = (false, true, DaemonPlace.Here), []),
        ["a macvlan of another VNI"] = (gateway => AddStray(gateway, up: true),
            ["warning stray [300] vrrp4-300 is up, and the VNI is none of those that are configured => ip link set vrrp4-300 protodown on"]),
        ["a macvlan of another VNI, where there is a daemon"] = (gateway =>
            {
                gateway.Daemon = DaemonPlace.Here;
                AddStray(gateway, up: true);
            },
            ["warning stray [300] vrrp4-300 is up, and the VNI is none of those that are configured => ip link set vrrp4-300 protodown on"]),
        ["a macvlan of another VNI, held down"] = (gateway => AddStray(gateway, up: false), []),
        ["a macvlan of another VNI, not set up"] = (gateway =>
            {
                AddStray(gateway, up: false);
                (gateway["vrrp4-300"].Up, gateway["vrrp4-300"].Protodown) = (false, false);
            }, []),
        ["no macvlan, called so for another VNI"] = (gateway =>
            {
                AddStray(gateway, up: true);
                gateway["vrrp4-300"].Kind = LinkKind.Other;
            }, []),
        ["a macvlan of another VNI than the defaults"] = (gateway =>
            {
                gateway.VnisAreDefaults = true;
                AddStray(gateway, up: true);
            }, []),
        ["vrrpd has it"] = (gateway => gateway.VirtualRouters.Add(new VirtualRouterFacts("veth5", 5, "vrrp4-5", "")),
            ["error vrrpd [5] FRR's vrrpd has virtual router 5 on veth5, and takes vrrp4-5 for it "
                + "=> vtysh -c \"configure terminal\" -c \"interface veth5\" -c \"no vrrp 5\""]),
        ["vrrpd of a path space will have it"] = (gateway => gateway.VirtualRouters.Add(new VirtualRouterFacts("veth5", 5, "", "site")),
            ["error vrrpd [5] FRR's vrrpd has virtual router 5 on veth5, and takes vrrp4-5 for it "
                + "=> vtysh -N site -c \"configure terminal\" -c \"interface veth5\" -c \"no vrrp 5\""]),
        ["vrrpd has others"] = (gateway =>
            {
                gateway.VirtualRouters.Add(new VirtualRouterFacts("veth5", 7, "", ""));
                gateway.VirtualRouters.Add(new VirtualRouterFacts("fabric", 5, "vrrp4-2-5", ""));
            }, []),

        ["IPv6 on one"] = (gateway => gateway["br5"].Ipv6 = true,
            ["advice ipv6 [5] IPv6 is on for br5 and not used => sysctl -qw net/ipv6/conf/br5/disable_ipv6=1"]),
        ["IPv6 on all"] = (gateway => gateway.Links.ForEach(link => link.Ipv6 = true),
            ["advice ipv6 [5] IPv6 is on for br5, vxlan5, vethbr5, veth5, vrrp4-5 and not used "
                + "=> for d in br5 vxlan5 vethbr5 veth5 vrrp4-5; do sysctl -qw net/ipv6/conf/$d/disable_ipv6=1; done"]),
        ["IPv6 in use"] = (gateway =>
            {
                gateway["vrrp4-5"].Ipv6 = true;
                gateway.Ipv6Users.Add(54);
            }, []),
    };

    private const string OtherDaemon = "error port another wmgwd2 (process 43) has UDP port 3000 at 10.0.1.255 "
        + "=> /usr/sbin/wmgwd2 check --config CONFIG_FILE --control-socket SOCKET";

    private const string Strict =
        "warning rp_filter rp_filter is strict (1) where the way back may be another one => sysctl -w net.ipv4.conf.all.rp_filter=2";

    private const string NotHeld = "warning protodown [5] vrrp4-5 is not held down, and no daemon runs => ip link set vrrp4-5 protodown on";

    private static string[] NotLocal =>
        ["error vxlan [5] the local address of vxlan5, 10.0.1.11, is none of this machine's => ip link set vxlan5 type vxlan local VTEP_ADDRESS"];

    public static TheoryData<string> Names() => new(Cases.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Broken_gateway_has_the_finding_and_no_other(string name)
    {
        var gateway = new TestGateway();
        Cases[name].Break(gateway);

        Assert.Equal(Cases[name].Found, GatewayCheck.Run(gateway.Build()).Select(Describe));
    }

    /// <summary>The cases above are of one VNI; what is said of several, and the command for them.</summary>
    [Fact]
    public void Many_VNIs_with_the_same_finding_are_one_line()
    {
        var gateway = new TestGateway("1-9,300");
        foreach (int vni in (int[])[1, 2, 3, 7])
        {
            gateway[$"veth{vni}"].Up = false;
            gateway[$"vrrp4-{vni}"].Mac = 0x020000001234;
        }

        gateway["vxlan300"].VxlanPort = 8472;
        gateway["br4"].Up = gateway["br5"].Up = false;

        Assert.Equal(
            [
                "error bridge [4-5] br<VNI> is not set up => for v in 4 5; do ip link set br$v up; done",
                "error lower [1-3,7] veth<VNI>, the lower device of vrrp4-<VNI>, is not set up => "
                    + Loop + "ip link set veth$v up; ip link set vrrp4-$v protodown on; done",
                "warning mac [1-3,7] vrrp4-<VNI> has no virtual MAC address (00:00:5e:00:01:xx) => "
                    + Loop + "ip link set vrrp4-$v address 00:00:5e:00:01:$(printf %02x $((v % 256))); done",
                $"warning vxlan [300] vxlan300 sends to UDP port 8472, not 4789 => ip link del vxlan300; {Vxlan("300")}",
            ],
            GatewayCheck.Run(gateway.Build()).Select(Describe).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Chains_are_made_as_those_that_are_there()
    {
        var gateway = new TestGateway("7");
        gateway.Vnis = "7-9";
        (gateway["br7"].Name, gateway["vxlan7"].Name) = ("bridge_7_a", "vni.7");
        (gateway["vethbr7"].Name, gateway["veth7"].Name) = ("p7", "gw-7");

        Assert.Equal(
            "for v in 8 9; do ip link add bridge_${v}_a up type bridge; "
                + "ip link add vni.$v master bridge_${v}_a up type vxlan id $v local 10.0.1.11 dstport 4789 nolearning; "
                + "ip link add p$v master bridge_${v}_a up type veth peer name gw-$v; ip link set gw-$v up; "
                + "ip link add link gw-$v name vrrp4-$v address 00:00:5e:00:01:$(printf %02x $((v % 256))) type macvlan mode bridge; "
                + "ip link set vrrp4-$v protodown on; ip addr add ADDRESS/PREFIX dev vrrp4-$v; ip link set vrrp4-$v up; done",
            Assert.Single(GatewayCheck.Run(gateway.Build())).Mend);
    }

    [Fact]
    public void A_bridge_that_many_VNIs_share_is_mended_once()
    {
        var gateway = new TestGateway("1-3");
        gateway["br1"].Name = "br0";
        foreach (int vni in (int[])[2, 3])
        {
            gateway[$"vethbr{vni}"].Master = gateway["br0"].Ifindex;
            gateway[$"vxlan{vni}"].Master = gateway["br0"].Ifindex;
        }

        gateway["br0"].Up = false;

        Assert.Equal("error bridge [1-3] br0 is not set up => ip link set br0 up", Describe(Assert.Single(GatewayCheck.Run(gateway.Build()))));
    }

    [Fact]
    public void Addresses_that_differ_by_their_VNI_are_one_line()
    {
        var gateway = new TestGateway("5-7");
        gateway.Addresses.Add((53, "10.64.5.1", 24, "0.0.0.0"));
        gateway.Addresses.Add((63, "10.64.6.1", 24, "0.0.0.0"));

        Assert.Equal(
            "error address [5-6] veth<VNI> has 10.64.<VNI>.1/24, in the network of vrrp4-<VNI>'s 10.64.<VNI>.1/24 "
                + "=> for v in 5 6; do ip addr del 10.64.$v.1/24 dev veth$v; done",
            Describe(Assert.Single(GatewayCheck.Run(gateway.Build()))));
    }

    [Fact]
    public void Words_in_capitals_are_explained()
    {
        var gateway = new TestGateway { Vnis = "5-6" };
        gateway.Addresses.RemoveAll(address => address.Ifindex == TestGateway.Fabric);
        Finding[] findings = GatewayCheck.Run(gateway.Build());

        Assert.Contains(findings, finding => finding.Mend.Contains("VTEP_ADDRESS", StringComparison.Ordinal));
        foreach (string word in (string[])["VTEP_ADDRESS", "ADDRESS/PREFIX"])
        {
            Assert.All(
                findings.Where(finding => finding.Mend.Contains(word, StringComparison.Ordinal)),
                finding => Assert.Contains($"; {word} is ", finding.Why, StringComparison.Ordinal));
        }

        Assert.DoesNotContain(GatewayCheck.Run(new TestGateway { Vnis = "5-6" }.Build()), finding => finding.Why.Contains("VTEP"));
    }

    [Fact]
    public void Worst_comes_first()
    {
        var gateway = new TestGateway("1-2");
        gateway["br1"].Ipv6 = true;
        gateway["vxlan1"].VxlanLearning = true;
        gateway["vrrp4-2"].Up = false;

        Assert.Equal(
            [Severity.Error, Severity.Warning, Severity.Advice], GatewayCheck.Run(gateway.Build()).Select(finding => finding.Severity));
    }

    [Fact]
    public void Names_with_characters_of_the_shell_are_quoted()
    {
        var gateway = new TestGateway("1-2");
        gateway["br1"].Name = "a;1$(b)";
        gateway["br2"].Name = "it's2";
        gateway["a;1$(b)"].Up = gateway["it's2"].Up = false;

        Assert.Equal(
            ["ip link set 'a;'1'$(b)' up", @"ip link set 'it'\''s'2'' up"],
            GatewayCheck.Run(gateway.Build()).Select(finding => finding.Mend));
    }

    [Theory]
    [InlineData("veth5", 5, "veth<VNI>")]
    [InlineData("veth55", 5, "veth55")]
    [InlineData("v5-veth55", 5, "v<VNI>-veth55")]
    [InlineData("5eth5", 5, "5eth<VNI>")]
    [InlineData("5", 5, "<VNI>")]
    [InlineData("eth0.300", 300, "eth0.<VNI>")]
    [InlineData("eth0", 300, "eth0")]
    [InlineData("", 1, "")]
    public void The_last_number_that_is_the_VNI_stands_for_it(string name, uint vni, string text) =>
        Assert.Equal(text, VniTemplate.ToText(VniTemplate.OfName(name, new Vni(vni)), null));

    [Fact]
    public void Millions_of_VNIs_without_interfaces_are_one_line()
    {
        var gateway = new TestGateway("") { Vnis = "1-1000000" };

        Finding finding = Assert.Single(GatewayCheck.Run(gateway.Build()));
        Assert.Equal("1-1000000", finding.Vnis);
        Assert.StartsWith("for v in $(seq 1 1000000); do ip link add br$v up", finding.Mend, StringComparison.Ordinal);
    }

    /// <summary>What FRR 8.4.4 printed.</summary>
    [Fact]
    public void Virtual_routers_of_FRR_are_read()
    {
        var found = new Growing<VirtualRouterFacts>();
        VrrpdQuery.Read(Golden.Read("vrrp.json"), "site", ref found);
        Assert.Equal(
            [("veth5", 5, "vrrp4-5", "site"), ("veth5", 7, "", "site")],
            found.ToArray().Select(router => (router.Interface, router.RouterId, router.Macvlan, router.PathSpace)));
    }

    [Fact]
    public void Answers_of_FRR_that_are_cut_off_never_throw()
    {
        string whole = Golden.Read("vrrp.json");
        for (int length = 0; length < whole.Length; length++)
        {
            var found = new Growing<VirtualRouterFacts>();
            VrrpdQuery.Read(whole[..length], "", ref found);
            Assert.True(found.ToArray().Length <= 2);
        }
    }

    /// <summary>The kernel cuts names off.</summary>
    [Theory]
    [InlineData("wmgwd2", "/usr/sbin/wmgwd2", true)]
    [InlineData("wmgwd2", "/usr/bin/other", true)]
    [InlineData("wmgwd2-of-the-t", "/opt/wmgwd2-of-the-test-lab", true)]
    [InlineData("wmgwd2-of-the", "/opt/wmgwd2-of-the-test-lab", false)]
    [InlineData("dnsmasq", "/usr/sbin/wmgwd2", false)]
    [InlineData("", "wmgwd2", false)]
    [InlineData("", "/opt/", false)]
    public void Daemons_are_known_by_their_name(string name, string program, bool daemon) =>
        Assert.Equal(daemon, new PortUserFacts(default, 43, name).IsDaemon(program));

    [Fact]
    public void Macvlans_of_other_VNIs_are_one_line()
    {
        var gateway = new TestGateway("1-9") { Vnis = "4,6" };
        foreach (TestLink link in gateway.Links.Where(link => link.Kind == LinkKind.Macvlan && link.Name is not "vrrp4-9"))
        {
            (link.Protodown, link.Carrier, gateway.Daemon) = (false, true, DaemonPlace.Here);
        }

        Assert.Equal(
            "warning stray [1-3,5,7-8] vrrp4-<VNI> is up, and the VNI is none of those that are configured "
                + "=> for v in $(seq 1 3) 5 7 8; do ip link set vrrp4-$v protodown on; done",
            Describe(Assert.Single(GatewayCheck.Run(gateway.Build()))));
    }

    private static void AddStray(TestGateway gateway, bool up)
    {
        gateway.AddChain(300);
        (gateway["vrrp4-300"].Protodown, gateway["vrrp4-300"].Carrier) = (!up, up);
    }

    internal static string Describe(Finding finding) =>
        $"{finding.SeverityName} {finding.Check} {(finding.Vnis.Length == 0 ? "" : $"[{finding.Vnis}] ")}{finding.What} => {finding.Mend}";

    private static string Vxlan(string vni) =>
        $"ip link add vxlan{vni} master br{vni} up type vxlan id {vni} local 10.0.1.11 dstport 4789 nolearning";

    private static string Chain(string vni, string lowestByte) =>
        $"ip link add br{vni} up type bridge; {Vxlan(vni)}; ip link add vethbr{vni} master br{vni} up type veth peer name veth{vni}; "
            + Macvlan(vni, lowestByte);

    private static string Macvlan(string vni, string lowestByte) =>
        $"ip link set veth{vni} up; ip link add link veth{vni} name vrrp4-{vni} address 00:00:5e:00:01:{lowestByte} type macvlan mode bridge; "
            + $"ip link set vrrp4-{vni} protodown on; ip addr add ADDRESS/PREFIX dev vrrp4-{vni}; ip link set vrrp4-{vni} up";
}
