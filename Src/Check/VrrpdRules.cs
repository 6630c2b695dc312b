using Wmgwd2.Status;

namespace Wmgwd2.Check;

/// <summary>FRR's vrrpd, which takes macvlans with a virtual MAC address for its own and holds them down.</summary>
internal static class VrrpdRules
{
    public static void Check(GatewayFacts facts, VniChains chains, FindingList findings)
    {
        foreach (VirtualRouterFacts router in facts.VirtualRouters)
        {
            foreach (VniChain chain in chains.Present)
            {
                // Without a macvlan it waits for one on its interface with its MAC address.
                if (router.Macvlan == chain.Macvlan.Name || (router.Interface == chain.Lower?.Name
                    && chain.Macvlan.State.HardwareAddress == MacvlanRules.VirtualPrefix + (uint)router.RouterId))
                {
                    Add(router, chain, findings);
                }
            }
        }
    }

    private static void Add(VirtualRouterFacts router, VniChain chain, FindingList findings)
    {
        string on = VniTemplate.OfName(router.Interface, chain.Vni);
        string number = router.RouterId == chain.Vni.Value
            ? VniTemplate.Mark : VniTemplate.Number(router.RouterId);
        string space = router.PathSpace.Length == 0 ? "" : $" -N {VniTemplate.Quote(router.PathSpace)}";
        findings.AddFor(chain.Index, Severity.Error, "vrrpd",
            Words.Of($"FRR's vrrpd has virtual router {number} on {on}, and takes {chain.NameOf(chain.Macvlan)} for it"),
            "it holds the macvlan down by a protodown reason of its own; keep it with 'write memory'",
            Words.Of($"vtysh{space} -c \"configure terminal\" -c \"interface {on}\" -c \"no vrrp {number}\""));
    }
}
