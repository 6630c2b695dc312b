using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Check;

/// <summary>VNIs that have no macvlan: the commands that make what is missing of their chains, in the order of README.md.</summary>
internal static class ProvisioningRules
{
    /// <summary>Why a command has that in it.</summary>
    public const string AddressHint =
        "ADDRESS/PREFIX is the gateway's in the VNI's network: another one for each VNI, the same on all gateways";

    /// <summary>What a command does that takes something away first.</summary>
    public const string Interrupts = "the command interrupts the VNI where it is served";

    public static void Check(GatewayFacts facts, VniChains chains, ChainCommands commands, FindingList findings)
    {
        if (chains.AreComplete)
        {
            return;
        }

        string what = $"there is no interface {VniTemplate.OfPattern(facts.Pattern)}";
        const string Why = $"this gateway can't serve the VNI; {AddressHint}";
        for (int index = 0; index < facts.Vnis.Count; index++)
        {
            if (!chains.Has(index))
            {
                findings.AddFor(index, Severity.Error, "interface", what, Why, commands.MakeChain(facts.Vnis[index]));
            }
        }
    }
}

/// <summary>Writes the commands that make chains, called as those that are there.</summary>
internal sealed class ChainCommands
{
    /// <summary>Stands for the address that VXLAN devices send from, where it isn't known.</summary>
    public const string UnknownLocal = "VTEP_ADDRESS";

    /// <summary>Why a command has that in it.</summary>
    public const string UnknownLocalHint = $"{UnknownLocal} is this gateway's own, at which other VTEPs reach it";

    private readonly GatewayFacts _facts;
    private readonly VniChains _chains;
    private readonly string _bridge = $"br{VniTemplate.Mark}";
    private readonly string _vxlan = $"vxlan{VniTemplate.Mark}";
    private readonly string _port = $"vethbr{VniTemplate.Mark}";
    private readonly string _lower = $"veth{VniTemplate.Mark}";
    private readonly string _local;
    private readonly string _wholeChain;

    public ChainCommands(GatewayFacts facts, VniChains chains)
    {
        _facts = facts;
        _chains = chains;
        _local = FindLocal();
        foreach (VniChain chain in chains.Present)
        {
            if (chain is { Bridge: { } bridge, Vxlan: { } vxlan, Peer: { } peer, Lower: { } lower })
            {
                (_bridge, _vxlan) = (chain.NameOf(bridge), chain.NameOf(vxlan));
                (_port, _lower) = (chain.NameOf(peer), chain.NameOf(lower));
                break;
            }
        }

        _wholeChain = Words.Of($"{MakeBridge(_bridge)}; {MakeVxlan(_bridge)}; {MakeVeth(_bridge)}; {MakeMacvlan()}");
    }

    /// <summary>Makes what is missing of a VNI's chain, the macvlan at least.</summary>
    public string MakeChain(Vni vni)
    {
        LinkFacts? vxlan = _chains.FindVxlan(vni);
        LinkFacts? bridge = FindBridge(vni);
        LinkFacts? lower = _chains.FindLink(VniTemplate.For(_lower, vni));
        if (vxlan == null && bridge == null && lower == null)
        {
            return _wholeChain;
        }

        string name = bridge == null ? _bridge : VniTemplate.OfName(bridge.Name, vni);
        string commands = bridge == null ? $"{MakeBridge(name)}; " : "";
        commands += vxlan == null ? $"{MakeVxlan(name)}; "
            : _chains.FindBridgeOf(vxlan) == null ? $"{MakePort(VniTemplate.OfName(vxlan.Name, vni), name)}; "
            : "";
        LinkFacts? peer = lower is { Details.Kind: LinkKind.Veth } ? _chains.FindLink(lower.State.LowerIfindex) : null;
        commands += lower == null ? $"{MakeVeth(name)}; "
            : peer != null && _chains.FindBridgeOf(peer) == null ? $"{MakePort(VniTemplate.OfName(peer.Name, vni), name)}; "
            : "";
        return commands + MakeMacvlan();
    }

