using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Check;

/// <summary>
/// IPv4 addresses in a VNI's network that aren't on its macvlan but on what is below it: they don't come and go with the VNI.
/// Other macvlans on the same lower device are somebody else's.
/// </summary>
internal static class AddressRules
{
    public static void Check(GatewayFacts facts, VniChain chain, AddressFacts[] belowMacvlans, FindingList findings)
    {
        foreach (AddressFacts address in belowMacvlans)
        {
            if (FindLink(chain, address.Ifindex) is { } link && FindOverlap(facts, chain, address) is { } own)
            {
                Add(chain, link, address, own, findings);
            }
        }
    }

    /// <summary>The addresses that are on no macvlan: few, where there are thousands of VNIs.</summary>
    public static AddressFacts[] FindBelowMacvlans(GatewayFacts facts, VniChains chains)
    {
        var found = new Growing<AddressFacts>();
        foreach (AddressFacts address in facts.Addresses)
        {
            if (chains.FindLink(address.Ifindex) is { } link && link.Details.Kind != LinkKind.Macvlan)
            {
                found.Add(address);
            }
        }

        return found.ToArray();
    }

    private static LinkFacts? FindLink(VniChain chain, int ifindex)
    {
        foreach (LinkFacts? link in (LinkFacts?[])[chain.Lower, chain.Peer, chain.Bridge, chain.Vxlan])
        {
            if (link != null && link.State.Ifindex == ifindex)
            {
                return link;
            }
        }

        return null;
    }

    private static AddressFacts? FindOverlap(GatewayFacts facts, VniChain chain, AddressFacts address)
    {
        foreach (AddressFacts own in facts.Addresses)
        {
            if (own.Ifindex == chain.Macvlan.State.Ifindex && own.Overlaps(address))
            {
                return own;
            }
        }

        return null;
    }

    private static void Add(VniChain chain, LinkFacts link, AddressFacts address, AddressFacts own, FindingList findings)
    {
        string name = chain.NameOf(link);
        string text = Text(chain, address);
        bool same = address.Address == own.Address;
        findings.AddFor(chain.Index, Severity.Error, "address",
            Words.Of($"{name} has {text}, in the network of {chain.NameOf(chain.Macvlan)}'s {Text(chain, own)}"),
            (same ? "stations get two ARP answers with two MAC addresses, and " : "")
                + "this machine keeps a route to the VNI's network by it while another gateway serves the VNI",
            Words.Of($"ip addr del {text} dev {VniTemplate.Quote(name)}"));
    }

    private static string Text(VniChain chain, AddressFacts address) => Words.Of(
        $"{VniTemplate.OfName(address.Address.ToString(), chain.Vni)}/{VniTemplate.Number(address.PrefixLength)}");
}
