using System.Collections.Generic;
using System.Globalization;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>What the election makes of a gateway for one VNI.</summary>
/// <param name="Slot">Its number in <see cref="StatusSnapshot.Owners"/>.</param>
/// <param name="Uid">Its uid.</param>
/// <param name="Address">Where it is heard from.</param>
/// <param name="Weight">Its weight for the VNI.</param>
/// <param name="IsElected">Whether it takes part.</param>
public sealed record GatewayWeight(int Slot, NodeId Uid, Ipv4Address Address, ulong Weight, bool IsElected)
{
    /// <summary>Whether it is this gateway.</summary>
    public bool IsOwn => Slot == PeerTable.OwnSlot;
}

/// <summary>One VNI: who owns it and why, and how it stands with it on this gateway.</summary>
public sealed class VniExplanation
{
    /// <summary>Explains.</summary>
    /// <param name="status">The status that is explained.</param>
    /// <param name="index">The index of the VNI.</param>
    public VniExplanation(StatusSnapshot status, int index)
    {
        Status = status;
        Index = index;
        Shown = status.StatusOf(index);
        Problem = ProblemText.Describe(Shown, status.ReasonsOf(index));
        Gateways = Weigh(status, Vni);
    }

    /// <summary>The status.</summary>
    public StatusSnapshot Status { get; }

    /// <summary>The index of the VNI.</summary>
    public int Index { get; }

    /// <summary>The VNI.</summary>
    public Vni Vni => Status.Vnis[Index];

    /// <summary>What the kernel showed.</summary>
    public InterfaceStatus Shown { get; }

    /// <summary>What is wrong, or null.</summary>
    public string? Problem { get; }

    /// <summary>The gateways that live, this one among them: those that go first first.</summary>
    public IReadOnlyList<GatewayWeight> Gateways { get; }

    /// <summary>The uid of who owns it, or null.</summary>
    public string? Owner => Status.NameOwner(Index);

    /// <summary>Whether this gateway owns it.</summary>
    public bool IsOwned => Status.Owners[Index] == PeerTable.OwnSlot;

    /// <summary>Who owns it and why, in a sentence.</summary>
    public string Why
    {
        get
        {
            if (Owner is not { } owner)
            {
                return "owner: nobody: of the gateways that are heard here, none takes part in the election";
            }

            var elected = new List<GatewayWeight>();
            foreach (GatewayWeight gateway in Gateways)
            {
                if (gateway.IsElected)
                {
                    elected.Add(gateway);
                }
            }

            string name = IsOwned ? $"{owner} (this gateway)" : owner;
            if (elected.Count < 2)
            {
                return $"owner: {name}: no other gateway takes part in the election";
            }

            return elected[0].Weight == elected[1].Weight
                ? $"owner: {name}: {elected[1].Uid} has the same weight, and the lower uid goes first"
                : string.Create(
                    CultureInfo.InvariantCulture, $"owner: {name}: the highest weight of {elected.Count} gateways");
        }
    }

    /// <summary>What is under way between the election and the kernel, or null.</summary>
    public string? Transition => IsOwned == Shown.Wanted ? null
        : IsOwned ? "owned, and taken up in a moment"
        : "served on, without a route, until its owner takes it up";

    private static List<GatewayWeight> Weigh(StatusSnapshot status, Vni vni)
    {
        var gateways = new List<GatewayWeight>();
        Insert(gateways, new GatewayWeight(
            PeerTable.OwnSlot, status.Uid, status.Address, RendezvousHash.Weight(status.Uid, vni), status.IsElected));
        foreach (PeerStatus peer in status.Peers)
        {
            if (peer.Alive)
            {
                Insert(gateways, new GatewayWeight(
                    peer.Slot, peer.Uid, peer.Address, RendezvousHash.Weight(peer.Uid, vni), true));
            }
        }

        return gateways;
    }

    private static void Insert(List<GatewayWeight> gateways, GatewayWeight gateway)
    {
        int at = 0;
        while (at < gateways.Count && RendezvousHash.Precedes(
            gateways[at].Weight, gateways[at].Uid, gateway.Weight, gateway.Uid))
        {
            at++;
        }

        gateways.Insert(at, gateway);
    }
}
