using System;
using System.Linq;
using Wmgwd2.Wire;
using Xunit;

namespace Wmgwd2.Tests.Wire;

public sealed class NetlinkRequestTests
{
    private const uint Sequence = 0x01020304;
    private const int Ifindex = 5;

    /// <summary>Every request that this program makes: the writer, and the bytes.</summary>
    public static TheoryData<string, byte[]> Requests() => new()
    {
        {
            "protodown on",
            [
                40, 0, 0, 0, // nlmsg_len
                19, 0,       // nlmsg_type: RTM_SETLINK
                5, 0,        // nlmsg_flags: NLM_F_REQUEST | NLM_F_ACK
                4, 3, 2, 1,  // nlmsg_seq
                0, 0, 0, 0,  // nlmsg_pid
                0,           // ifi_family: AF_UNSPEC
                0,           // padding
                0, 0,        // ifi_type
                5, 0, 0, 0,  // ifi_index
                0, 0, 0, 0,  // ifi_flags
                0, 0, 0, 0,  // ifi_change
                5, 0,        // nla_len
                39, 0,       // nla_type: IFLA_PROTO_DOWN
                1,           // on
                0, 0, 0,     // padding
            ]
        },
        {
            "protodown off",
            [
                40, 0, 0, 0, // nlmsg_len
                19, 0,       // nlmsg_type: RTM_SETLINK
                5, 0,        // nlmsg_flags: NLM_F_REQUEST | NLM_F_ACK
                4, 3, 2, 1,  // nlmsg_seq
                0, 0, 0, 0,  // nlmsg_pid
                0,           // ifi_family: AF_UNSPEC
                0,           // padding
                0, 0,        // ifi_type
                5, 0, 0, 0,  // ifi_index
                0, 0, 0, 0,  // ifi_flags
                0, 0, 0, 0,  // ifi_change
                5, 0,        // nla_len
                39, 0,       // nla_type: IFLA_PROTO_DOWN
                0,           // off
                0, 0, 0,     // padding
            ]
        },
        {
            "learning on", // As bridge of iproute2 6.1 sends it: bridge link set dev port7 learning on.
            [
                44, 0, 0, 0, // nlmsg_len
                19, 0,       // nlmsg_type: RTM_SETLINK
                5, 0,        // nlmsg_flags: NLM_F_REQUEST | NLM_F_ACK
                4, 3, 2, 1,  // nlmsg_seq
                0, 0, 0, 0,  // nlmsg_pid
                7,           // ifi_family: AF_BRIDGE
                0,           // padding
                0, 0,        // ifi_type
                5, 0, 0, 0,  // ifi_index
                0, 0, 0, 0,  // ifi_flags
                0, 0, 0, 0,  // ifi_change
                12, 0,       // nla_len
                12, 0x80,    // nla_type: IFLA_PROTINFO | NLA_F_NESTED
                5, 0,        // nla_len
                8, 0,        // nla_type: IFLA_BRPORT_LEARNING
                1,           // on
                0, 0, 0,     // padding
            ]
        },
        {
            "learning off",
            [
                48, 0, 0, 0, // nlmsg_len
                19, 0,       // nlmsg_type: RTM_SETLINK
                5, 0,        // nlmsg_flags: NLM_F_REQUEST | NLM_F_ACK
                4, 3, 2, 1,  // nlmsg_seq
                0, 0, 0, 0,  // nlmsg_pid
                7,           // ifi_family: AF_BRIDGE
                0,           // padding
                0, 0,        // ifi_type
                5, 0, 0, 0,  // ifi_index
                0, 0, 0, 0,  // ifi_flags
                0, 0, 0, 0,  // ifi_change
                16, 0,       // nla_len
                12, 0x80,    // nla_type: IFLA_PROTINFO | NLA_F_NESTED
                5, 0,        // nla_len
                8, 0,        // nla_type: IFLA_BRPORT_LEARNING
                0,           // off
                0, 0, 0,     // padding
                4, 0,        // nla_len
                24, 0,       // nla_type: IFLA_BRPORT_FLUSH
            ]
        },
        {
            "dump ports",
            [
                32, 0, 0, 0, // nlmsg_len
                18, 0,       // nlmsg_type: RTM_GETLINK
                1, 3,        // nlmsg_flags: NLM_F_REQUEST | NLM_F_DUMP
                4, 3, 2, 1,  // nlmsg_seq
                0, 0, 0, 0,  // nlmsg_pid
                7,           // ifi_family: AF_BRIDGE
                0,           // padding
                0, 0,        // ifi_type
                0, 0, 0, 0,  // ifi_index
                0, 0, 0, 0,  // ifi_flags
                0, 0, 0, 0,  // ifi_change
            ]
        },
        {
            "query link",
            [
                40, 0, 0, 0, // nlmsg_len
                18, 0,       // nlmsg_type: RTM_GETLINK
                1, 0,        // nlmsg_flags: NLM_F_REQUEST
                4, 3, 2, 1,  // nlmsg_seq
                0, 0, 0, 0,  // nlmsg_pid
                0,           // ifi_family: AF_UNSPEC
                0,           // padding
                0, 0,        // ifi_type
                5, 0, 0, 0,  // ifi_index
                0, 0, 0, 0,  // ifi_flags
                0, 0, 0, 0,  // ifi_change
                8, 0,        // nla_len
                29, 0,       // nla_type: IFLA_EXT_MASK
                8, 0, 0, 0,  // RTEXT_FILTER_SKIP_STATS
            ]
        },
        {
            "dump links",
            [
                40, 0, 0, 0, // nlmsg_len
                18, 0,       // nlmsg_type: RTM_GETLINK
                1, 3,        // nlmsg_flags: NLM_F_REQUEST | NLM_F_DUMP
                4, 3, 2, 1,  // nlmsg_seq
                0, 0, 0, 0,  // nlmsg_pid
                0,           // ifi_family: AF_UNSPEC
                0,           // padding
                0, 0,        // ifi_type
                0, 0, 0, 0,  // ifi_index
                0, 0, 0, 0,  // ifi_flags
                0, 0, 0, 0,  // ifi_change
                8, 0,        // nla_len
                29, 0,       // nla_type: IFLA_EXT_MASK
                8, 0, 0, 0,  // RTEXT_FILTER_SKIP_STATS
            ]
        },
        {
            "dump addresses",
            [
                24, 0, 0, 0, // nlmsg_len
                22, 0,       // nlmsg_type: RTM_GETADDR
                1, 3,        // nlmsg_flags: NLM_F_REQUEST | NLM_F_DUMP
                4, 3, 2, 1,  // nlmsg_seq
                0, 0, 0, 0,  // nlmsg_pid
                2,           // ifa_family: AF_INET
                0,           // ifa_prefixlen
                0,           // ifa_flags
                0,           // ifa_scope
                0, 0, 0, 0,  // ifa_index
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void Request_equals_the_golden_one_and_reads_back(string request, byte[] expected)
    {
        byte[] written = Write(request, Sequence, Ifindex);

        Assert.Equal(expected, written);
        var reader = new NetlinkReader(written);
        Assert.True(reader.TryRead(out NetlinkMessage message));
        Assert.Equal((NetlinkMessageType)BitConverter.ToUInt16(expected, 4), message.Type);
        Assert.Equal((NetlinkFlags)BitConverter.ToUInt16(expected, 6), message.Flags);
        Assert.Equal((Sequence, 0u), (message.Sequence, message.Port));
        Assert.Equal(expected[16..], message.Payload.ToArray());
        Assert.False(reader.TryRead(out _));
        Assert.Equal(WireError.None, reader.Error);
    }

    /// <summary>
    /// The bytes of <c>ip</c> are the same but for what the rows name: it changes a link with RTM_NEWLINK, which makes
    /// one where there is none; asks for all links in the family AF_PACKET; and wants virtual functions, and when it
    /// resolves a name statistics neither.
    /// </summary>
    [Theory]
    [InlineData("protodown on", "ip-protodown-on", 5, "4:19")]
    [InlineData("protodown off", "ip-protodown-off", 5, "4:19")]
    [InlineData("query link", "ip-query-link", 3, "36:8")]
    [InlineData("dump links", "ip-dump-links", 0, "16:0 36:8")]
    [InlineData("dump addresses", "ip-dump-addresses", 0, "")]
    public void Request_is_what_ip_sends_but_for_the_differences_named(
        string request, string golden, int ifindex, string differences)
    {
        byte[] expected = Golden.Read(golden);
        foreach (string difference in differences.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int[] offsetAndValue = [.. difference.Split(':').Select(int.Parse)];
            Assert.NotEqual(expected[offsetAndValue[0]], offsetAndValue[1]);
            expected[offsetAndValue[0]] = (byte)offsetAndValue[1];
        }

        Assert.Equal(expected, Write(request, BitConverter.ToUInt32(expected, 8), ifindex));
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void Request_fits_whole_or_not_at_all(string request, byte[] expected)
    {
        for (int size = 0; size <= expected.Length + 4; size++)
        {
            byte[] memory = Filled(size + 64);
            var writer = new NetlinkWriter(memory.AsSpan(0, size));

            Put(ref writer, request, Sequence, Ifindex);

            Assert.Equal(size >= expected.Length, writer.TryFinish(out ReadOnlySpan<byte> messages));
            Assert.Equal(size >= expected.Length ? expected : [], messages.ToArray());
            Assert.All(memory[size..], beyond => Assert.Equal(0xff, beyond));
        }
    }

    [Fact]
    public void Nothing_follows_what_did_not_fit()
    {
        byte[] memory = Filled(48);
        var writer = new NetlinkWriter(memory.AsSpan(0, 40));
        writer.BeginMessage(NetlinkMessageType.SetLink, NetlinkFlags.Request, Sequence);
        byte[] sofar = [.. memory];
        writer.PutAttribute(LinkAttribute.Name, new byte[21]);
        Assert.Equal(sofar, memory);

        writer.Put(LinkAttribute.Protodown, (byte)1);
        writer.EndMessage();
        LinkMessage.WriteProtodown(ref writer, Sequence, Ifindex, true);

        Assert.Equal(sofar, memory);
        Assert.False(writer.TryFinish(out ReadOnlySpan<byte> messages));
        Assert.True(messages.IsEmpty);
    }

    [Fact]
    public void Messages_stand_one_after_the_other()
    {
        var writer = new NetlinkWriter(new byte[200]);
        LinkMessage.WriteProtodown(ref writer, 1, 5, true);
        AddressMessage.WriteDump(ref writer, 2);
        LinkMessage.WriteProtodown(ref writer, 3, 6, false);

        Assert.True(writer.TryFinish(out ReadOnlySpan<byte> messages));
        Assert.Equal(
            [.. Write("protodown on", 1, 5), .. Write("dump addresses", 2, 0), .. Write("protodown off", 3, 6)],
            messages.ToArray());
    }

    private static byte[] Write(string request, uint sequence, int ifindex)
    {
        var writer = new NetlinkWriter(Filled(256));
        Put(ref writer, request, sequence, ifindex);
        Assert.True(writer.TryFinish(out ReadOnlySpan<byte> messages));
        return messages.ToArray();
    }

    private static void Put(ref NetlinkWriter writer, string request, uint sequence, int ifindex)
    {
        switch (request)
        {
            case "protodown on":
                LinkMessage.WriteProtodown(ref writer, sequence, ifindex, true);
                break;
            case "protodown off":
                LinkMessage.WriteProtodown(ref writer, sequence, ifindex, false);
                break;
            case "learning on":
                LinkMessage.WriteLearning(ref writer, sequence, ifindex, true);
                break;
            case "learning off":
                LinkMessage.WriteLearning(ref writer, sequence, ifindex, false);
                break;
            case "dump ports":
                LinkMessage.WritePortDump(ref writer, sequence);
                break;
            case "query link":
                LinkMessage.WriteQuery(ref writer, sequence, ifindex);
                break;
            case "dump links":
                LinkMessage.WriteDump(ref writer, sequence);
                break;
            case "dump addresses":
                AddressMessage.WriteDump(ref writer, sequence);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(request));
        }
    }

    private static byte[] Filled(int length) => [.. Enumerable.Repeat((byte)0xff, length)];
}
