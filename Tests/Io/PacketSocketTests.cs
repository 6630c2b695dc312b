using System.Collections.Generic;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Wmgwd2.Wire;
using Wmgwd2.Tests.Namespaces;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>The frames as another packet socket hears them, at the far end of the veth pair.</summary>
public sealed class PacketSocketTests
{
    private const int ENXIO = 6; // asm-generic/errno-base.h

    [NamespaceFact]
    public void Frames_arrive_as_they_are_written_in_order() => PrivateNamespace.Run(() =>
    {
        PrivateNamespace.MakeGatewayInterfaces(2);
        PrivateNamespace.Ip("link set vrrp4-1 protodown off", "link set vrrp4-2 protodown off");
        PrivateNamespace.WaitUntilOperational("vrrp4-1", "vrrp4-2");
        RouteRecorder shown = RouteRecorder.Dump();
        using var heard = new PacketCapture(shown.Links["far1"].Ifindex);
        using var packets = new PacketSocket();
        var expected = new List<byte[]>();
        for (uint address = 0; packets.Count < PacketSocket.Capacity; address++)
        {
            // Every second frame goes another way.
            ArpOperation operation = address % 3 == 0 ? ArpOperation.Request : ArpOperation.Reply;
            LinkState link = shown.Links[address % 2 == 0 ? "vrrp4-1" : "vrrp4-2"];
            packets.AddAnnouncement(link.Ifindex, operation, link.HardwareAddress, new Ipv4Address(0x0a000100 + address));
            if (address % 2 == 0)
            {
                byte[] frame = new byte[GratuitousArp.Length];
                GratuitousArp.Write(frame, operation, link.HardwareAddress, new Ipv4Address(0x0a000100 + address));
                expected.Add(frame);
            }
        }

        Assert.Equal(PacketSocket.Capacity, packets.Send(0, out int errno));
        Assert.Equal(0, errno);
        Assert.Equal(expected, heard.Read(expected.Count));

        packets.Clear();
        Assert.Equal(0, packets.Count);
    });

    [NamespaceFact]
    public void Frame_that_can_not_be_sent_is_told_from_those_around_it() => PrivateNamespace.Run(() =>
    {
        PrivateNamespace.MakeGatewayInterfaces(1);
        PrivateNamespace.Ip("link set vrrp4-1 protodown off");
        PrivateNamespace.WaitUntilOperational("vrrp4-1");
        using var packets = new PacketSocket();
        foreach (int ifindex in new[] { RouteRecorder.Dump().Links["vrrp4-1"].Ifindex, 99999, 1 })
        {
            packets.AddAnnouncement(ifindex, ArpOperation.Reply, 2, new Ipv4Address(1));
        }

        Assert.Equal((1, 0), (packets.Send(0, out int errno), errno));
        Assert.Equal((0, ENXIO), (packets.Send(1, out errno), errno));
        Assert.Equal((1, 0), (packets.Send(2, out errno), errno));
    });
}
