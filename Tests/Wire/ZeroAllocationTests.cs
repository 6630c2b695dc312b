using System;
using System.Linq;
using Wmgwd2.Core;
using Wmgwd2.Wire;
using Xunit;

namespace Wmgwd2.Tests.Wire;

public sealed class ZeroAllocationTests
{
    [Fact]
    public void Reading_and_writing_allocate_nothing()
    {
        byte[][] goldens = [.. Golden.Names().Select(golden => Golden.Read(golden))];
        var buffer = new byte[256];
        int read = 0;
        for (int round = 0; round < 200; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach (byte[] golden in goldens)
            {
                read += ReadAll(golden);
            }

            WriteAll(buffer);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(
                round < 100 || allocated == 0, $"{allocated} bytes (in a debug build Enum.HasFlag allocates: -c Release)");
        }

        Assert.True(read > 200 * goldens.Length);
    }

    private static int ReadAll(ReadOnlySpan<byte> bytes)
    {
        int read = 0;
        var reader = new NetlinkReader(bytes);
        while (reader.TryRead(out NetlinkMessage message))
        {
            read += LinkMessage.TryRead(message.Payload, out _) == WireError.None ? 1 : 0;
            read += LinkInformation.TryRead(message.Payload, out _) == WireError.None ? 1 : 0;
            read += AddressMessage.TryRead(message.Payload, out _) == WireError.None ? 1 : 0;
            read += NetlinkError.TryRead(message, out _) == WireError.None ? 1 : 0;
        }

        return read;
    }

    private static void WriteAll(Span<byte> buffer)
    {
        var writer = new NetlinkWriter(buffer);
        LinkMessage.WriteDump(ref writer, 1);
        LinkMessage.WriteQuery(ref writer, 2, 5);
        LinkMessage.WriteProtodown(ref writer, 3, 5, true);
        AddressMessage.WriteDump(ref writer, 4);
        Assert.True(writer.TryFinish(out _));
        GratuitousArp.Write(buffer, ArpOperation.Reply, 1, new Ipv4Address(2));
        Advertisement.Write(buffer, new NodeId(3));
        Assert.True(Advertisement.TryRead(buffer[..Advertisement.Length], out _));
        new HandoverMessage(HandoverKind.Taken, new NodeId(5), new NodeId(6)).Write(buffer);
        Assert.True(HandoverMessage.TryRead(buffer[..HandoverMessage.Length], out _));
    }
}
