using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Wmgwd2.Core;
using Wmgwd2.Wire;
using Xunit;

namespace Wmgwd2.Tests.Wire;

/// <summary>Received bytes that lie: every reader gives a reason or a shorter result, and never throws.</summary>
public sealed class HostileMessageTests
{
    public static TheoryData<string> Goldens() => new(Golden.Names());

    [Theory]
    [MemberData(nameof(Goldens))]
    public void Every_truncation_of_the_bytes_ends_with_an_error_or_between_two_messages(string golden)
    {
        byte[] bytes = Golden.Read(golden);
        List<int> ends = MessageEnds(bytes);
        for (int length = 0; length < bytes.Length; length++)
        {
            int whole = 0;
            var reader = new NetlinkReader(bytes.AsSpan(0, length));
            while (reader.TryRead(out NetlinkMessage message))
            {
                ReadAs(message);
                whole++;
            }

            Assert.Equal(ends.Count(end => end <= length), whole);
            int rest = length - (whole == 0 ? 0 : ends[whole - 1]);
            Assert.Equal(
                rest == 0 ? WireError.None : rest < 16 ? WireError.Truncated : WireError.BadLength, reader.Error);
        }
    }

    /// <summary>
    /// Cut where an attribute ends, a message says less; anywhere else it is refused; it never says something else.
    /// </summary>
    [Theory]
    [MemberData(nameof(Goldens))]
    public void Every_truncation_of_a_payload_is_refused_or_says_less(string golden)
    {
        var reader = new NetlinkReader(Golden.Read(golden));
        while (reader.TryRead(out NetlinkMessage message))
        {
            ReadOnlySpan<byte> payload = message.Payload;
            LinkMessage.TryRead(payload, out LinkMessage link);
            LinkInformation.TryRead(payload, out LinkDetails details);
            bool isLink = message.Type is NetlinkMessageType.NewLink or NetlinkMessageType.DelLink;
            bool isAddress = message.Type is NetlinkMessageType.NewAddress or NetlinkMessageType.DelAddress;
            AddressMessage.TryRead(payload, out AddressMessage address);
            NetlinkError.TryRead(message, out NetlinkError error);
            for (int length = 0; length < payload.Length; length++)
            {
                ReadOnlySpan<byte> cut = payload[..length];
                if (LinkMessage.TryRead(cut, out LinkMessage shorter) == WireError.None && isLink)
                {
                    AssertSaysNoMore(link, shorter);
                }

                if (isLink && LinkInformation.TryRead(cut, out LinkDetails fewer) == WireError.None)
                {
                    Assert.True(fewer.Kind is LinkKind.Other || fewer.Kind == details.Kind);
                    Assert.True(fewer.Mtu is 0 || fewer.Mtu == details.Mtu);
                    Assert.True(fewer.Vxlan.Id is 0 || fewer.Vxlan.Id == details.Vxlan.Id);
                }

                if (AddressMessage.TryRead(cut, out AddressMessage shorterAddress) == WireError.None && isAddress)
                {
                    Assert.True(shorterAddress == address || shorterAddress == address with { Broadcast = default });
                }

                var cutMessage = new NetlinkMessage { Type = message.Type, Flags = message.Flags, Payload = cut };
                if (NetlinkError.TryRead(cutMessage, out NetlinkError shorterError) == WireError.None)
                {
                    Assert.Equal(error.Errno, shorterError.Errno);
                    Assert.True(shorterError.Text.IsEmpty || shorterError.Text.SequenceEqual(error.Text));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Goldens))]
    public void Any_byte_changed_never_throws(string golden)
    {
        byte[] bytes = Golden.Read(golden);
        for (int at = 0; at < bytes.Length; at++)
        {
            byte original = bytes[at];
            foreach (byte changed in (ReadOnlySpan<byte>)[0, 0xff, (byte)(original + 1), (byte)(original ^ 0x80)])
            {
                bytes[at] = changed;
                ReadAll(bytes);
            }

            bytes[at] = original;
        }
    }

    [Theory]
    [MemberData(nameof(Goldens))]
    public void Many_bytes_changed_never_throw(string golden)
    {
        byte[] original = Golden.Read(golden);
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            byte[] bytes = [.. original];
            for (int changes = random.Next(1, 20); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            ReadAll(bytes);
            ReadAll(bytes.AsSpan(0, random.Next(bytes.Length)));
        }
    }

    [Fact]
    public void Noise_never_throws()
    {
        var random = new Random(1);
        for (int round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(100)];
            random.NextBytes(bytes);
            ReadAll(bytes);
            var flags = (NetlinkFlags)random.Next(65536);
            ReadAs(new NetlinkMessage { Type = NetlinkMessageType.Error, Flags = flags, Payload = bytes });
        }
    }

