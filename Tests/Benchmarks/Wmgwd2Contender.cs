using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Wmgwd2.Core;

namespace Wmgwd2.Benchmarks;

/// <summary>This project's daemon, with its defaults and the interval.</summary>
internal sealed class Wmgwd2Contender(Lab lab, TimeSpan interval) : Contender(lab, interval)
{
    private const string Prefix = "vrrp4-";

    public override string Name => "wmgwd2";

    public override ControlPacketTest IsControlPacket => ControlTraffic.IsCluster;

    public override GatewayProcess Start(int gateway) => new Wmgwd2Gateway(Lab, gateway, Interval).Process;

    /// <summary>A daemon that was killed has let go of nothing.</summary>
    public override void CleanUp(int gateway) =>
        Lab.Run(gateway, [Repository.Binary, "fence", "--vnis", string.Create(CultureInfo.InvariantCulture, $"1-{Lab.Vnis}")]);

    public override Ipv4Address AddressOf(int vni) => Lab.VirtualAddress(vni);

    /// <summary>A macvlan with a carrier: "12: vrrp4-5@veth5: &lt;BROADCAST,MULTICAST,UP,LOWER_UP&gt; …".</summary>
    public override IReadOnlySet<int> ServedBy(int gateway) => Show(gateway, "link", "show", "type", "macvlan")
        .Where(line => line.Contains("LOWER_UP", StringComparison.Ordinal))
        .Select(line => line.Split(' ')[1])
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(name => int.Parse(name[Prefix.Length..name.IndexOf('@')], CultureInfo.InvariantCulture))
        .ToHashSet();
}
