using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Simulation;

/// <summary>
/// Compares what gateways believe and announce with the election as the protocol defines it, among those whom each takes for
/// alive; and in a settled cluster among all.
/// </summary>
internal sealed class BeliefChecker(Cluster cluster)
{
    private readonly SimulatedGateway?[] _announcers = new SimulatedGateway?[cluster.VniCount];
    private bool _calm;

    /// <summary>Whether every gateway's table of owners is what its list of peers makes it.</summary>
    public void CheckEach()
    {
        foreach (SimulatedGateway gateway in cluster.Machines.OfType<SimulatedGateway>().Where(gateway => gateway.Running))
        {
            List<NodeId> members = FindMembers(gateway);
            for (int vni = 0; vni < cluster.VniCount; vni++)
            {
                RequireBelief(gateway, vni, Rendezvous.Elect(members, cluster.VniAt(vni)));
            }
        }
    }

    /// <summary>A gateway announces a VNI.</summary>
    public void ObserveAnnouncement(SimulatedGateway gateway, int vni)
    {
        cluster.Require(
            Check.Announcements,
            gateway.Serves(vni),
            () => $"gateway {gateway.Number} announces VNI {vni + 1} before it is operational");
        bool owns = gateway.Gateway.State == GatewayState.Draining
            ? gateway.Gateway.Serving[vni]
            : gateway.Active && Rendezvous.Elect(FindMembers(gateway), cluster.VniAt(vni)) == gateway.Uid;
        cluster.Require(Check.Announcements, owns, () => $"gateway {gateway.Number} announces VNI {vni + 1} without owning it");
        cluster.Require(
            Check.Announcements,
            !_calm || Owner(vni) == gateway.Uid,
            () => $"gateway {gateway.Number} announces VNI {vni + 1} in a settled cluster in which another one owns it");
        _announcers[vni] = gateway;
    }

    /// <summary>All believe the same, which is what the cluster as it is elects; and the last word was the owner's.</summary>
    /// <param name="wordsLost">As <see cref="ServiceChecker.LosesWords"/> says: an owner may not know that another announced.</param>
    public void BeginCalm(bool wordsLost)
    {
        _calm = true;
        SimulatedGateway[] gateways = [.. cluster.Machines.OfType<SimulatedGateway>()];
        for (int vni = 0; vni < cluster.VniCount; vni++)
        {
            NodeId owner = Owner(vni);
            foreach (SimulatedGateway gateway in gateways)
            {
                RequireBelief(gateway, vni, owner);
                int forgotten = vni;
                cluster.Require(
                    Check.OneServes,
                    !gateway.Running || gateway.Kernel.Learns(vni),
                    () => $"gateway {gateway.Number}: the bridge of VNI {forgotten + 1} doesn't learn: it has no route");
            }

            int at = vni;
            SimulatedGateway? announcer = _announcers[vni];
            cluster.Require(
                Check.Announcements,
                wordsLost || announcer?.Uid == owner || FindMachine(owner) is FirstImplementation,
                () => $"the latest to announce VNI {at + 1} was gateway {announcer?.Number}, and it isn't the owner");
        }
    }

    /// <summary>Faults may come again.</summary>
    public void EndCalm() => _calm = false;

    private static List<NodeId> FindMembers(SimulatedGateway gateway)
    {
        var members = new List<NodeId>();
        if (gateway.Gateway.Ownership.IsMember(PeerTable.OwnSlot))
        {
            members.Add(gateway.Uid);
        }

        for (int slot = 1; slot < PeerTable.SlotCount; slot++)
        {
            if (gateway.Gateway.Peers[slot].Alive)
            {
                members.Add(gateway.Gateway.Peers[slot].Uid);
            }
        }

        return members;
    }

    private Machine FindMachine(NodeId uid) => cluster.Machines.First(machine => machine.Uid == uid);

    private NodeId Owner(int vni) => Rendezvous.Elect([.. cluster.Machines.Select(machine => machine.Uid)], cluster.VniAt(vni));

    private void RequireBelief(SimulatedGateway gateway, int vni, NodeId owner)
    {
        ushort slot = gateway.Gateway.Ownership.Owners[vni];
        NodeId believed = slot == Ownership.NoOwner ? default : gateway.Gateway.Peers[slot].Uid;
        cluster.Require(
            Check.Beliefs, believed == owner, () => $"gateway {gateway.Number} believes {believed} owns VNI {vni + 1}, not {owner}");
    }
}
