using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Wmgwd2.Core;
using Wmgwd2.Tests.Interop;
using Wmgwd2.Wire;
using Xunit;

namespace Wmgwd2.Tests.Wire;

/// <summary>What a check reads out of links. The same goldens are cut and mutated by <see cref="HostileMessageTests"/>.</summary>
public sealed class LinkInformationTests
{
    [Fact]
    public void Chain_is_read()
    {
        Dictionary<string, (int Ifindex, LinkDetails Details)> links = Read("dump-chain");
        Assert.Equal(["br5", "vxlan5", "veth5", "vethbr5", "vrrp4-5", "vxlan0"], links.Keys);
        Assert.Equal(
            [LinkKind.Bridge, LinkKind.Vxlan, LinkKind.Veth, LinkKind.Veth, LinkKind.Macvlan, LinkKind.Vxlan],
            links.Values.Select(link => link.Details.Kind));
        int bridge = links["br5"].Ifindex;
        Assert.Equal([0, bridge, 0, bridge, 0, 0], links.Values.Select(link => link.Details.Master));
        Assert.Equal([1500, 1500, 1500, 1500, 1400, 1500], links.Values.Select(link => link.Details.Mtu));
        Assert.Equal([true, true, false, true, true, true], links.Values.Select(link => link.Details.Ipv6On));

        Assert.DoesNotContain(links.Values, link => link.Details.NotLearnedFrom);
        Assert.Equal(12000u, links["br5"].Details.AgeingTime);
        Assert.Equal(MacvlanMode.Private, links["vrrp4-5"].Details.Mode);
        VxlanDetails vxlan = links["vxlan5"].Details.Vxlan;
        Assert.Equal((5u, "10.0.1.11", (ushort)4789, 0), (vxlan.Id, vxlan.Local.ToString(), vxlan.Port, vxlan.Link));
        Assert.Equal((false, false, false), (vxlan.Learning, vxlan.External, vxlan.OverIpv6));
        VxlanDetails external = links["vxlan0"].Details.Vxlan;
        Assert.Equal((false, true, (ushort)4790), (external.Learning, external.External, external.Port));
    }

    [Fact]
    public void Sysctls_of_a_link_are_read()
    {
        Dictionary<string, (int Ifindex, LinkDetails Details)> links = Read("dump-chain");
        Assert.Equal((1, 2, 2, 1, 1), Values(links["vrrp4-5"].Details.Ipv4));
        Assert.Equal((0, 1, 0, 0, 0), Values(links["veth5"].Details.Ipv4));
    }

    /// <summary>What follows struct ifinfomsg, in hex, and the reader's verdict.</summary>
    [Theory]
    [InlineData("", WireError.None)]
    [InlineData("0800 0400 dc050000", WireError.None)]
    [InlineData("0600 0400 dc05 0000", WireError.BadValueSize)] // An MTU of two bytes.
    [InlineData("0800 0400 ffffffff", WireError.Incomplete)] // A negative one.
    [InlineData("0800 0a00 ffffffff", WireError.Incomplete)] // A negative ifindex.
    [InlineData("0700 0a00 010000 00", WireError.BadValueSize)]
    [InlineData("0800 1200 0900 0100", WireError.BadLength)] // A kind that is longer than what is left.
    [InlineData("0600 1200 0400 0000", WireError.Truncated)] // Half a nested header.
    [InlineData("1400 1200 0a00 0100 6272 6964 6765 0000 0400 0200", WireError.None)] // A bridge without data.
    [InlineData("1800 1200 0a00 0100 6272 6964 6765 0000 0800 0200 0400 0400", WireError.BadValueSize)] // An empty ageing time.
    [InlineData("1800 1200 0900 0100 7678 6c61 6e00 0000 0800 0200 0500 0100", WireError.BadLength)] // A VNI that is cut off.
    [InlineData("1800 1200 0900 0100 7678 6c61 6e00 0000 0800 0200 0400 0f00", WireError.BadValueSize)] // A port without a value.
    [InlineData("1a00 1200 0b00 0400 6272 6964 6765 0000 0a00 0500 0600 0800 0000", WireError.BadValueSize)] // A port's learning, of two bytes.
    [InlineData("1800 1200 0b00 0400 6272 6964 6765 0000 0800 0500 0500 0800", WireError.BadLength)] // One that is cut off.
    [InlineData("0c00 1a00 0800 0200 0500 0100", WireError.BadLength)] // Sysctls that are cut off.
    [InlineData("0c00 1a00 0800 0200 0400 0100", WireError.None)] // None at all: of an old kernel.
    [InlineData("0c00 1a00 0800 6300 ffff ffff", WireError.BadLength)] // Of a family that isn't known.
    public void Attributes_are(string attributes, WireError verdict) =>
        Assert.Equal(verdict, LinkInformation.TryRead(Link(attributes), out _));

