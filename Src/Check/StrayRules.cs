using System.Collections.Generic;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Check;

/// <summary>Macvlans that are up, and called as those of VNIs that aren't configured.</summary>
internal static class StrayRules
{
    public static void Check(GatewayFacts facts, VniChains chains, FindingList findings)
    {
        // Where nobody said which VNIs there are, a daemon may well have others.
        if (facts.VnisAreDefaults)
        {
            return;
        }

        var ranges = new List<VniRange>();
        foreach (VniChain chain in chains.Strays)
        {
            LinkFacts macvlan = chain.Macvlan;
            if (macvlan.Details.Kind == LinkKind.Macvlan && macvlan.IsSetUp && macvlan.HasCarrier)
            {
                ranges.Add(new VniRange(chain.Vni, chain.Vni));
            }
        }

        if (ranges.Count > 0)
        {
            Add(facts, new VniSet(ranges), findings);
        }
    }

    private static void Add(GatewayFacts facts, VniSet vnis, FindingList findings)
    {
        // Other VNIs than those that the findings are of: worded here.
        Vni? only = vnis.Count == 1 ? vnis[0] : null;
        string name = VniTemplate.OfPattern(facts.Pattern);
        var all = new VniBitmap(vnis.Count);
        for (int index = 0; index < vnis.Count; index++)
        {
            all[index] = true;
        }

        findings.Add(Severity.Warning, "stray", VniTemplate.ToText($"{name} is up, and the VNI is none of those that are configured", only),
            "a daemon with these settings doesn't hold it down while another gateway serves the VNI: add the VNI to them, or hold the "
                + "interface down; where another wmgwd2 of this machine has the VNI, leave it to that",
            VniTemplate.ToShell($"ip link set {VniTemplate.Quote(name)} protodown on", vnis, all),
            VniRanges.Format(vnis, _ => true, int.MaxValue));
    }
}
