using System.Collections.Generic;

namespace Wmgwd2.Check;

/// <summary>IPv6 on devices that have no IPv6 address but what the kernel gave them.</summary>
internal static class Ipv6Rules
{
    public static void Check(GatewayFacts facts, VniChain chain, FindingList findings)
    {
        var names = new List<string>();
        foreach (LinkFacts? link in (LinkFacts?[])[chain.Bridge, chain.Vxlan, chain.Peer, chain.Lower, chain.Macvlan])
        {
            if (link is { Details.Ipv6On: true } && !facts.Ipv6Users.Contains(link.State.Ifindex)
                && !names.Contains(chain.NameOf(link)))
            {
                names.Add(chain.NameOf(link));
            }
        }

        if (names.Count > 0)
        {
            findings.AddFor(chain.Index, Severity.Advice, "ipv6", $"IPv6 is on for {string.Join(", ", names)} and not used",
                "each change of a carrier walks the IPv6 routes of all devices: 1.4 ms with 1,000 VNIs, 0.05 ms without IPv6; "
                    + "before they are made: sysctl -w net.ipv6.conf.default.disable_ipv6=1",
                Mend(names));
        }
    }

    private static string Mend(List<string> names)
    {
        if (names.Count == 1)
        {
            return $"sysctl -qw {VniTemplate.Quote($"net/ipv6/conf/{names[0]}/disable_ipv6")}=1";
        }

        string words = "";
        foreach (string name in names)
        {
            words += " " + VniTemplate.Quote(name);
        }

        return $"for d in{words}; do sysctl -qw net/ipv6/conf/$d/disable_ipv6=1; done";
    }
}
