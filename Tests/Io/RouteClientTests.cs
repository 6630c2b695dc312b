using System.Linq;
using Wmgwd2.Core;
using Wmgwd2.Interop;
using Wmgwd2.Io;
using Wmgwd2.Tests.Namespaces;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>Links and addresses as this kernel shows them, and protodown as it takes it.</summary>
public sealed class RouteClientTests
{
    private const int EOPNOTSUPP = 95; // asm-generic/errno.h

    [NamespaceFact]
    public void Dump_shows_links_and_addresses() => PrivateNamespace.Run(() =>
    {
        PrivateNamespace.MakeGatewayInterfaces(vnis: 150, addresses: 2);
        RouteRecorder shown = RouteRecorder.Dump();

        LinkState macvlan = shown.Links["vrrp4-150"];
        Assert.Equal(LinkConditions.AdministrativelyUp | LinkConditions.Protodown, macvlan.Conditions);
        Assert.Equal(0x00005e000196ul, macvlan.HardwareAddress);
        Assert.Equal(shown.Links["lower150"].Ifindex, macvlan.LowerIfindex);
        Assert.True(shown.Links["lower150"].Operational);
        Assert.Equal(
            ["192.168.150.1", "192.168.150.2"],
            shown.Addresses.Where(address => address.Ifindex == macvlan.Ifindex).Select(address => address.Address));
        Assert.Equal(150, shown.Links.Keys.Count(name => name.StartsWith("vrrp4-", System.StringComparison.Ordinal)));
        Assert.Equal(0, shown.Unreadable);
    });

    [NamespaceFact]
    public void Protodown_is_set_and_cleared_many_in_one_batch() => PrivateNamespace.Run(() =>
    {
        PrivateNamespace.MakeGatewayInterfaces(RouteClient.BatchSize);
        using var client = new RouteClient();
        RouteRecorder shown = RouteRecorder.Dump();
        string[] names = [.. Enumerable.Range(1, RouteClient.BatchSize).Select(vni => $"vrrp4-{vni}")];
        foreach (KernelCommandKind kind in new[] { KernelCommandKind.ClearProtodown, KernelCommandKind.SetProtodown })
        {
            KernelCommand[] commands =
                [.. names.Select((name, index) => new KernelCommand(kind, index, shown.Links[name].Ifindex))];
            Assert.All(client.Execute(commands, shown).ToArray(), errno => Assert.Equal(0, errno));
            RouteRecorder after = RouteRecorder.Dump();
            Assert.All(names, name => Assert.Equal(
                kind == KernelCommandKind.SetProtodown, after.Is(name, LinkConditions.Protodown)));
        }
    });

    [NamespaceFact("bridge")]
    public void A_bridge_forgets_and_learns_no_more_until_it_is_told_to() => PrivateNamespace.Run(() =>
    {
        PrivateNamespace.MakeGatewayInterfaces(2);
        PrivateNamespace.Ip("link add br1 up type bridge", "link set far1 master br1", "link set far2 master br1");
        Command.Must(["bridge", "fdb", "add", "00:00:5e:00:01:01", "dev", "far1", "master", "dynamic"]);
        RouteRecorder shown = RouteRecorder.Dump();
        Assert.Equal((shown.Links["lower1"].Ifindex, true), shown.Ports["far1"]);
        const string Learned = "00:00:5e:00:01:01 dev far1 master br1";
        Assert.Contains(Learned, Command.Must(["bridge", "fdb", "show"]));

        using var client = new RouteClient();
        int far = shown.Links["far1"].Ifindex;
        Assert.Equal([0], client.Execute([new(KernelCommandKind.ClearLearning, 0, far)], shown).ToArray());
        RouteRecorder off = RouteRecorder.Dump();
        Assert.False(off.Ports["far1"].Learning);
        Assert.True(off.Ports["far2"].Learning);
        Assert.DoesNotContain(Learned, Command.Must(["bridge", "fdb", "show"]));

        Assert.Equal([0], client.Execute([new(KernelCommandKind.SetLearning, 0, far)], shown).ToArray());
        Assert.True(RouteRecorder.Dump().Ports["far1"].Learning);

        // What is no port of a bridge is refused, and nothing else happens.
        Assert.NotEqual(0, client.Execute([new(KernelCommandKind.ClearLearning, 0, shown.Links["lower1"].Ifindex)], shown)[0]);
    });

    [NamespaceFact]
    public void Each_command_of_a_batch_has_its_own_result() => PrivateNamespace.Run(() =>
    {
        PrivateNamespace.MakeGatewayInterfaces(2);
        PrivateNamespace.Ip("link set vrrp4-1 protodown on protodown_reason 7 on");
        using var client = new RouteClient();
        RouteRecorder shown = RouteRecorder.Dump();
        Assert.Equal(1u << 7, shown.Links["vrrp4-1"].ProtodownReasons);

        var answered = new RouteRecorder();
        int[] results = client.Execute(
            [
                new(KernelCommandKind.ClearProtodown, 0, shown.Links["vrrp4-1"].Ifindex),
                new(KernelCommandKind.SetProtodown, 1, 99999),
                new(KernelCommandKind.QueryLink, 2, 99999),
                new(KernelCommandKind.SetProtodown, 3, shown.Links["lo"].Ifindex),
                new(KernelCommandKind.QueryLink, 4, shown.Links["lower2"].Ifindex),
                new(KernelCommandKind.ClearProtodown, 5, shown.Links["vrrp4-2"].Ifindex),
            ],
            answered).ToArray();

        Assert.Equal([Errno.EBUSY, Errno.ENODEV, Errno.ENODEV, EOPNOTSUPP, 0, 0], results);
        Assert.Equal("Cannot clear protodown, active reasons", client.GetErrorText(0));
        Assert.Null(client.GetErrorText(5));
        Assert.Equal(shown.Links["lower2"], Assert.Single(answered.Links).Value);

        Assert.Equal(0, client.Execute([new(KernelCommandKind.QueryLink, 0, shown.Links["lo"].Ifindex)], answered)[0]);
        Assert.Null(client.GetErrorText(0));
    });
}
