using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

public sealed class Ipv4AddressTests
{
    [Theory]
    [InlineData("0.0.0.0", 0)]
    [InlineData("10.0.1.11", 0x0a00010b)]
    [InlineData("1.2.3.4", 0x01020304)]
    [InlineData("255.255.255.255", 0xffffffff)]
    public void Address_reads_and_prints(string text, uint value)
    {
        Assert.True(Ipv4Address.TryParse(text, out Ipv4Address address));
        Assert.Equal(new Ipv4Address(value), address);
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("...")]
    [InlineData("1")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.")]
    [InlineData(".1.2.3")]
    [InlineData("1..2.3")]
    [InlineData("1.2.3.4.")]
    [InlineData("1.2.3.4.5")]
    [InlineData("256.0.0.1")]
    [InlineData("1.2.3.256")]
    [InlineData("1.2.3.1000")]
    [InlineData("1.2.3.4294967296")]
    [InlineData("01.2.3.4")]
    [InlineData("1.2.3.00")]
    [InlineData(" 1.2.3.4")]
    [InlineData("1.2.3.4 ")]
    [InlineData("1. 2.3.4")]
    [InlineData("+1.2.3.4")]
    [InlineData("-1.2.3.4")]
    [InlineData("0x1.2.3.4")]
    [InlineData("1.2.3.4/24")]
    [InlineData("1.2.3.4\n")]
    [InlineData("1.2.3.4\0")]
    [InlineData("1\0.2.3.4")]
    [InlineData("١.2.3.4")] // An Arabic digit one.
    [InlineData("a.b.c.d")]
    [InlineData("::1")]
    public void Anything_else_is_refused(string text)
    {
        Assert.False(Ipv4Address.TryParse(text, out Ipv4Address address));
        Assert.Equal(default, address);
    }

    [Fact]
    public void Addresses_compare_as_numbers()
    {
        var low = new Ipv4Address(0x0a000001);
        var high = new Ipv4Address(0xc0000001); // Negative as a signed number.

        Assert.True(low < high && low <= high && high > low && high >= low && low.CompareTo(high) < 0);
        Assert.True(low <= new Ipv4Address(low.Value) && low >= new Ipv4Address(low.Value));
        Assert.False(low < new Ipv4Address(low.Value) || low > new Ipv4Address(low.Value));
    }
}
