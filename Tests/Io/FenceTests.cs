using System.Linq;
using Wmgwd2.Config;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Wmgwd2.Tests.Namespaces;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>Whatever state the interfaces are in, after a fence they are held down.</summary>
public sealed class FenceTests
{
    [NamespaceFact]
    public void Every_interface_is_held_down_and_has_no_carrier() => PrivateNamespace.Run(() =>
    {
        PrivateNamespace.MakeGatewayInterfaces(5);
        PrivateNamespace.Ip(
            "link set vrrp4-1 protodown off",
            // A lower device that flaps brings the carrier back, whatever the flag says.
            "link set lower2 down",
            "link set lower2 up",
            "link set vrrp4-5 protodown off");
        Assert.True(RouteRecorder.Dump().Is("vrrp4-2", LinkConditions.Protodown | LinkConditions.LowerUp));
        Settings settings = TestSettings.Read("vnis=1-4,6,7");

        FenceReport report = Fence.Run(settings.Vnis, settings.InterfacePattern);

        Assert.Equal((4, 2, 2), (report.Held, report.Changed, report.Missing));
        Assert.Empty(report.Failures);
        RouteRecorder shown = RouteRecorder.Dump();
        foreach (string name in Enumerable.Range(1, 4).Select(vni => $"vrrp4-{vni}"))
        {
            Assert.True(shown.Is(name, LinkConditions.Protodown));
            Assert.False(shown.Is(name, LinkConditions.LowerUp));
        }

        // It isn't one of the configured VNIs.
        Assert.False(shown.Is("vrrp4-5", LinkConditions.Protodown));
    });

    [NamespaceFact]
    public void Interface_that_can_not_be_held_down_is_named() => PrivateNamespace.Run(() =>
    {
        PrivateNamespace.Ip(
            "link add lower type veth peer name far", "link add gw1 link lower type macvlan", "link add name gw2 type bridge");
        Settings settings = TestSettings.Read("vnis=1-3", "interface-pattern=gw%d");

        FenceReport report = Fence.Run(settings.Vnis, settings.InterfacePattern);

        Assert.Equal((1, 2, 1), (report.Held, report.Changed, report.Missing));
        Assert.StartsWith(
            "VNI 2: gw2 can't be held down: Operation not supported (errno 95)", Assert.Single(report.Failures),
            System.StringComparison.Ordinal);
    });
}
