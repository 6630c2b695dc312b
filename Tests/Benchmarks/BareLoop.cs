using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Wmgwd2.Tests.Namespaces;
using Wmgwd2.Wire;

namespace Wmgwd2.Benchmarks;

/// <summary>
/// What a take-over can't do without, and nothing else: takes protodown off interfaces, 32 requests a call, then sends each one's
/// announcement of both kinds, 64 frames a call. It watches nothing and waits for nothing, so that frames of interfaces that the kernel is
/// still bringing up vanish, which costs less than sending them.
/// </summary>
internal static class BareLoop
{
    /// <summary>Runs it in the namespace of the calling thread.</summary>
    /// <param name="vnis">The VNIs whose interfaces are taken.</param>
    /// <returns>How long it took.</returns>
    public static TimeSpan Run(IReadOnlyList<uint> vnis)
    {
        KernelCommand[] commands = MakeCommands(KernelCommandKind.ClearProtodown, vnis);
        using var packets = new PacketSocket();
        TimeSpan set = Execute(commands);
        long start = Stopwatch.GetTimestamp();
        for (int at = 0; at < commands.Length; at++)
        {
            Ipv4Address address = Lab.VirtualAddress((int)vnis[at]);
            packets.AddAnnouncement(commands[at].Ifindex, ArpOperation.Reply, 0x00005e000100, address);
            packets.AddAnnouncement(commands[at].Ifindex, ArpOperation.Request, 0x00005e000100, address);
            if (packets.Count == PacketSocket.Capacity || at == commands.Length - 1)
            {
                Send(packets);
            }
        }

        return set + Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Holds the interfaces down again.</summary>
    /// <returns>How long it took.</returns>
    public static TimeSpan Undo(IReadOnlyList<uint> vnis) => Execute(MakeCommands(KernelCommandKind.SetProtodown, vnis));

    private static KernelCommand[] MakeCommands(KernelCommandKind kind, IReadOnlyList<uint> vnis) =>
        [.. vnis.Select((vni, index) => new KernelCommand(
            kind, index, Linux.IndexOf(string.Create(CultureInfo.InvariantCulture, $"vrrp4-{vni}"))))];

    private static TimeSpan Execute(KernelCommand[] commands)
    {
        using var client = new RouteClient();
        var observer = new NoObserver();
        long start = Stopwatch.GetTimestamp();
        for (int at = 0; at < commands.Length; at += RouteClient.BatchSize)
        {
            ReadOnlySpan<KernelCommand> batch = commands.AsSpan(at, Math.Min(RouteClient.BatchSize, commands.Length - at));
            if (client.Execute(batch, observer).ContainsAnyExcept(0))
            {
                throw new InvalidOperationException("the kernel refused to change protodown");
            }
        }

        return Stopwatch.GetElapsedTime(start);
    }

    private static void Send(PacketSocket packets)
    {
        for (int sent = 0; sent < packets.Count;)
        {
            sent += packets.Send(sent, out int errno);
            if (errno != 0)
            {
                throw new InvalidOperationException($"a frame could not be sent: {SystemCallException.Describe(errno)}");
            }
        }

        packets.Clear();
    }

    private sealed class NoObserver : IRouteObserver
    {
        public void ObserveLink(in LinkMessage link)
        {
        }
    }
}
