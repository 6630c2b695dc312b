using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Wmgwd2.Core;

namespace Wmgwd2.Benchmarks;

/// <summary>
/// keepalived, with a VRRP instance for each VNI on the lower device of its chain. Half of the instances prefer one gateway,
/// half the other.
/// </summary>
/// <remarks>
/// What is set in its favour, and not its default:
/// <list type="bullet">
/// <item><c>vrrp_rt_priority</c>, with a <c>vrrp_rlimit_rttime</c> that lets it run for a second at a time: with 1,000 instances
/// at 50 ms it takes more than half a processor, and where something else runs for long enough, hundreds of instances take
/// their peer for dead. So nothing else does.</item>
/// <item><c>--no-syslog</c>: where nobody reads the syslog, each line goes to the machine's console, and it waits for that;
/// with 1,000 instances at 50 ms it never settles then.</item>
/// <item><c>vmac_xmit_base</c>: advertisements pass the lower device alone, not the macvlan too; that saves a seventh of its
/// processor time.</item>
/// <item><c>vrrp_min_garp</c>: one gratuitous ARP for each address instead of ten, so that a take-over of many is over
/// sooner.</item>
/// <item><c>vrrp_skip_check_adv_addr</c>: less to do for each advertisement.</item>
/// <item>Larger netlink buffers: thousands of interfaces.</item>
/// </list>
/// The dead interval stays what RFC 5798 has: three advertisements, and the skew of less than one.
/// </remarks>
internal sealed class KeepalivedContender(Lab lab, TimeSpan interval) : Contender(lab, interval)
{
    private const string Prefix = "kv";
    private const int VirtualHost = 3;

    public override string Name => "keepalived";

    public override ControlPacketTest IsControlPacket => ControlTraffic.IsVrrp;

    public override GatewayProcess Start(int gateway)
    {
        Lab.Batch(gateway, Vnis.Select(vni => $"addr replace {OwnAddress(vni, gateway)}/24 dev veth{vni} noprefixroute"));
        string name = Path.Combine(Lab.Folder, string.Create(CultureInfo.InvariantCulture, $"gw{gateway}-keepalived"));
        File.WriteAllText($"{name}.conf", Configuration(gateway));
        return new GatewayProcess(Lab, gateway,
        [
            "keepalived", "--vrrp", "--dont-fork", "--log-console", "--no-syslog", "--use-file", $"{name}.conf",
            "--pid", $"{name}.pid", "--vrrp_pid", $"{name}-vrrp.pid",
        ]);
    }

    /// <summary>
    /// Its macvlans and its firewall table outlive it when it is killed, and so do its notes of process ids: it would end at
    /// once should another process have got one of them.
    /// </summary>
    public override void CleanUp(int gateway)
    {
        foreach (string note in Directory.GetFiles(Lab.Folder, "*.pid"))
        {
            File.Delete(note);
        }

        Lab.Batch(gateway, Show(gateway, "link", "show", "type", "macvlan")
            .Select(NameOf).Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => $"link delete {name}"));
        Lab.Run(gateway, ["nft", "delete", "table", "ip", "keepalived"]);
        Lab.Batch(gateway, Vnis.Select(vni => $"addr delete {OwnAddress(vni, gateway)}/24 dev veth{vni}"));
    }

    public override Ipv4Address AddressOf(int vni) => Lab.AddressIn(vni, VirtualHost);

    /// <summary>The address is on its macvlan: "12: kv5    inet 10.64.5.3/24 scope global kv5…".</summary>
    public override IReadOnlySet<int> ServedBy(int gateway) => Show(gateway, "-4", "addr", "show")
        .Select(NameOf).Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(name => int.Parse(name[Prefix.Length..], CultureInfo.InvariantCulture))
        .ToHashSet();

    private static string NameOf(string line) => line.Split(' ')[1].Split('@')[0];

    private static Ipv4Address OwnAddress(int vni, int gateway) => Lab.AddressIn(vni, 10 + gateway);

    private string Configuration(int gateway)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $$"""
            global_defs {
                router_id gw{{gateway}}
                vrrp_version 3
                vrrp_min_garp true
                vrrp_skip_check_adv_addr
                vrrp_rt_priority 10
                vrrp_rlimit_rttime 1000000
                vrrp_netlink_cmd_rcv_bufs 8388608
                vrrp_netlink_cmd_rcv_bufs_force true
                vrrp_netlink_monitor_rcv_bufs 8388608
                vrrp_netlink_monitor_rcv_bufs_force true
            }

            """);
        foreach (int vni in Vnis)
        {
            text.Append(Instance(gateway, vni));
        }

        return text.ToString();
    }

    // The router id makes the MAC, 00:00:5e:00:01:id: another than the lab's macvlan has on the same lower device, vni % 256.
    private string Instance(int gateway, int vni) => string.Create(CultureInfo.InvariantCulture, $$"""
        vrrp_instance vni{{vni}} {
            state BACKUP
            interface veth{{vni}}
            use_vmac {{Prefix}}{{vni}}
            vmac_xmit_base
            virtual_router_id {{(vni % 255) + 1}}
            priority {{(vni % Lab.Gateways == gateway % Lab.Gateways ? 150 : 100)}}
            advert_int {{Interval.TotalSeconds}}
            virtual_ipaddress {
                {{AddressOf(vni)}}/24
            }
        }

        """);
}
