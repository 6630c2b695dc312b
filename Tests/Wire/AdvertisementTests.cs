using System;
using System.Linq;
using Wmgwd2.Core;
using Wmgwd2.Wire;
using Xunit;

namespace Wmgwd2.Tests.Wire;

public sealed class AdvertisementTests
{
    public static TheoryData<ulong, byte[]> Datagrams() => new()
    {
        { 1, [0, 0, 0, 0, 0, 0, 0, 1] },
        { 0x0102030405060708, [1, 2, 3, 4, 5, 6, 7, 8] },
        { ulong.MaxValue, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff] },
        { 0, [0, 0, 0, 0, 0, 0, 0, 0] },
    };

    [Theory]
    [MemberData(nameof(Datagrams))]
    public void Datagram_is_the_uid_in_big_endian(ulong uid, byte[] datagram)
    {
        byte[] written = [0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee];

        Advertisement.Write(written, new NodeId(uid));

        Assert.Equal([.. datagram, 0xee], written);
        Assert.True(Advertisement.TryRead(datagram, out NodeId read));
        Assert.Equal(new NodeId(uid), read);
    }

    [Fact]
    public void Any_other_length_is_refused()
    {
        foreach (int length in Enumerable.Range(0, 100).Where(length => length != Advertisement.Length))
        {
            var datagram = new byte[length];
            Array.Fill(datagram, (byte)1);

            Assert.False(Advertisement.TryRead(datagram, out NodeId uid));
            Assert.Equal(default, uid);
        }
    }
}
