using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Check;
using Wmgwd2.Core;
using Wmgwd2.Tests.Status;

namespace Wmgwd2.Tests.Check;

/// <summary>A link to be checked, in whatever state.</summary>
internal sealed class TestLink
{
    public required string Name { get; set; }

    public required int Ifindex { get; init; }

    public required LinkKind Kind { get; set; }

    public int Lower { get; set; }

    public int Master { get; set; }

    public bool Up { get; set; } = true;

    public bool Carrier { get; set; } = true;

    public bool Protodown { get; set; }

    public uint Reasons { get; set; }

    public ulong Mac { get; set; } = 0x020000000001;

    public int Mtu { get; set; } = 1500;

    public bool Ipv6 { get; set; }

    public MacvlanMode Mode { get; set; }

    public uint VxlanId { get; set; }

    public string VxlanLocal { get; set; } = "10.0.1.11";

    public int VxlanLink { get; set; }

    public ushort VxlanPort { get; set; } = 4789;

    public bool VxlanLearning { get; set; }

    public bool VxlanExternal { get; set; }

    public bool VxlanOverIpv6 { get; set; }

    public uint Ageing { get; set; } = 30000;

    public int Forwarding { get; set; } = 1;

    public int RpFilter { get; set; }

    public int ArpIgnore { get; set; }

    public int ArpAnnounce { get; set; }

    public int IgnoreLinkdown { get; set; }

    public LinkFacts Build() => new(
        Name,
        new LinkState(
            Ifindex, Lower,
            (Up ? LinkConditions.AdministrativelyUp : 0) | (Carrier ? LinkConditions.LowerUp | LinkConditions.OperationallyUp : 0)
                | (Protodown ? LinkConditions.Protodown : 0),
            Mac, Reasons),
        new LinkDetails
        {
            Kind = Kind,
            Master = Master,
            Mtu = Mtu,
            Mode = Mode,
            AgeingTime = Ageing,
            Ipv6On = Ipv6,
            Vxlan = new VxlanDetails
            {
                Id = VxlanId,
                Local = TestGateway.Parse(VxlanLocal),
                Link = VxlanLink,
                Port = VxlanPort,
                Learning = VxlanLearning,
                External = VxlanExternal,
                OverIpv6 = VxlanOverIpv6,
            },
            Ipv4 = new Ipv4Switches
            {
                Forwarding = Forwarding,
                RpFilter = RpFilter,
                ArpAnnounce = ArpAnnounce,
                ArpIgnore = ArpIgnore,
                IgnoreLinkdown = IgnoreLinkdown,
            },
        });
}

/// <summary>A gateway to be checked: as README.md says, until a test breaks something.</summary>
internal sealed class TestGateway
{
    public const int Fabric = 2;

    /// <param name="vnis">The VNIs that have the whole chain.</param>
    public TestGateway(string vnis = "5")
    {
        Vnis = vnis;
        Links.Add(new TestLink { Name = "lo", Ifindex = 1, Kind = LinkKind.Other, Mtu = 65536 });
        Links.Add(new TestLink { Name = "fabric", Ifindex = Fabric, Kind = LinkKind.Other, Mtu = 1550 });
        Addresses.Add((Fabric, "10.0.1.11", 24, "10.0.1.255"));
        VniSet? set = vnis.Length == 0 ? null : Snapshots.Vnis(vnis);
        for (int i = 0; i < set?.Count; i++)
        {
            AddChain(set[i].Value);
        }
    }

    public string Vnis { get; set; }

    public string Pattern { get; set; } = "vrrp4-%d";

    public string Broadcast { get; set; } = "10.0.1.255";

    public string? BindInterface { get; set; }

    public string[] TrackInterfaces { get; set; } = [];

    public int ArpIntervalSeconds { get; set; } = 60;

    public string? ConfigFile { get; set; } = "/etc/wmgwd2.conf";

    public string ControlSocket { get; set; } = "/run/wmgwd2.sock";

    public string[] MissingCapabilities { get; set; } = [];

    public UserState UserState { get; set; }

    public bool MemoryNotLockable { get; set; }

    public UidState Uid { get; set; }

    public bool VnisAreDefaults { get; set; }

