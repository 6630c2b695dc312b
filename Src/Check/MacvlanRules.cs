using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Check;

/// <summary>The macvlan of a VNI and the device that it stands on.</summary>
internal static class MacvlanRules
{
    /// <summary>The MAC address that all gateways have for a VNI: of VRRP for IPv4 (RFC 5798, section 7.3).</summary>
    public static readonly string VirtualMac = $"00:00:5e:00:01:{VniTemplate.ByteMark}";

    /// <summary>Such an address, but for its lowest byte.</summary>
    public const ulong VirtualPrefix = 0x00005e000100;

    /// <summary>Checks that what is called as a macvlan is one.</summary>
    /// <returns>Whether it is; nothing else of the chain means anything otherwise.</returns>
    public static bool CheckKind(ChainCommands commands, VniChain chain, FindingList findings)
    {
        if (chain.Macvlan.Details.Kind == LinkKind.Macvlan)
        {
            return true;
        }

        findings.AddFor(chain.Index, Severity.Error, "macvlan", $"{chain.NameOf(chain.Macvlan)} is no macvlan",
            $"the chain of the VNI ends elsewhere; {ProvisioningRules.AddressHint}", commands.RemakeMacvlan(chain));
        return false;
    }

    public static void Check(GatewayFacts facts, ChainCommands commands, VniChain chain, FindingList findings)
    {
        LinkFacts macvlan = chain.Macvlan;
        string name = chain.NameOf(macvlan);
        string quoted = VniTemplate.Quote(name);
        if (macvlan.Details.Mode == MacvlanMode.Passthru)
        {
            findings.AddFor(chain.Index, Severity.Warning, "macvlan", $"{name} is in mode passthru, not bridge",
                $"it takes all frames of its lower device and gives that its MAC address; {ProvisioningRules.Interrupts}; "
                    + ProvisioningRules.AddressHint,
                commands.RemakeMacvlan(chain));
        }
        else if (macvlan.Details.Mode != MacvlanMode.Bridge)
        {
            string mode = macvlan.Details.Mode switch
            {
                MacvlanMode.Private => "private",
                MacvlanMode.Vepa => "vepa",
                _ => "source",
            };
            findings.AddFor(chain.Index, Severity.Warning, "macvlan", $"{name} is in mode {mode}, not bridge",
                "another interface on the same device doesn't hear it", $"ip link set {quoted} type macvlan mode bridge");
        }

        CheckLower(facts, commands, chain, findings);
        CheckMac(chain, name, quoted, findings);
        if (!HasAddress(facts, macvlan.State.Ifindex))
        {
            findings.AddFor(chain.Index, Severity.Error, "address", $"{name} has no IPv4 address",
                $"there is nothing to announce; {ProvisioningRules.AddressHint}", $"ip addr add ADDRESS/PREFIX dev {quoted}");
        }

        if (!macvlan.IsSetUp)
        {
            findings.AddFor(chain.Index, Severity.Error, "up", $"{name} is not set up",
                "the VNI can't be served; wmgwd2 leaves that to whoever makes the interface",
                $"{HoldDown(facts, name)}ip link set {quoted} up");
        }
    }

    /// <summary>
    /// A command that has a macvlan silent, and goes with whatever brings a carrier; with a daemon, that sees to it, and may be
    /// serving.
    /// </summary>
    public static string HoldDown(GatewayFacts facts, string name) =>
        facts.Daemon == DaemonPlace.Here ? "" : $"ip link set {VniTemplate.Quote(name)} protodown on; ";

    /// <summary>Sets a device up; the macvlan on it would come up with it whatever protodown says, so it is told again.</summary>
    public static string SetUpBelow(GatewayFacts facts, VniChain chain, LinkFacts link)
    {
        string hold = HoldDown(facts, chain.NameOf(chain.Macvlan));
        string after = hold.Length == 0 ? "" : $"; {hold[..^2]}";
        return $"ip link set {VniTemplate.Quote(chain.NameOf(link))} up{after}";
    }

    private static void CheckLower(GatewayFacts facts, ChainCommands commands, VniChain chain, FindingList findings)
    {
        if (chain.Lower is not { } lower)
        {
            return;
        }

        if (lower.Details.Kind != LinkKind.Veth)
        {
            findings.AddFor(chain.Index, Severity.Warning, "lower",
                Words.Of($"the lower device of {chain.NameOf(chain.Macvlan)}, {chain.NameOf(lower)}, is no end of a veth pair"),
                $"a planned handover can't have EVPN withdraw the route first, so stations miss the gateway for longer; "
                    + $"{ProvisioningRules.Interrupts}; {ProvisioningRules.AddressHint}",
                commands.RemakeMacvlan(chain));
        }

        if (!lower.IsSetUp)
        {
            findings.AddFor(chain.Index, Severity.Error, "lower",
                $"{chain.NameOf(lower)}, the lower device of {chain.NameOf(chain.Macvlan)}, is not set up",
                "the macvlan has no carrier: the VNI can't be served", SetUpBelow(facts, chain, lower));
        }
    }

    private static void CheckMac(VniChain chain, string name, string quoted, FindingList findings)
    {
        ulong mac = chain.Macvlan.State.HardwareAddress;
        if (mac >> 8 == VirtualPrefix >> 8)
        {
            return;
        }

        bool likeLower = chain.Lower is { } lower && lower.State.HardwareAddress == mac;
        findings.AddFor(chain.Index, likeLower ? Severity.Error : Severity.Warning, "mac",
            likeLower ? $"{name} has the MAC address of its lower device" : $"{name} has no virtual MAC address (00:00:5e:00:01:xx)",
            "where gateways have different ones, stations and EVPN have to learn another at each move",
            $"ip link set {quoted} address {VirtualMac}");
    }

    private static bool HasAddress(GatewayFacts facts, int ifindex)
    {
        foreach (AddressFacts address in facts.Addresses)
        {
            if (address.Ifindex == ifindex)
            {
                return true;
            }
        }

        return false;
    }
}
