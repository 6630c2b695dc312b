using System;
using System.Linq;
using Wmgwd2.Core;
using Wmgwd2.Wire;
using Xunit;

namespace Wmgwd2.Tests.Wire;

public sealed class GratuitousArpTests
{
    private const ulong HardwareAddress = 0x00005e000107;

    private static readonly Ipv4Address Address = new(0x0a000701);

    // What the first implementation sends.
    private static readonly byte[] Reply =
    [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, // Ethernet destination: broadcast
        0x00, 0x00, 0x5e, 0x00, 0x01, 0x07, // Ethernet source
        0x08, 0x06,                         // EtherType: ARP
        0x00, 0x01,                         // hardware type: Ethernet
        0x08, 0x00,                         // protocol type: IPv4
        6,                                  // hardware address length
        4,                                  // protocol address length
        0x00, 0x02,                         // operation: reply
        0x00, 0x00, 0x5e, 0x00, 0x01, 0x07, // sender MAC
        10, 0, 7, 1,                        // sender IP
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, // target MAC: none
        10, 0, 7, 1,                        // target IP: the same
    ];

    public static TheoryData<ArpOperation, byte[]> Frames() => new()
    {
        { ArpOperation.Reply, Reply },
        { ArpOperation.Request, [.. Reply[..21], 0x01, .. Reply[22..]] },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    public void Frame_equals_the_golden_one_whatever_the_buffer_held(ArpOperation operation, byte[] expected)
    {
        byte[] buffer = [.. Enumerable.Repeat((byte)0xff, GratuitousArp.Length + 8)];

        GratuitousArp.Write(buffer, operation, HardwareAddress, Address);

        Assert.Equal(expected, buffer[..GratuitousArp.Length]);
        Assert.All(buffer[GratuitousArp.Length..], beyond => Assert.Equal(0xff, beyond));
    }

    [Theory]
    [InlineData(0xffffffffffff, 0xffffffff)]
    [InlineData(0x010203040506, 0x0708090a)]
    [InlineData(0, 0)]
    public void Every_byte_of_the_addresses_has_its_place(ulong hardwareAddress, uint address)
    {
        var frame = new byte[GratuitousArp.Length];

        GratuitousArp.Write(frame, ArpOperation.Reply, hardwareAddress, new Ipv4Address(address));

        string mac = hardwareAddress.ToString("X12", null);
        string ip = address.ToString("X8", null);
        Assert.Equal(
            $"FFFFFFFFFFFF{mac}08060001080006040002{mac}{ip}000000000000{ip}", Convert.ToHexString(frame));
    }

    [Fact]
    public void Buffer_that_is_too_short_is_a_mistake_of_the_caller() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => GratuitousArp.Write(
            new byte[GratuitousArp.Length - 1], ArpOperation.Reply, HardwareAddress, Address));
}