    /// <summary>Makes a macvlan in the place of what has its name.</summary>
    public string RemakeMacvlan(VniChain chain) =>
        $"ip link del {VniTemplate.Quote(chain.NameOf(chain.Macvlan))}; {MakeChain(chain.Vni)}";

    /// <summary>Makes a link a port of the VNI's bridge, which is made if there is none.</summary>
    public string MakePortOf(VniChain chain, LinkFacts link)
    {
        LinkFacts? bridge = FindBridge(chain.Vni);
        string name = bridge == null ? _bridge : chain.NameOf(bridge);
        return $"{(bridge == null ? $"{MakeBridge(name)}; " : "")}{MakePort(chain.NameOf(link), name)}";
    }

    /// <summary>Makes a VXLAN device in the VNI's bridge; whatever has its name goes first.</summary>
    public string MakeVxlan(VniChain chain, LinkFacts bridge)
    {
        bool taken = _chains.FindLink(VniTemplate.For(_vxlan, chain.Vni)) != null;
        return $"{(taken ? $"ip link del {VniTemplate.Quote(_vxlan)}; " : "")}{MakeVxlan(chain.NameOf(bridge))}";
    }

    /// <summary>Makes a VXLAN device in the place of one.</summary>
    public string RemakeVxlan(VniChain chain, LinkFacts vxlan, LinkFacts bridge) =>
        $"ip link del {VniTemplate.Quote(chain.NameOf(vxlan))}; {MakeVxlan(chain.NameOf(bridge), chain.NameOf(vxlan))}";

    /// <summary>The address that VXLAN devices send from: that of those there are, or this gateway's in the cluster's network.</summary>
    private string FindLocal()
    {
        foreach (LinkFacts link in _facts.Links)
        {
            if (link.Details is { Kind: LinkKind.Vxlan, Vxlan.Local.Value: not 0 } && IsOwn(_facts, link.Details.Vxlan.Local))
            {
                return link.Details.Vxlan.Local.ToString();
            }
        }

        return _chains.FindClusterLink() is { } cluster ? cluster.Address.Address.ToString() : UnknownLocal;
    }

    /// <summary>The address that VXLAN devices send from.</summary>
    public string Local => _local;

    /// <summary>Whether an address is one of this gateway's.</summary>
    public static bool IsOwn(GatewayFacts facts, Ipv4Address address)
    {
        foreach (AddressFacts own in facts.Addresses)
        {
            if (own.Address == address)
            {
                return true;
            }
        }

        return false;
    }

    private LinkFacts? FindBridge(Vni vni) => _chains.FindBridgeOf(_chains.FindVxlan(vni))
        ?? (_chains.FindLink(VniTemplate.For(_bridge, vni)) is { Details.Kind: LinkKind.Bridge } bridge ? bridge : null);

    private static string MakeBridge(string name) => $"ip link add {VniTemplate.Quote(name)} up type bridge";

    private static string MakePort(string name, string bridge) =>
        Words.Of($"ip link set {VniTemplate.Quote(name)} master {VniTemplate.Quote(bridge)} up");

    private string MakeVxlan(string bridge, string? name = null) =>
        Words.Of($"ip link add {VniTemplate.Quote(name ?? _vxlan)} master {VniTemplate.Quote(bridge)} up "
            + $"type vxlan id {VniTemplate.Mark} local {_local} dstport {VxlanRules.Port} nolearning");

    private string MakeVeth(string bridge) =>
        Words.Of($"ip link add {VniTemplate.Quote(_port)} master {VniTemplate.Quote(bridge)} up "
            + $"type veth peer name {VniTemplate.Quote(_lower)}");

    // The lower device comes up first, and protodown before the macvlan is set up: or it leaks frames.
    private string MakeMacvlan()
    {
        string lower = VniTemplate.Quote(_lower);
        string name = VniTemplate.Quote(VniTemplate.OfPattern(_facts.Pattern));
        return Words.Of($"ip link set {lower} up; ip link add link {lower} name {name} "
            + $"address {MacvlanRules.VirtualMac} type macvlan mode bridge; "
            + $"ip link set {name} protodown on; ip addr add ADDRESS/PREFIX dev {name}; ip link set {name} up");
    }
}
