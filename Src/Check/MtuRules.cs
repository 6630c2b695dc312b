using Wmgwd2.Status;

namespace Wmgwd2.Check;

/// <summary>MTUs: of the device below a VXLAN device, and along the chain.</summary>
internal static class MtuRules
{
    // Outer IP header (20 or 40), UDP (8), VXLAN (8) and the inner Ethernet header (14): RFC 7348, section 5.
    private const int Overhead = 50;
    private const int OverheadIpv6 = 70;

    public static void Check(GatewayFacts facts, VniChains chains, VniChain chain, FindingList findings)
    {
        CheckChain(chain, findings);
        if (chain.Vxlan is not { } vxlan || FindUnderlay(facts, chains, vxlan) is not { } underlay)
        {
            return;
        }

        int needed = vxlan.Details.Mtu + (vxlan.Details.Vxlan.OverIpv6 ? OverheadIpv6 : Overhead);
        if (underlay.Details.Mtu < needed)
        {
            findings.AddFor(chain.Index, Severity.Warning, "mtu",
                Words.Of($"{underlay.Name} has MTU {VniTemplate.Number(underlay.Details.Mtu)}, too little for {chain.NameOf(vxlan)}'s "
                    + $"{VniTemplate.Number(vxlan.Details.Mtu)} and what VXLAN adds"),
                "full packets are fragmented or lost; the switches between need that MTU too, or the stations a smaller one",
                $"ip link set {VniTemplate.Quote(underlay.Name)} mtu {VniTemplate.Number(needed)}");
        }
    }

    private static void CheckChain(VniChain chain, FindingList findings)
    {
        LinkFacts? smallest = null;
        foreach (LinkFacts? link in (LinkFacts?[])[chain.Lower, chain.Peer, chain.Vxlan])
        {
            if (link != null && link.Details.Mtu < (smallest ?? chain.Macvlan).Details.Mtu)
            {
                smallest = link;
            }
        }

        if (smallest != null)
        {
            string mtu = VniTemplate.Number(smallest.Details.Mtu);
            string name = chain.NameOf(chain.Macvlan);
            findings.AddFor(chain.Index, Severity.Warning, "mtu",
                Words.Of($"{name} has MTU {VniTemplate.Number(chain.Macvlan.Details.Mtu)}, and {chain.NameOf(smallest)} below it {mtu}"),
                "what is larger is dropped there, and nobody is told", $"ip link set {VniTemplate.Quote(name)} mtu {mtu}");
        }
    }

    private static LinkFacts? FindUnderlay(GatewayFacts facts, VniChains chains, LinkFacts vxlan)
    {
        if (vxlan.Details.Vxlan.Link != 0)
        {
            return chains.FindLink(vxlan.Details.Vxlan.Link);
        }

        foreach (AddressFacts address in facts.Addresses)
        {
            if (address.Address == vxlan.Details.Vxlan.Local)
            {
                return chains.FindLink(address.Ifindex);
            }
        }

        return null;
    }
}
