using System;
using System.Linq;
using Wmgwd2.Core;
using Wmgwd2.Wire;
using Xunit;

namespace Wmgwd2.Tests.Wire;

public sealed class HandoverMessageTests
{
    private const ulong Sender = 0x0102030405060708;
    private const ulong Leaver = 0x1112131415161718;

    private static readonly byte[] Goodbye =
    [
        0x57, 0x4d, 0x47, 0x32,                         // "WMG2"
        1,                                              // version
        1,                                              // kind: goodbye
        0x00, 0x00,                                     // zero
        0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, // sender
        0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, // subject: the sender
    ];

    private static readonly byte[] Taken =
    [
        0x57, 0x4d, 0x47, 0x32,                         // "WMG2"
        1,                                              // version
        2,                                              // kind: taken
        0x00, 0x00,                                     // zero
        0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, // sender
        0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, // subject: who leaves
    ];

    /// <summary>Each kind, the subject, and the message; those of 3 to 5 differ from the first in nothing but that.</summary>
    public static TheoryData<HandoverKind, ulong, byte[]> Messages() => new()
    {
        { HandoverKind.Goodbye, Sender, Goodbye },
        { HandoverKind.Taken, Leaver, Taken },
        { HandoverKind.Joining, Sender, [.. Goodbye[..5], 3, .. Goodbye[6..]] },
        { HandoverKind.Gone, Sender, [.. Goodbye[..5], 4, .. Goodbye[6..]] },
        { HandoverKind.Heard, Sender, [.. Goodbye[..5], 5, .. Goodbye[6..]] },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_equals_the_golden_one_in_both_directions(HandoverKind kind, ulong subject, byte[] golden)
    {
        var message = new HandoverMessage(kind, new NodeId(Sender), new NodeId(subject));
        byte[] buffer = [.. Enumerable.Repeat((byte)0xee, HandoverMessage.Length + 8)];

        message.Write(buffer);

        Assert.Equal(golden, buffer[..HandoverMessage.Length]);
        Assert.All(buffer[HandoverMessage.Length..], beyond => Assert.Equal(0xee, beyond));
        Assert.True(HandoverMessage.TryRead(golden, out HandoverMessage read));
        Assert.Equal(message, read);
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Any_other_length_is_refused(HandoverKind kind, ulong subject, byte[] golden)
    {
        foreach (int length in Enumerable.Range(0, 100).Where(length => length != HandoverMessage.Length))
        {
            byte[] datagram = [.. golden, .. new byte[100]];

            Assert.False(HandoverMessage.TryRead(datagram.AsSpan(0, length), out HandoverMessage read));
            Assert.Equal(default, read);
        }

        Assert.False(Advertisement.TryRead(golden, out _), $"{kind} of {subject} is no advertisement");
    }

    /// <summary>
    /// Each byte with each other value: what is no uid is refused; a uid is read as it is, but a goodbye for another.
    /// </summary>
    [Theory]
    [MemberData(nameof(Messages))]
    public void Any_byte_changed_is_refused_or_read_as_it_is(HandoverKind kind, ulong subject, byte[] golden)
    {
        for (int at = 0; at < golden.Length; at++)
        {
            for (int changes = 1; changes <= 0xff; changes++)
            {
                byte[] bytes = [.. golden];
                bytes[at] ^= (byte)changes;
                ulong mask = (ulong)changes << (56 - at % 8 * 8);

                bool valid = HandoverMessage.TryRead(bytes, out HandoverMessage read);

                // Only taken is said of another one.
                HandoverKind newKind = at == 5 ? (HandoverKind)bytes[5] : kind;
                bool known = newKind is >= HandoverKind.Goodbye and <= HandoverKind.Heard;
                bool ofOther = newKind == HandoverKind.Taken;
                bool sameUids = bytes.AsSpan(8, 8).SequenceEqual(bytes.AsSpan(16, 8));
                Assert.Equal(known && at is 5 or >= 8 && (ofOther || sameUids), valid);
                if (valid)
                {
                    Assert.Equal(
                        new HandoverMessage(
                            newKind,
                            new NodeId(at is >= 8 and < 16 ? Sender ^ mask : Sender),
                            new NodeId(at >= 16 ? subject ^ mask : subject)),
                        read);
                }
            }
        }
    }

    [Fact]
    public void Noise_never_throws_and_what_is_read_is_what_was_written()
    {
        var random = new Random(1);
        var bytes = new byte[HandoverMessage.Length];
        for (int round = 0; round < 20_000; round++)
        {
            random.NextBytes(bytes);
            Goodbye.AsSpan(0, random.Next(9)).CopyTo(bytes);
            if (HandoverMessage.TryRead(bytes, out HandoverMessage noise))
            {
                AssertWrites(bytes, noise);
            }

            var sender = new NodeId((ulong)random.NextInt64());
            var leaver = new NodeId((ulong)random.NextInt64());
            var kind = (HandoverKind)(1 + round % 5);
            var message = new HandoverMessage(
                kind, sender, kind == HandoverKind.Taken ? leaver : sender);
            message.Write(bytes);
            Assert.True(HandoverMessage.TryRead(bytes, out HandoverMessage read));
            Assert.Equal(message, read);
        }
    }

    [Fact]
    public void Buffer_that_is_too_short_is_a_mistake_of_the_caller() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HandoverMessage(HandoverKind.Goodbye, default, default)
            .Write(new byte[HandoverMessage.Length - 1]));

    private static void AssertWrites(byte[] expected, HandoverMessage message)
    {
        var written = new byte[HandoverMessage.Length];
        message.Write(written);
        Assert.Equal(expected, written);
    }
}
