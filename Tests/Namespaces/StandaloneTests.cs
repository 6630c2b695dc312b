using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

[Collection(NamespaceCollection.Name)]
public sealed class StandaloneTests(ITestOutputHelper output)
{
    [Fact]
    public void The_binary_needs_no_interpreter_and_no_library()
    {
        byte[] elf = File.ReadAllBytes(Binary.Path);
        Assert.Equal([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1], elf[..6]); // 64 bits, little-endian.
        Assert.Equal(3, BinaryPrimitives.ReadUInt16LittleEndian(elf.AsSpan(16))); // ET_DYN: position-independent.

        const uint PtDynamic = 2, PtInterp = 3;
        const ulong DtNull = 0, DtNeeded = 1;
        List<(uint Type, ulong Offset, ulong Size)> segments = [.. ReadSegments(elf)];
        Assert.DoesNotContain(segments, segment => segment.Type == PtInterp);
        (_, ulong offset, ulong size) = segments.Single(segment => segment.Type == PtDynamic);
        IEnumerable<ulong> tags = Enumerable.Range(0, (int)(size / 16))
            .Select(i => BinaryPrimitives.ReadUInt64LittleEndian(elf.AsSpan((int)offset + i * 16)))
            .TakeWhile(tag => tag != DtNull);
        Assert.DoesNotContain(DtNeeded, tags);
        output.WriteLine($"measured: {elf.Length} bytes");
    }

    [NamespaceFact("chroot")]
    public void It_runs_where_there_is_nothing_else()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 4));
        Gateway gateway = network[1];
        string root = Path.Combine(network.Folder, "root");
        Directory.CreateDirectory(root);
        File.Copy(Binary.Path, Path.Combine(root, "wmgwd2"));

        CommandResult version = Command.Run(["chroot", root, "/wmgwd2", "--version"]);
        Assert.Equal(0, version.ExitCode);
        Assert.Equal(Binary.Run("--version").Output, version.Output);

        // No /proc, /sys, /dev, /etc, /tmp; the uid is drawn and kept, the socket made, VNIs taken over and announced.
        Capture capture = gateway.Capture("vethbr1");
        Daemon daemon = gateway.StartBy(
            ["chroot", root], ["/wmgwd2", "run", .. gateway.Usual("--control-socket", "/c", "--uid-file", "/state/uid")],
            Path.Combine(root, "c"));
        DaemonStatus status = daemon.WaitUntilServing();
        Assert.Equal(network.Vnis, gateway.Served());
        Assert.Equal($"{status.Uid}\n", File.ReadAllText(Path.Combine(root, "state", "uid")));
        Eventually.Get("announced", () => capture.Frames.Count(frame => frame.IsArp), count => count >= 2);
        CommandResult text = Command.Run(["chroot", root, "/wmgwd2", "status", "--control-socket", "/c"]);
        Assert.Equal(0, text.ExitCode);
        Assert.Contains("active", text.Output);
        network.Measured($"resident, 4 VNIs: {daemon.ResidentKb()} kB");
        Assert.Equal(0, daemon.Terminate());
        Assert.True(gateway.AllQuiet());
        Assert.Equal(["c.started", "state", "wmgwd2"], Directory.GetFileSystemEntries(root).Select(path => Path.GetFileName(path)).Order());
    }

    /// <summary>The program headers (elf.h: Elf64_Ehdr, Elf64_Phdr).</summary>
    private static IEnumerable<(uint Type, ulong Offset, ulong Size)> ReadSegments(byte[] elf)
    {
        int start = (int)BinaryPrimitives.ReadUInt64LittleEndian(elf.AsSpan(32));
        int size = BinaryPrimitives.ReadUInt16LittleEndian(elf.AsSpan(54));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(elf.AsSpan(56));
        for (int i = 0; i < count; i++)
        {
            byte[] header = elf[(start + i * size)..(start + (i + 1) * size)];
            yield return (
                BinaryPrimitives.ReadUInt32LittleEndian(header),
                BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(8)),
                BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(32)));
        }
    }
}
