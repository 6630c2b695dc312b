using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Check;

/// <summary>The VXLAN device of a VNI.</summary>
internal static class VxlanRules
{
    /// <summary>The UDP port of VXLAN (RFC 7348, section 5); what the kernel takes by itself is 8472.</summary>
    public const string Port = "4789";

    public static void Check(GatewayFacts facts, VniChains chains, ChainCommands commands, VniChain chain, FindingList findings)
    {
        if (chain.Bridge is not { } bridge)
        {
            return;
        }

        if (chain.Vxlan is not { } vxlan)
        {
            AddMissing(chains, commands, chain, bridge, findings);
            return;
        }

        string name = chain.NameOf(vxlan);
        string quoted = VniTemplate.Quote(name);
        if (!vxlan.IsSetUp)
        {
            findings.AddFor(chain.Index, Severity.Error, "vxlan", $"{name} is not set up",
                "the VNI's stations are not reached", $"ip link set {quoted} up");
        }

        VxlanDetails details = vxlan.Details.Vxlan;
        if (details.External)
        {
            return;
        }

        if (details.Learning)
        {
            findings.AddFor(chain.Index, Severity.Warning, "vxlan", $"{name} learns where stations are",
                "EVPN says that; what is learned beside it is wrong after a move", $"ip link set {quoted} type vxlan nolearning");
        }

        string port = VniTemplate.Number(details.Port);
        if (port != Port)
        {
            findings.AddFor(chain.Index, Severity.Warning, "vxlan", Words.Of($"{name} sends to UDP port {port}, not {Port}"),
                $"VTEPs that listen at the port of the standard don't hear it; {ProvisioningRules.Interrupts}",
                commands.RemakeVxlan(chain, vxlan, bridge));
        }
        else if (!details.OverIpv6 && !ChainCommands.IsOwn(facts, details.Local))
        {
            findings.AddFor(chain.Index, Severity.Error, "vxlan",
                details.Local.Value == 0 ? $"{name} has no local address"
                    : Words.Of($"the local address of {name}, {details.Local.ToString()}, is none of this machine's"),
                "zebra advertises the VNI with that address: others send there", $"ip link set {quoted} type vxlan local {commands.Local}");
        }
    }

    private static void AddMissing(
        VniChains chains, ChainCommands commands, VniChain chain, LinkFacts bridge, FindingList findings)
    {
        const string Why = "the gateway and the VNI's stations are not in one network";
        string name = chain.NameOf(bridge);
        if (chains.FindVxlan(chain.Vni) is { } elsewhere)
        {
            string vxlan = chain.NameOf(elsewhere);
            findings.AddFor(chain.Index, Severity.Error, "vxlan", $"{vxlan}, which carries the VNI, is no port of {name}", Why,
                $"ip link set {VniTemplate.Quote(vxlan)} master {VniTemplate.Quote(name)}");
        }
        else
        {
            findings.AddFor(chain.Index, Severity.Error, "vxlan", $"{name} has no VXLAN device that carries the VNI", Why,
                commands.MakeVxlan(chain, bridge));
        }
    }
}