    /// <summary>What follows struct ifinfomsg, in hex, each attribute apart, and the reader's verdict.</summary>
    [Theory]
    [InlineData("0500 2700 01 000000", WireError.None)]
    [InlineData("0500 2700 01", WireError.None)] // The kernel doesn't send it, but its last padding may be left out.
    [InlineData("0500 2700 01 00", WireError.None)]
    [InlineData("0400 2700", WireError.BadValueSize)] // Protodown without a value.
    [InlineData("0600 2700 0101 0000", WireError.BadValueSize)]
    [InlineData("0800 2700 01000000", WireError.BadValueSize)]
    [InlineData("0700 0500 010000 00", WireError.BadValueSize)] // An ifindex of three bytes.
    [InlineData("0800 0500 ffffffff", WireError.Incomplete)] // A negative ifindex.
    [InlineData("0600 1000 0606 0000", WireError.BadValueSize)] // An operational state of two bytes.
    [InlineData("0300 2700", WireError.BadLength)] // Shorter than its own header.
    [InlineData("0000 2700", WireError.BadLength)]
    [InlineData("0900 2700 01000000", WireError.BadLength)] // Longer than what is left.
    [InlineData("ffff 2700 01000000", WireError.BadLength)]
    [InlineData("0500 2700 01 000000 0500", WireError.Truncated)]
    [InlineData("0a00 3780 0600 0200 0000 0000", WireError.BadValueSize)] // A reason of two bytes.
    [InlineData("0800 3780 0900 0200", WireError.BadLength)] // A nested length that lies.
    [InlineData("0600 3780 0400 0000", WireError.Truncated)] // Half a nested header.
    [InlineData("0400 3780", WireError.None)] // No reasons.
    [InlineData("0800 ffbf 01000000", WireError.None)] // A type that no kernel has yet.
    public void Attribute_is(string attributes, WireError verdict) =>
        Assert.Equal(verdict, LinkMessage.TryRead(Link(ifindex: 5, attributes), out _));