    [Fact]
    public void Kind_may_follow_what_is_of_that_kind()
    {
        // IFLA_INFO_DATA with IFLA_MACVLAN_MODE, then IFLA_INFO_KIND.
        byte[] payload = Link("1c00 1200 0c00 0200 0800 0100 0400 0000 0c00 0100 6d61 6376 6c61 6e00");
        Assert.Equal(WireError.None, LinkInformation.TryRead(payload, out LinkDetails details));
        Assert.Equal((LinkKind.Macvlan, MacvlanMode.Bridge), (details.Kind, details.Mode));
    }

    /// <summary>The kind of the master, in hex, and what its ports have.</summary>
    [Theory]
    [InlineData("6272 6964 6765", "0500 0800 0000 0000", true)]
    [InlineData("6272 6964 6765", "0500 0800 0100 0000", false)]
    [InlineData("6272 6964 6765", "0500 0900 0000 0000", false)] // The bridge floods unknown addresses to it, or doesn't.
    [InlineData("626f 6e64 0000", "0500 0800 0000 0000", false)] // A bond has something else there.
    public void Port_of_a_bridge_is_learned_from(string kind, string attribute, bool not)
    {
        byte[] payload = Link($"1c00 1200 0a00 0400 {kind} 0000 0c00 0500 {attribute}");
        Assert.Equal(WireError.None, LinkInformation.TryRead(payload, out LinkDetails details));
        Assert.Equal(not, details.NotLearnedFrom);
    }

    [Fact]
    public void Ipv6_is_off_where_the_kernel_says_nothing_of_it()
    {
        Assert.Equal(WireError.None, LinkInformation.TryRead(Link("0800 0400 dc050000"), out LinkDetails details));
        Assert.False(details.Ipv6On);
    }

    /// <summary>Apart from the other headers, with which these don't go together.</summary>
    [Fact]
    public void C_compiler_agrees_on_sysctls_and_modes()
    {
        Check(
            "linux/ip.h", ("IPV4_DEVCONF_FORWARDING", LinkInformation.Ipv4Forwarding),
            ("IPV4_DEVCONF_RP_FILTER", LinkInformation.Ipv4RpFilter),
            ("IPV4_DEVCONF_ARP_ANNOUNCE", LinkInformation.Ipv4ArpAnnounce), ("IPV4_DEVCONF_ARP_IGNORE", LinkInformation.Ipv4ArpIgnore),
            ("IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN", LinkInformation.Ipv4IgnoreLinkdown));
        Check("linux/ipv6.h", ("DEVCONF_DISABLE_IPV6", LinkInformation.Ipv6Disabled));
        Check("sys/socket.h", ("AF_INET6", LinkInformation.Ipv6));
        Check(
            "linux/if_link.h", ("MACVLAN_MODE_PRIVATE", (long)MacvlanMode.Private), ("MACVLAN_MODE_VEPA", (long)MacvlanMode.Vepa),
            ("MACVLAN_MODE_BRIDGE", (long)MacvlanMode.Bridge), ("MACVLAN_MODE_PASSTHRU", (long)MacvlanMode.Passthru),
            ("MACVLAN_MODE_SOURCE", (long)MacvlanMode.Source));
    }

    private static void Check(string header, params (string Name, long Value)[] expected)
    {
        Dictionary<string, long> told = CCompiler.Evaluate([header], expected.Select(each => each.Name));
        Assert.All(expected, each => Assert.Equal(told[each.Name], each.Value));
    }

    private static (int Forwarding, int RpFilter, int ArpAnnounce, int ArpIgnore, int IgnoreLinkdown) Values(Ipv4Switches switches) =>
        (switches.Forwarding, switches.RpFilter, switches.ArpAnnounce, switches.ArpIgnore, switches.IgnoreLinkdown);

    private static Dictionary<string, (int Ifindex, LinkDetails Details)> Read(string golden)
    {
        var links = new Dictionary<string, (int, LinkDetails)>();
        var reader = new NetlinkReader(Golden.Read(golden));
        while (reader.TryRead(out NetlinkMessage message))
        {
            Assert.Equal(WireError.None, LinkMessage.TryRead(message.Payload, out LinkMessage link));
            Assert.Equal(WireError.None, LinkInformation.TryRead(link.Payload, out LinkDetails details));
            links.Add(Encoding.ASCII.GetString(link.Name), (link.State.Ifindex, details));
        }

        Assert.Equal(WireError.None, reader.Error);
        return links;
    }

    private static byte[] Link(string attributes) =>
        [.. new byte[16], .. Convert.FromHexString(attributes.Replace(" ", "", StringComparison.Ordinal))];
}