    public DaemonPlace Daemon { get; set; }

    public int DaemonProcess { get; set; }

    public bool HasControlFolder { get; set; } = true;

    public bool HasSysctls { get; set; } = true;

    public int IpForward { get; set; } = 1;

    public Ipv4Switches All { get; set; } = new() { ArpIgnore = 1, ArpAnnounce = 2, IgnoreLinkdown = 1, Forwarding = 1 };

    public Ipv4Switches Default { get; set; }

    public List<TestLink> Links { get; } = [];

    public List<(int Ifindex, string Address, int PrefixLength, string Broadcast)> Addresses { get; } = [];

    public HashSet<int> Ipv6Users { get; } = [];

    public HashSet<int> NotLearnedFrom { get; } = [];

    public List<PortUserFacts> PortUsers { get; } = [];

    public List<VirtualRouterFacts> VirtualRouters { get; } = [];

    /// <summary>The link of a name.</summary>
    public TestLink this[string name] => Links.Single(link => link.Name == name);

    public static Ipv4Address Parse(string text) =>
        Ipv4Address.TryParse(text, out Ipv4Address address) ? address : throw new ArgumentException(text, nameof(text));

    /// <summary>Removes a link.</summary>
    public void Remove(string name) => Links.Remove(this[name]);

    /// <summary>Adds the chain of a VNI as it is before the daemon starts.</summary>
    public void AddChain(uint vni)
    {
        int first = 10 * (int)vni;
        Links.Add(new TestLink { Name = $"br{vni}", Ifindex = first, Kind = LinkKind.Bridge });
        Links.Add(new TestLink { Name = $"vxlan{vni}", Ifindex = first + 1, Kind = LinkKind.Vxlan, Master = first, VxlanId = vni });
        Links.Add(new TestLink { Name = $"vethbr{vni}", Ifindex = first + 2, Kind = LinkKind.Veth, Master = first, Lower = first + 3 });
        Links.Add(new TestLink { Name = $"veth{vni}", Ifindex = first + 3, Kind = LinkKind.Veth, Lower = first + 2 });
        Links.Add(new TestLink
        {
            Name = $"vrrp4-{vni}",
            Ifindex = first + 4,
            Kind = LinkKind.Macvlan,
            Lower = first + 3,
            Mode = MacvlanMode.Bridge,
            Mac = 0x00005e000100 + (vni & 255),
            Protodown = true,
            Carrier = false,
        });
        Addresses.Add((first + 4, $"10.64.{vni % 256}.1", 24, "0.0.0.0"));
    }

    public GatewayFacts Build() => new()
    {
        Program = "/usr/sbin/wmgwd2",
        ConfigFile = ConfigFile,
        VnisAreDefaults = VnisAreDefaults,
        Vnis = Snapshots.Vnis(Vnis),
        Pattern = InterfacePattern.TryParse(Pattern)!,
        Broadcast = Parse(Broadcast),
        Port = 3000,
        BindInterface = BindInterface,
        TrackInterfaces = TrackInterfaces,
        ArpInterval = TimeSpan.FromSeconds(ArpIntervalSeconds),
        User = "gateway",
        UidFile = "/var/lib/wmgwd2/uid",
        ControlSocket = ControlSocket,
        NeededCapabilities = ["CAP_NET_ADMIN", "CAP_NET_RAW"],
        MissingCapabilities = MissingCapabilities,
        UserState = UserState,
        MemoryNotLockable = MemoryNotLockable,
        Uid = Uid,
        Daemon = Daemon,
        DaemonProcess = DaemonProcess,
        HasControlFolder = HasControlFolder,
        Links = [.. Links.Select(link => link.Build())],
        Addresses = [.. Addresses.Select(each =>
            new AddressFacts(each.Ifindex, Parse(each.Address), each.PrefixLength, Parse(each.Broadcast)))],
        Ipv6Users = Ipv6Users,
        NotLearnedFrom = NotLearnedFrom,
        HasSysctls = HasSysctls,
        IpForward = IpForward,
        All = All,
        Default = Default,
        PortUsers = [.. PortUsers],
        VirtualRouters = [.. VirtualRouters],
    };
}