    /// <summary>What follows struct ifinfomsg, and the state that it means for a link with the index 5.</summary>
    [Theory]
    [InlineData("", 0, LinkConditions.OperationallyUp, 0, 0)] // No operational state: unknown, which is good enough.
    [InlineData("0500 1000 00 000000", 0, LinkConditions.OperationallyUp, 0, 0)]
    [InlineData("0500 1000 02 000000", 0, LinkConditions.None, 0, 0)]
    [InlineData("0500 1000 03 000000", 0, LinkConditions.None, 0, 0)]
    [InlineData("0500 1000 05 000000", 0, LinkConditions.None, 0, 0)] // Dormant.
    [InlineData("0500 1000 02 000000 0500 2700 ff 000000", 0, LinkConditions.Protodown, 0, 0)]
    [InlineData("0500 1000 06 000000 0500 2700 00 000000", 0, LinkConditions.OperationallyUp, 0, 0)]
    [InlineData("0800 0500 04000000", 4, LinkConditions.OperationallyUp, 0, 0)]
    [InlineData("0800 0500 05000000", 0, LinkConditions.OperationallyUp, 0, 0)] // Stands on itself: on nothing.
    [InlineData("0800 0500 04000000 0800 2500 00000000", 0, LinkConditions.OperationallyUp, 0, 0)] // In another namespace,
    [InlineData("0800 2500 00000000 0800 0500 04000000", 0, LinkConditions.OperationallyUp, 0, 0)] // in whatever order.
    [InlineData("0a00 0100 010203040506 0000", 0, LinkConditions.OperationallyUp, 0x010203040506, 0)]
    [InlineData("0800 0100 0a000001", 0, LinkConditions.OperationallyUp, 0, 0)] // A tunnel's address.
    [InlineData("0c00 3780 0800 0200 80000000", 0, LinkConditions.OperationallyUp, 0, 0x80)]
    [InlineData("0c00 3700 0800 0200 80000000", 0, LinkConditions.OperationallyUp, 0, 0x80)] // Nested without the flag.
    [InlineData("0c00 3780 0800 0100 80000000", 0, LinkConditions.OperationallyUp, 0, 0)] // The mask alone.
    public void Attributes_mean(
        string attributes, int lower, LinkConditions conditions, ulong hardwareAddress, uint reasons)
    {
        Assert.Equal(WireError.None, LinkMessage.TryRead(Link(ifindex: 5, attributes), out LinkMessage message));
        Assert.Equal(new LinkState(5, lower, conditions, hardwareAddress, reasons), message.State);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void Link_and_address_without_an_ifindex_are_incomplete(int ifindex)
    {
        Assert.Equal(WireError.Incomplete, LinkMessage.TryRead(Link(ifindex, ""), out _));
        byte[] address = [2, 24, 0, 0, .. BitConverter.GetBytes(ifindex), 8, 0, 2, 0, 10, 0, 7, 1];
        Assert.Equal(WireError.Incomplete, AddressMessage.TryRead(address, out _));
    }

    [Theory]
    [InlineData("", WireError.Incomplete)]
    [InlineData("0800 0100 0a000701", WireError.Incomplete)] // The other end's only.
    [InlineData("0700 0200 0a0007 00", WireError.BadValueSize)]
    [InlineData("0800 0200 0a000701", WireError.None)]
    [InlineData("0800 0200 0a000701 0900 0200 00000000", WireError.BadLength)]
    public void Address_attributes_are(string attributes, WireError verdict)
    {
        byte[] payload = [2, 24, 0, 0, 5, 0, 0, 0, .. Hex(attributes)];

        Assert.Equal(verdict, AddressMessage.TryRead(payload, out AddressMessage message));
        if (verdict == WireError.None)
        {
            Assert.Equal("10.0.7.1", message.Address.ToString());
        }
    }

    [Fact]
    public void Address_of_another_family_is_not_read()
    {
        byte[] payload = [10, 64, 0, 0, 5, 0, 0, 0, .. Hex("0300 0200")];

        Assert.Equal(WireError.None, AddressMessage.TryRead(payload, out AddressMessage message));
        Assert.Equal(new AddressMessage(5, 10, default), message);
    }

    /// <summary>The payload of an NLMSG_ERROR, its flags, and the reader's verdict.</summary>
    [Theory]
    [InlineData("f0ffffff 28000000 1300 0500 00000000 00000000", 0x200, WireError.BadLength)] // Longer than what is left.
    [InlineData("f0ffffff 0f000000 1300 0500 00000000 00000000", 0x200, WireError.BadLength)] // Shorter than a header.
    [InlineData("f0ffffff ffffffff 1300 0500 00000000 00000000", 0x200, WireError.BadLength)]
    [InlineData("f0ffffff ffffffff 1300 0500 00000000 00000000", 0x300, WireError.None)] // Capped: the request isn't there.
    [InlineData("f0ffffff 10000000 1300 0500 00000000 00000000", 0x200, WireError.None)]
    [InlineData("f0ffffff 10000000 1300 0500 00000000 00000000 0500", 0x200, WireError.Truncated)]
    [InlineData("01000000 10000000 1300 0500 00000000 00000000", 0, WireError.Incomplete)] // A positive error.
    [InlineData("00000080 10000000 1300 0500 00000000 00000000", 0, WireError.Incomplete)] // -2^31.
    [InlineData("f0ffffff 10000000 1300 0500 00000000 000000", 0, WireError.Truncated)]
    public void Error_is(string payload, ushort flags, WireError verdict)
    {
        var message = new NetlinkMessage
        {
            Type = NetlinkMessageType.Error,
            Flags = (NetlinkFlags)flags,
            Payload = Hex(payload),
        };

        Assert.Equal(verdict, NetlinkError.TryRead(message, out _));
    }

    [Fact]
    public void Text_after_a_done_is_read()
    {
        byte[] payload = [.. Hex("f0ffffff 0900 0100"), .. "busy\0"u8, 0, 0, 0];
        var message = new NetlinkMessage
        {
            Type = NetlinkMessageType.Done,
            Flags = NetlinkFlags.AcknowledgeAttributes | NetlinkFlags.Multi,
            Payload = payload,
        };

        Assert.Equal(WireError.None, NetlinkError.TryRead(message, out NetlinkError error));
        Assert.Equal((16, "busy"), (error.Errno, Encoding.ASCII.GetString(error.Text)));
    }

    private static void AssertSaysNoMore(in LinkMessage whole, in LinkMessage shorter)
    {
        Assert.Equal(whole.Family, shorter.Family);
        Assert.True(shorter.Name.IsEmpty || shorter.Name.SequenceEqual(whole.Name));
        Assert.Equal(whole.State.Ifindex, shorter.State.Ifindex);
        Assert.True(shorter.State.HardwareAddress == 0 || shorter.State.HardwareAddress == whole.State.HardwareAddress);
        Assert.True(shorter.State.ProtodownReasons == 0 || shorter.State.ProtodownReasons == whole.State.ProtodownReasons);
        LinkConditions added = shorter.State.Conditions & ~whole.State.Conditions;
        Assert.True((added & ~LinkConditions.OperationallyUp) == 0, $"{added} is not in the whole message");
    }

    private static List<int> MessageEnds(ReadOnlySpan<byte> bytes)
    {
        var ends = new List<int>();
        for (int at = 0; at < bytes.Length; at = ends[^1])
        {
            ends.Add(at + ((BitConverter.ToInt32(bytes[at..]) + 3) & ~3));
        }

        return ends;
    }

    private static void ReadAll(ReadOnlySpan<byte> bytes)
    {
        int limit = bytes.Length / 16;
        var reader = new NetlinkReader(bytes);
        while (reader.TryRead(out NetlinkMessage message))
        {
            Assert.True(limit-- > 0, "more messages than there is room for");
            ReadAs(message);
        }
    }

    /// <summary>Reads a message as everything that it could be, whatever type it says.</summary>
    private static void ReadAs(in NetlinkMessage message)
    {
        Assert.True(Enum.IsDefined(LinkMessage.TryRead(message.Payload, out _)));
        Assert.True(Enum.IsDefined(LinkInformation.TryRead(message.Payload, out _)));
        Assert.True(Enum.IsDefined(AddressMessage.TryRead(message.Payload, out _)));
        Assert.True(Enum.IsDefined(NetlinkError.TryRead(message, out NetlinkError error)));
        Assert.True(error.Errno >= 0);
    }

    /// <summary>An RTM_NEWLINK's payload: struct ifinfomsg with that index and no flags, then attributes.</summary>
    private static byte[] Link(int ifindex, string attributes) =>
        [0, 0, 1, 0, .. BitConverter.GetBytes(ifindex), .. new byte[8], .. Hex(attributes)];

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}
