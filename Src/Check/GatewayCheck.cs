namespace Wmgwd2.Check;

/// <summary>Whether a gateway is provisioned as README.md says: all rules, applied to what was gathered.</summary>
public static class GatewayCheck
{
    /// <summary>Applies all rules.</summary>
    /// <param name="facts">What is configured, and what was found.</param>
    /// <returns>What they find: the worst first.</returns>
    public static Finding[] Run(GatewayFacts facts)
    {
        var findings = new FindingList(facts.Vnis);
        var chains = new VniChains(facts);
        var commands = new ChainCommands(facts, chains);

        // Of findings that are equally bad, those come first whose commands others need.
        ProcessRules.Check(facts, findings);
        ClusterRules.Check(facts, chains, findings);
        SysctlRules.Check(facts, chains, findings);
        ProvisioningRules.Check(facts, chains, commands, findings);
        StrayRules.Check(facts, chains, findings);
        VrrpdRules.Check(facts, chains, findings);
        AddressFacts[] belowMacvlans = AddressRules.FindBelowMacvlans(facts, chains);
        foreach (VniChain chain in chains.Present)
        {
            if (!MacvlanRules.CheckKind(commands, chain, findings))
            {
                continue;
            }

            MacvlanRules.Check(facts, commands, chain, findings);
            AddressRules.Check(facts, chain, belowMacvlans, findings);
            BridgeRules.Check(facts, commands, chain, findings);
            VxlanRules.Check(facts, chains, commands, chain, findings);
            MtuRules.Check(facts, chains, chain, findings);
            ProtodownRules.Check(facts, chain, findings);
            Ipv6Rules.Check(facts, chain, findings);
        }

        return findings.Finish();
    }
}
