using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wmgwd2.Core;
using Wmgwd2.Interop;
using Wmgwd2.Io;
using Wmgwd2.Wire;
using Xunit;

namespace Wmgwd2.Tests.Interop;

/// <summary>
/// Every struct, field, constant and enum member that crosses to the kernel, against the C headers. Reflection finds them:
/// one that is new is compared under its own name (Interop) or fails until it has one here (Wire).
/// </summary>
public sealed class InteropTests
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly string[] Headers =
    [
        "stddef.h", "dirent.h", "errno.h", "fcntl.h", "grp.h", "poll.h", "sched.h", "signal.h", "time.h", "unistd.h", "netinet/ip.h", "sys/epoll.h", "sys/eventfd.h", "sys/inotify.h", "sys/ioctl.h", "sys/mman.h", "sys/prctl.h",
        "sys/resource.h", "sys/socket.h",
        "sys/stat.h", "sys/timerfd.h", "sys/uio.h", "linux/capability.h", "linux/if.h", "linux/if_addr.h", "linux/if_arp.h", "linux/if_ether.h", "linux/if_link.h",
        "linux/if_packet.h", "linux/netlink.h", "linux/rtnetlink.h", "linux/un.h",
    ];

    /// <summary>Structs that C has under another name: epoll_event is packed on x64 alone.</summary>
    private static readonly Dictionary<Type, string> StructNames = new()
    {
        [typeof(NetworkUInt16)] = "__be16",
        [typeof(sigset_t)] = "sigset_t",
        [Packed ? typeof(epoll_event_packed) : typeof(epoll_event_aligned)] = "struct epoll_event",
    };

    private static readonly Type OtherEpollEvent = Packed ? typeof(epoll_event_aligned) : typeof(epoll_event_packed);

    /// <summary>The C field that an enum's value stands in; it gives the width.</summary>
    private static readonly Dictionary<Type, string> EnumFields = new()
    {
        [typeof(NetlinkMessageType)] = "((struct nlmsghdr *)0)->nlmsg_type",
        [typeof(NetlinkFlags)] = "((struct nlmsghdr *)0)->nlmsg_flags",
        [typeof(LinkAttribute)] = "((struct nlattr *)0)->nla_type",
        [typeof(PortAttribute)] = "((struct nlattr *)0)->nla_type",
        [typeof(LinkInformationAttribute)] = "((struct nlattr *)0)->nla_type",
        [typeof(MacvlanAttribute)] = "((struct nlattr *)0)->nla_type",
        [typeof(BridgeAttribute)] = "((struct nlattr *)0)->nla_type",
        [typeof(VxlanAttribute)] = "((struct nlattr *)0)->nla_type",
        [typeof(Ipv4LinkAttribute)] = "((struct nlattr *)0)->nla_type",
        [typeof(Ipv6LinkAttribute)] = "((struct nlattr *)0)->nla_type",
        [typeof(ProtodownReasonAttribute)] = "((struct nlattr *)0)->nla_type",
        [typeof(AddressAttribute)] = "((struct nlattr *)0)->nla_type",
        [typeof(ErrorAttribute)] = "((struct nlattr *)0)->nla_type",
        [typeof(LinkFlags)] = "((struct ifinfomsg *)0)->ifi_flags",
        [typeof(OperationalState)] = "(__u8)0",
        [typeof(ArpOperation)] = "((struct arphdr *)0)->ar_op",
    };

    private static readonly Dictionary<Enum, string> MemberNames = new()
    {
        [NetlinkMessageType.Noop] = "NLMSG_NOOP",
        [NetlinkMessageType.Error] = "NLMSG_ERROR",
        [NetlinkMessageType.Done] = "NLMSG_DONE",
        [NetlinkMessageType.Overrun] = "NLMSG_OVERRUN",
        [NetlinkMessageType.NewLink] = "RTM_NEWLINK",
        [NetlinkMessageType.DelLink] = "RTM_DELLINK",
        [NetlinkMessageType.GetLink] = "RTM_GETLINK",
        [NetlinkMessageType.SetLink] = "RTM_SETLINK",
        [NetlinkMessageType.NewAddress] = "RTM_NEWADDR",
        [NetlinkMessageType.DelAddress] = "RTM_DELADDR",
        [NetlinkMessageType.GetAddress] = "RTM_GETADDR",
        [NetlinkFlags.None] = "0",
        [NetlinkFlags.Request] = "NLM_F_REQUEST",
        [NetlinkFlags.Multi] = "NLM_F_MULTI",
        [NetlinkFlags.Acknowledge] = "NLM_F_ACK",
        [NetlinkFlags.DumpInterrupted] = "NLM_F_DUMP_INTR",
        [NetlinkFlags.Capped] = "NLM_F_CAPPED",
        [NetlinkFlags.AcknowledgeAttributes] = "NLM_F_ACK_TLVS",
        [NetlinkFlags.Dump] = "NLM_F_DUMP",
        [LinkAttribute.Address] = "IFLA_ADDRESS",
        [LinkAttribute.Name] = "IFLA_IFNAME",
        [LinkAttribute.Link] = "IFLA_LINK",
        [LinkAttribute.OperationalState] = "IFLA_OPERSTATE",
        [LinkAttribute.ExtendedMask] = "IFLA_EXT_MASK",
        [LinkAttribute.LinkNamespace] = "IFLA_LINK_NETNSID",
        [LinkAttribute.Protodown] = "IFLA_PROTO_DOWN",
        [LinkAttribute.ProtodownReason] = "IFLA_PROTO_DOWN_REASON",
        [LinkAttribute.PortInformation] = "IFLA_PROTINFO",
        [LinkAttribute.Mtu] = "IFLA_MTU",
        [LinkAttribute.Master] = "IFLA_MASTER",
        [LinkAttribute.Information] = "IFLA_LINKINFO",
        [LinkAttribute.FamilySettings] = "IFLA_AF_SPEC",
        [LinkInformationAttribute.Kind] = "IFLA_INFO_KIND",
        [LinkInformationAttribute.Data] = "IFLA_INFO_DATA",
        [LinkInformationAttribute.MasterKind] = "IFLA_INFO_SLAVE_KIND",
        [LinkInformationAttribute.PortData] = "IFLA_INFO_SLAVE_DATA",
        [MacvlanAttribute.Mode] = "IFLA_MACVLAN_MODE",
        [BridgeAttribute.AgeingTime] = "IFLA_BR_AGEING_TIME",
        [VxlanAttribute.Id] = "IFLA_VXLAN_ID",
        [VxlanAttribute.Link] = "IFLA_VXLAN_LINK",
        [VxlanAttribute.Local] = "IFLA_VXLAN_LOCAL",
        [VxlanAttribute.Learning] = "IFLA_VXLAN_LEARNING",
        [VxlanAttribute.Port] = "IFLA_VXLAN_PORT",
        [VxlanAttribute.Local6] = "IFLA_VXLAN_LOCAL6",
        [VxlanAttribute.CollectMetadata] = "IFLA_VXLAN_COLLECT_METADATA",
        [Ipv4LinkAttribute.Settings] = "IFLA_INET_CONF",
        [Ipv6LinkAttribute.Settings] = "IFLA_INET6_CONF",
        [PortAttribute.Learning] = "IFLA_BRPORT_LEARNING",
        [PortAttribute.Flush] = "IFLA_BRPORT_FLUSH",
        [ProtodownReasonAttribute.Mask] = "IFLA_PROTO_DOWN_REASON_MASK",
        [ProtodownReasonAttribute.Value] = "IFLA_PROTO_DOWN_REASON_VALUE",
        [AddressAttribute.Address] = "IFA_ADDRESS",
        [AddressAttribute.Local] = "IFA_LOCAL",
        [AddressAttribute.Broadcast] = "IFA_BROADCAST",
        [ErrorAttribute.Message] = "NLMSGERR_ATTR_MSG",
        [LinkFlags.None] = "0",
        [LinkFlags.Up] = "IFF_UP",
        [LinkFlags.LowerUp] = "IFF_LOWER_UP",
        [OperationalState.Unknown] = "IF_OPER_UNKNOWN",
        [OperationalState.Down] = "IF_OPER_DOWN",
        [OperationalState.LowerLayerDown] = "IF_OPER_LOWERLAYERDOWN",
        [OperationalState.Up] = "IF_OPER_UP",
        [ArpOperation.Request] = "ARPOP_REQUEST",
        [ArpOperation.Reply] = "ARPOP_REPLY",
    };

    private static bool Packed => RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;

    private static IEnumerable<Type> Structs => typeof(Libc).Assembly.GetTypes()
        .Where(type => type.Namespace == typeof(Libc).Namespace && type.IsValueType && !type.IsEnum
            && !type.IsDefined(typeof(CompilerGeneratedAttribute)));

    private static IEnumerable<FieldInfo> Constants => typeof(Libc).Assembly.GetTypes()
        .Where(type => type.Namespace == typeof(Libc).Namespace)
        .SelectMany(type => type.GetFields(All))
        .Where(constant => constant.IsLiteral && constant.FieldType != typeof(string));

    // WireError and HandoverKind are this program's own.
    private static IEnumerable<Type> Enums => typeof(NetlinkMessageType).Assembly.GetTypes()
        .Where(type => type.Namespace == typeof(NetlinkMessageType).Namespace && type.IsEnum
            && type != typeof(WireError) && type != typeof(HandoverKind));

    [Fact]
    public void C_compiler_agrees()
    {
        Check[] checks =
        [
            .. Structs.Where(type => type != OtherEpollEvent).SelectMany(CheckStruct),
            .. Constants.Select(constant => new Check(constant.Name, ToLong(constant.GetRawConstantValue()!))),
            .. MemberNames.Select(member => new Check(member.Value, ToLong(member.Key))),
            .. EnumFields.Select(field => new Check($"sizeof({field.Value})", SizeOf(field.Key.GetEnumUnderlyingType()))),
            new("ETH_P_ARP", GratuitousArp.EtherType),
            new("sizeof(struct ethhdr) + sizeof(struct arphdr) + 2 * (ETH_ALEN + 4)", GratuitousArp.Length),
            new("AF_INET", AddressMessage.Ipv4),
            new("sizeof(struct nlmsghdr)", NetlinkWriter.HeaderLength),
            new("sizeof(struct nlattr)", NetlinkWriter.AttributeHeaderLength),
            new("sizeof(struct ifinfomsg)", LinkMessage.HeaderLength),
            new("sizeof(struct ifaddrmsg)", AddressMessage.HeaderLength),
            new("AF_BRIDGE", LinkMessage.Bridge),
            new("NLA_F_NESTED", NetlinkWriter.Nested),
            new("IFNAMSIZ - 1", InterfacePattern.MaximumNameLength),
            new("RTEXT_FILTER_SKIP_STATS", PrivateConstant(typeof(LinkMessage), "SkipStatistics")),
            new("IPTOS_CLASS_CS6", PrivateConstant(typeof(AdvertisementSocket), "NetworkControl")),
        ];
        Dictionary<string, long> told = CCompiler.Evaluate(Headers, checks.Select(check => check.Expression));

        Assert.True(checks.Length > 120, "Reflection found hardly anything.");
        Assert.Equal([], checks
            .Where(check => told[check.Expression] != check.Value)
            .Select(check => $"{check.Expression} is {told[check.Expression]}, not {check.Value}"));
    }

    [Fact]
    public void Every_enum_member_has_its_name_in_C()
    {
        IEnumerable<Enum> members = Enums.SelectMany(type => Enum.GetValuesAsUnderlyingType(type).Cast<object>()
            .Select(value => (Enum)Enum.ToObject(type, value)));
        Assert.Equal(members.ToHashSet(), MemberNames.Keys.ToHashSet());
        Assert.Equal(Enums.ToHashSet(), EnumFields.Keys.ToHashSet());
    }

    [Fact]
    public void No_struct_has_padding_that_it_does_not_name() =>
        Assert.Equal([], Structs.Where(HasUnnamedPadding).Select(type => type.Name));

    private static bool HasUnnamedPadding(Type type)
    {
        int end = 0;
        foreach (FieldInfo field in Fields(type))
        {
            if (Marshal.OffsetOf(type, field.Name) != end)
            {
                return true;
            }

            end += SizeOf(field.FieldType);
        }

        // Where the size is given, the fields that nobody reads are left out.
        return type.StructLayoutAttribute!.Size == 0 && end != SizeOf(type);
    }

    private static IEnumerable<Check> CheckStruct(Type type)
    {
        string name = StructNames.GetValueOrDefault(type, $"struct {type.Name}");
        return Fields(type)
            .Where(field => field.IsPublic)
            .SelectMany(field => new Check[]
            {
                new($"offsetof({name}, {field.Name})", Marshal.OffsetOf(type, field.Name)),
                new($"sizeof((({name} *)0)->{field.Name})", SizeOf(field.FieldType)),
            })
            .Prepend(new Check($"sizeof({name})", SizeOf(type)));
    }

    private static FieldInfo[] Fields(Type type) => [.. type.GetFields(All).Where(field => !field.IsStatic)];

    private static int SizeOf(Type type) => type.IsPointer ? IntPtr.Size : Marshal.SizeOf(type);

    private static long PrivateConstant(Type type, string name) => ToLong(type.GetField(name, All)!.GetRawConstantValue()!);

    // C's ~0UL is -1 among the numbers that the compiler prints.
    private static long ToLong(object value) => value is ulong unsigned ? unchecked((long)unsigned) :
        Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A C expression and the value that it has here.</summary>
    private sealed record Check(string Expression, long Value);
}
