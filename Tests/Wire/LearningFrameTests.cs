using System;
using System.Linq;
using Wmgwd2.Wire;
using Xunit;

namespace Wmgwd2.Tests.Wire;

public sealed class LearningFrameTests
{
    private static readonly byte[] Frame =
    [
        0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e, // Ethernet destination: nearest bridge
        0x00, 0x00, 0x5e, 0x00, 0x01, 0x07, // Ethernet source: what is to be learnt
        0x88, 0xb5,                         // EtherType: local experimental 1
        .. new byte[46],                    // zero, up to the least length
    ];

    [Fact]
    public void Frame_equals_the_golden_one_whatever_the_buffer_held()
    {
        byte[] buffer = [.. Enumerable.Repeat((byte)0xff, LearningFrame.Length + 8)];

        LearningFrame.Write(buffer, 0x00005e000107);

        Assert.Equal(60, Frame.Length);
        Assert.Equal(Frame, buffer[..LearningFrame.Length]);
        Assert.All(buffer[LearningFrame.Length..], beyond => Assert.Equal(0xff, beyond));
    }

    [Theory]
    [InlineData(0xffffffffffff)]
    [InlineData(0x010203040506)]
    [InlineData(0)]
    public void Every_byte_of_the_address_has_its_place(ulong hardwareAddress)
    {
        var frame = new byte[LearningFrame.Length];

        LearningFrame.Write(frame, hardwareAddress);

        Assert.Equal($"0180C200000E{hardwareAddress.ToString("X12", null)}88B5", Convert.ToHexString(frame[..14]));
    }

    [Fact]
    public void Buffer_that_is_too_short_is_a_mistake_of_the_caller() => Assert.Throws<ArgumentOutOfRangeException>(
        () => LearningFrame.Write(new byte[LearningFrame.Length - 1], 1));
}
