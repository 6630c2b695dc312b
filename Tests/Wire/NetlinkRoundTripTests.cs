using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Wire;
using Xunit;

namespace Wmgwd2.Tests.Wire;

/// <summary>Random messages with random attributes, written and read back.</summary>
public sealed class NetlinkRoundTripTests
{
    [Fact]
    public void What_is_written_is_read_and_every_padding_byte_is_zero()
    {
        for (int seed = 0; seed < 2_000; seed++)
        {
            List<Message> expected = Invent(new Random(seed));
            byte[] buffer = [.. Enumerable.Repeat((byte)0xff, 8192)];
            var writer = new NetlinkWriter(buffer);
            Write(expected, ref writer);

            Assert.True(writer.TryFinish(out ReadOnlySpan<byte> bytes), $"seed {seed}");
            AssertReadsBack(expected, bytes, seed);
        }
    }

    [Fact]
    public void At_every_size_of_the_buffer_all_fits_or_nothing_is_given_out()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            List<Message> messages = Invent(new Random(seed));
            var enough = new NetlinkWriter(new byte[8192]);
            Write(messages, ref enough);
            Assert.True(enough.TryFinish(out ReadOnlySpan<byte> whole));
            for (int size = 0; size <= whole.Length; size++)
            {
                byte[] memory = [.. Enumerable.Repeat((byte)0xff, size + 16)];
                var writer = new NetlinkWriter(memory.AsSpan(0, size));
                Write(messages, ref writer);

                Assert.Equal(size == whole.Length, writer.TryFinish(out ReadOnlySpan<byte> bytes));
                Assert.True(bytes.SequenceEqual(size == whole.Length ? whole : default), $"seed {seed}, {size} bytes");
                Assert.True(memory.AsSpan(size).IndexOfAnyExcept((byte)0xff) < 0, $"seed {seed}, {size} bytes");
            }
        }
    }

    private static List<Message> Invent(Random random) =>
    [
        .. Enumerable.Range(0, random.Next(1, 5)).Select(_ => new Message(
            (NetlinkMessageType)random.Next(16, 100),
            (NetlinkFlags)random.Next(65536),
            (uint)random.NextInt64(1L << 32),
            random.Next(),
            [.. Enumerable.Range(0, random.Next(6)).Select(_ => InventAttribute(random))])),
    ];

    private static Attribute InventAttribute(Random random) => new((LinkAttribute)random.Next(1 << 14), Bytes(random));

    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[random.Next(3) switch { 0 => 1, 1 => 4, _ => random.Next(40) }];
        random.NextBytes(bytes);
        return bytes;
    }

    private static void Write(List<Message> messages, ref NetlinkWriter writer)
    {
        foreach (Message message in messages)
        {
            writer.BeginMessage(message.Type, message.Flags, message.Sequence);
            writer.PutLinkHeader(message.Ifindex);
            foreach (Attribute attribute in message.Attributes)
            {
                switch (attribute.Value.Length)
                {
                    case 1:
                        writer.Put(attribute.Type, attribute.Value[0]);
                        break;
                    case 4:
                        writer.Put(attribute.Type, BitConverter.ToUInt32(attribute.Value));
                        break;
                    default:
                        writer.PutAttribute(attribute.Type, attribute.Value);
                        break;
                }
            }

            writer.EndMessage();
        }
    }

    private static void AssertReadsBack(List<Message> expected, ReadOnlySpan<byte> bytes, int seed)
    {
        int messageStart = 0;
        var reader = new NetlinkReader(bytes);
        foreach (Message message in expected)
        {
            Assert.True(reader.TryRead(out NetlinkMessage read), $"seed {seed}");
            Assert.Equal(
                (message.Type, message.Flags, message.Sequence, 0u), (read.Type, read.Flags, read.Sequence, read.Port));
            Assert.Equal(
                [0, 0, 0, 0, .. BitConverter.GetBytes(message.Ifindex), .. new byte[8]], read.Payload[..16].ToArray());
            int at = 16;
            var attributes = new AttributeReader(read.Payload[at..]);
            foreach (Attribute attribute in message.Attributes)
            {
                Assert.True(attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value), $"seed {seed}");
                Assert.Equal(attribute.Type, (LinkAttribute)type);
                Assert.Equal(attribute.Value, value.ToArray());
                int end = at + 4 + value.Length;
                at = (end + 3) & ~3;
                Assert.True(read.Payload[end..at].IndexOfAnyExcept((byte)0) < 0, $"padding, seed {seed}");
            }

            Assert.False(attributes.TryRead(out _, out _));
            Assert.Equal(WireError.None, attributes.Error);
            Assert.Equal(at, read.Payload.Length);
            messageStart += 16 + at;
        }

        Assert.False(reader.TryRead(out _));
        Assert.Equal(WireError.None, reader.Error);
        Assert.Equal(messageStart, bytes.Length);
    }

    private sealed record Message(
        NetlinkMessageType Type, NetlinkFlags Flags, uint Sequence, int Ifindex, List<Attribute> Attributes);

    private sealed record Attribute(LinkAttribute Type, byte[] Value);
}
