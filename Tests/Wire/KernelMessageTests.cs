using System;
using System.Collections.Generic;
using System.Text;
using Wmgwd2.Core;
using Wmgwd2.Wire;
using Xunit;
using static Wmgwd2.Core.LinkConditions;

namespace Wmgwd2.Tests.Wire;

public sealed class KernelMessageTests
{
    private const byte Unspecified = 0;
    private const byte Bridge = 7;
    private const ulong Macvlan = 0x00005e000107;
    private const ulong Veth = 0x020000000704;
    private const ulong Port = 0x020000000703;
    private const LinkConditions Operational = AdministrativelyUp | LowerUp | OperationallyUp;

    public static TheoryData<string, NetlinkMessageType, byte, string, LinkState> Links() => new()
    {
        { "newlink-added", NetlinkMessageType.NewLink, Unspecified, "vrrp4-7", new(5, 4, None, Macvlan, 0) },
        {
            "newlink-protodown", NetlinkMessageType.NewLink, Unspecified, "vrrp4-7",
            new(5, 4, AdministrativelyUp | Protodown, Macvlan, 0)
        },
        { "newlink-operational", NetlinkMessageType.NewLink, Unspecified, "vrrp4-7", new(5, 4, Operational, Macvlan, 0) },
        {
            "newlink-reason", NetlinkMessageType.NewLink, Unspecified, "vrrp4-7",
            new(5, 4, AdministrativelyUp | Protodown, Macvlan, 1 << 7)
        },
        {
            "link-answer", NetlinkMessageType.NewLink, Unspecified, "vrrp4-7",
            new(5, 4, AdministrativelyUp | Protodown, Macvlan, 1 << 7)
        },
        {
            "newlink-lower-down", NetlinkMessageType.NewLink, Unspecified, "vrrp4-7",
            new(5, 4, AdministrativelyUp, Macvlan, 0)
        },
        { "newlink-lower-elsewhere", NetlinkMessageType.NewLink, Unspecified, "vrrp4-8", new(2, 0, None, Macvlan + 1, 0) },
        { "newlink-veth", NetlinkMessageType.NewLink, Unspecified, "lower7", new(4, 3, Operational, Veth, 0) },
        { "newlink-bridge", NetlinkMessageType.NewLink, Bridge, "port7", new(3, 4, Operational, Port, 0) },
        { "dellink-bridge", NetlinkMessageType.DelLink, Bridge, "port7", new(3, 4, Operational, Port, 0) },
        { "dellink", NetlinkMessageType.DelLink, Unspecified, "vrrp4-7", new(5, 4, None, Macvlan, 0) },
    };

    [Theory]
    [MemberData(nameof(Links))]
    public void Link_message_says(string golden, NetlinkMessageType type, byte family, string name, LinkState state)
    {
        NetlinkMessage message = ReadOne(golden);

        Assert.Equal(type, message.Type);
        Assert.Equal(WireError.None, LinkMessage.TryRead(message.Payload, out LinkMessage link));
        Assert.Equal((family, name, state), (link.Family, Encoding.ASCII.GetString(link.Name), link.State));
        Assert.False(link.Learning);
    }

    [Fact]
    public void A_port_that_is_learned_from_differs_in_one_byte()
    {
        byte[] payload = ReadOne("newlink-bridge").Payload.ToArray();
        int learning = payload.AsSpan().IndexOf((ReadOnlySpan<byte>)[5, 0, 8, 0, 0]) + 4; // IFLA_BRPORT_LEARNING, off.
        payload[learning] = 1;

        Assert.Equal(WireError.None, LinkMessage.TryRead(payload, out LinkMessage link));
        Assert.True(link.Learning);
    }

    [Theory]
    [InlineData("newaddr", NetlinkMessageType.NewAddress, 0x0a000701, 24, 0x0a0007ff)]
    [InlineData("newaddr-peer", NetlinkMessageType.NewAddress, 0x0a000801, 32, 0)]
    [InlineData("deladdr", NetlinkMessageType.DelAddress, 0x0a000701, 24, 0x0a0007ff)]
    public void Address_message_says_the_own_address(
        string golden, NetlinkMessageType type, uint address, byte prefixLength, uint broadcast)
    {
        NetlinkMessage message = ReadOne(golden);

        Assert.Equal(type, message.Type);
        Assert.Equal(WireError.None, AddressMessage.TryRead(message.Payload, out AddressMessage said));
        Assert.Equal(
            new AddressMessage(5, AddressMessage.Ipv4, new Ipv4Address(address), prefixLength, new Ipv4Address(broadcast)), said);
    }

    [Theory]
    [InlineData("error-blocked", 16, "Cannot clear protodown, active reasons")]
    [InlineData("error-blocked-capped", 16, "Cannot clear protodown, active reasons")]
    [InlineData("error-blocked-plain", 16, "")]
    [InlineData("error-no-device", 19, "")]
    [InlineData("error-acknowledged", 0, "")]
    [InlineData("done", 0, "")]
    public void Answer_says_errno_and_text(string golden, int errno, string text)
    {
        NetlinkMessage message = ReadOne(golden);

        Assert.Equal(golden == "done" ? NetlinkMessageType.Done : NetlinkMessageType.Error, message.Type);
        Assert.Equal(0x01020304u, message.Sequence);
        Assert.Equal(WireError.None, NetlinkError.TryRead(message, out NetlinkError error));
        Assert.Equal((errno, text), (error.Errno, Encoding.ASCII.GetString(error.Text)));
    }

    [Fact]
    public void Dump_is_read_to_its_end()
    {
        var names = new List<string>();
        var types = new HashSet<NetlinkMessageType>();
        var reader = new NetlinkReader(Golden.Read("dump-links"));
        while (reader.TryRead(out NetlinkMessage message))
        {
            Assert.True(message.Flags.HasFlag(NetlinkFlags.Multi));
            types.Add(message.Type);
            if (message.Type == NetlinkMessageType.NewLink)
            {
                Assert.Equal(WireError.None, LinkMessage.TryRead(message.Payload, out LinkMessage link));
                names.Add(Encoding.ASCII.GetString(link.Name));
            }
        }

        Assert.Equal(WireError.None, reader.Error);
        Assert.Equal(["lo", "br0", "port7", "lower7", "vrrp4-7"], names);
        Assert.Equal([NetlinkMessageType.NewLink, NetlinkMessageType.Done], types);
    }

    private static NetlinkMessage ReadOne(string golden)
    {
        var reader = new NetlinkReader(Golden.Read(golden));
        Assert.True(reader.TryRead(out NetlinkMessage message));
        Assert.False(reader.TryRead(out _));
        Assert.Equal(WireError.None, reader.Error);
        return message;
    }
}
