using System;
using System.Collections.Generic;
using Wmgwd2.Core;

namespace Wmgwd2.Check;

/// <summary>What there is of a VNI's interface chain, from the macvlan down. README.md draws it.</summary>
public sealed class VniChain
{
    /// <summary>The VNI's index; negative where it isn't configured.</summary>
    public required int Index { get; init; }

    /// <summary>The VNI.</summary>
    public required Vni Vni { get; init; }

    /// <summary>The link that is called as the VNI's macvlan.</summary>
    public required LinkFacts Macvlan { get; init; }

    /// <summary>What it stands on; null where that is in another network namespace.</summary>
    public LinkFacts? Lower { get; init; }

    /// <summary>The other end of that, where it is a veth pair and the end is in this network namespace.</summary>
    public LinkFacts? Peer { get; init; }

    /// <summary>The bridge that the peer is a port of, or that the macvlan stands on.</summary>
    public LinkFacts? Bridge { get; init; }

    /// <summary>The VXLAN device in that bridge that carries the VNI.</summary>
    public LinkFacts? Vxlan { get; init; }

    /// <summary>A link's name, with a mark where it has the VNI.</summary>
    public string NameOf(LinkFacts link) => VniTemplate.OfName(link.Name, Vni);
}

/// <summary>The interface chains of all VNIs, as far as they are there.</summary>
public sealed class VniChains
{
    private readonly GatewayFacts _facts;
    private readonly Dictionary<int, LinkFacts> _byIndex = [];
    private readonly Dictionary<string, LinkFacts> _byName = [];
    private readonly Dictionary<int, LinkFacts> _vxlans = [];
    private readonly Dictionary<int, LinkFacts> _externalVxlans = [];
    private readonly VniChain?[] _present;

    /// <summary>Puts the links of a gateway together.</summary>
    public VniChains(GatewayFacts facts)
    {
        _facts = facts;
        foreach (LinkFacts link in facts.Links)
        {
            _byIndex[link.State.Ifindex] = link;
            _byName[link.Name] = link;
            if (link.Details.Kind == LinkKind.Vxlan)
            {
                AddVxlan(link);
            }
        }

        // By name, and from the links: there may be millions of VNIs that have none.
        _present = new VniChain?[facts.Vnis.Count];
        var strays = new Growing<VniChain>();
        Span<byte> name = stackalloc byte[InterfacePattern.MaximumNameLength];
        foreach (LinkFacts link in facts.Links)
        {
            if (System.Text.Encoding.ASCII.TryGetBytes(link.Name, name, out int length)
                && facts.Pattern.TryMatch(name[..length], out Vni vni))
            {
                int index = facts.Vnis.IndexOf(vni);
                if (index >= 0)
                {
                    _present[index] = Follow(index, vni, link);
                }
                else
                {
                    strays.Add(Follow(index, vni, link));
                }
            }
        }

        Strays = strays.ToArray();

        var chains = new Growing<VniChain>();
        foreach (VniChain? chain in _present)
        {
            if (chain != null)
            {
                chains.Add(chain);
            }
        }

        Present = chains.ToArray();
    }

    /// <summary>Those that have a link called as the macvlan, by VNI.</summary>
    public VniChain[] Present { get; }

    /// <summary>Those that have a link called so for a VNI that isn't configured; their index is negative.</summary>
    public VniChain[] Strays { get; }

    /// <summary>Whether every VNI has one.</summary>
    public bool AreComplete => Present.Length == _present.Length;

    /// <summary>Whether a VNI has one.</summary>
    public bool Has(int index) => _present[index] != null;

    /// <summary>The link of an index, or null.</summary>
    public LinkFacts? FindLink(int ifindex) => _byIndex.GetValueOrDefault(ifindex);

    /// <summary>The link of a name, or null.</summary>
    public LinkFacts? FindLink(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The VXLAN device of a VNI, wherever it is, or null.</summary>
    public LinkFacts? FindVxlan(Vni vni) => _vxlans.GetValueOrDefault((int)vni.Value);

    /// <summary>The bridge that a link is a port of, or null.</summary>
    public LinkFacts? FindBridgeOf(LinkFacts? link) =>
        link != null && FindLink(link.Details.Master) is { Details.Kind: LinkKind.Bridge } bridge ? bridge : null;

    /// <summary>The link that has the address by which the cluster is reached, and the address; null where there is none.</summary>
    public (LinkFacts Link, AddressFacts Address)? FindClusterLink()
    {
        foreach (AddressFacts address in _facts.Addresses)
        {
            if (address.HasBroadcast(_facts.Broadcast) && FindLink(address.Ifindex) is { } link
                && (_facts.BindInterface == null || _facts.BindInterface == link.Name))
            {
                return (link, address);
            }
        }

        return null;
    }

    private void AddVxlan(LinkFacts link)
    {
        if (link.Details.Vxlan.External)
        {
            _externalVxlans[link.Details.Master] = link;
        }
        else if (!_vxlans.TryGetValue((int)link.Details.Vxlan.Id, out LinkFacts? other) || other.Details.Master == 0)
        {
            _vxlans[(int)link.Details.Vxlan.Id] = link;
        }
    }

    private VniChain Follow(int index, Vni vni, LinkFacts macvlan)
    {
        LinkFacts? lower = FindLink(macvlan.State.LowerIfindex);
        LinkFacts? peer = lower is { Details.Kind: LinkKind.Veth } ? FindLink(lower.State.LowerIfindex) : null;
        LinkFacts? bridge = lower is { Details.Kind: LinkKind.Bridge } ? lower : FindBridgeOf(peer ?? lower);
        LinkFacts? vxlan = bridge == null ? null
            : FindVxlan(vni) is { } own && own.Details.Master == bridge.State.Ifindex ? own
            : _externalVxlans.GetValueOrDefault(bridge.State.Ifindex);
        return new VniChain
        {
            Index = index,
            Vni = vni,
            Macvlan = macvlan,
            Lower = lower,
            Peer = peer,
            Bridge = bridge,
            Vxlan = vxlan,
        };
    }
}
