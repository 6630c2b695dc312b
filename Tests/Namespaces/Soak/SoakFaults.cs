using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>Faults of links and of the network between the gateways; each writes into the model what it did.</summary>
internal sealed class SoakFaults(SoakCluster cluster)
{
    /// <summary>Prepares every gateway for being made deaf to others.</summary>
    public void Prepare() => Filter(cluster.Gateways.Select(gateway => (
        gateway,
        "table ip soak { set deaf { type ipv4_addr; }; chain input { type filter hook input priority 0; ip saddr @deaf drop; }; }")));

    /// <summary>Makes gateways deaf to others for a while.</summary>
    /// <param name="kind">What the report calls it.</param>
    /// <param name="pairs">Who is deaf to whom.</param>
    /// <param name="pause">For how long.</param>
    public void Cut(string kind, IReadOnlyCollection<(int Deaf, int To)> pairs, TimeSpan pause)
    {
        cluster.Count(kind);
        TimeSpan before = cluster.Now;
        FilterAll("add", pairs);
        TimeSpan after = cluster.Now;
        cluster.Model.Add(new ClusterChange(
            kind, before, cluster.Model.By(after + SoakTimes.Detection), state => Set(state, pairs, true))
        {
            MaxNone = after - before + SoakTimes.Detection,
        });
        Thread.Sleep(pause);
        before = cluster.Now;
        FilterAll("delete", pairs);
        cluster.Model.Add(new ClusterChange(
            $"{kind}, healed", before, cluster.Model.By(cluster.Now + SoakTimes.Hearing), state => Set(state, pairs, false))
        {
            MaxTwo = SoakTimes.Hearing,
        });
    }

    /// <summary>Sets the lower devices of some VNIs down and up again.</summary>
    public void FlapLower(SoakGateway gateway, bool owner, int count, TimeSpan pause) => Disturb(
        $"lower device flaps, {Describe(owner)}", gateway, owner, count, (disturbance, vnis) =>
        {
            gateway.Place.IpBatch(vnis.Select(vni => $"link set veth{vni} down"));
            Thread.Sleep(pause);
            disturbance.Over = cluster.Now;
            gateway.Place.IpBatch(vnis.Select(vni => $"link set veth{vni} up"));
        });

    /// <summary>Brings up macvlans of VNIs that the gateway doesn't own, as a foreign script might.</summary>
    public void BringUpForeign(SoakGateway gateway, int count) => Disturb(
        "foreign protodown off", gateway, owner: false, count, (disturbance, vnis) =>
        {
            gateway.Place.IpBatch(vnis.Select(vni => $"link set {Gateway.Macvlan(vni)} protodown off"));
            disturbance.Over = cluster.Now;
        });

    /// <summary>Deletes the veth pairs of some VNIs, with their macvlans, or the macvlans only, and makes them again.</summary>
    public void Recreate(SoakGateway gateway, bool owner, bool lower, int count, TimeSpan pause) => Disturb(
        $"interface deleted and made again, {Describe(owner)}", gateway, owner, count, (disturbance, vnis) =>
        {
            gateway.Place.IpBatch(vnis.Select(vni => $"link del {(lower ? $"veth{vni}" : Gateway.Macvlan(vni))}"));
            Thread.Sleep(pause);
            disturbance.Over = cluster.Now;
            gateway.Place.IpBatch(vnis.SelectMany(vni =>
                lower ? Gateway.Chain(vni).Skip(1) : Gateway.MacvlanCommands(vni)));
        });

    private static string Describe(bool owner) => owner ? "owner" : "not owner";

    /// <summary>Does something to some of the VNIs that a gateway owns, or doesn't own, if there are any.</summary>
    private void Disturb(
        string kind, SoakGateway gateway, bool owner, int count, Action<Disturbance, uint[]> action)
    {
        ClusterState state = cluster.Model.StateAt(cluster.Now);
        uint[] vnis = [.. cluster.Network.Vnis.Where(vni => cluster.Model.Owns(state, gateway.Number, vni) == owner).Take(count)];
        if (vnis.Length == 0)
        {
            return;
        }

        cluster.Count(kind);
        action(cluster.Model.Add(new Disturbance(kind, gateway.Number, vnis, cluster.Now)), vnis);
    }

    private static void Set(ClusterState state, IReadOnlyCollection<(int Deaf, int To)> pairs, bool deaf)
    {
        foreach ((int one, int other) in pairs)
        {
            state.Deaf[one, other] = deaf;
        }
    }

    private void FilterAll(string verb, IReadOnlyCollection<(int Deaf, int To)> pairs) => Filter(pairs
        .GroupBy(pair => pair.Deaf, pair => cluster.Gateways[pair.To].Place.Address)
        .Select(group => (cluster.Gateways[group.Key], $"{verb} element ip soak deaf {{ {string.Join(", ", group)} }}")));

    /// <summary>In all namespaces at once, by one shell: or a partition would come to the gateways one after the other.</summary>
    private static void Filter(IEnumerable<(SoakGateway Gateway, string Command)> filters)
    {
        IEnumerable<string> lines = filters.Select(filter =>
            $"{string.Join(' ', NetworkNamespace.Within(filter.Gateway.Place.Name))} nft '{filter.Command}' & pids=\"$pids $!\"");
        Command.Must(["sh", "-c", $"{string.Join('\n', lines)}\nfor pid in $pids; do wait $pid || exit 1; done"]);
    }
}
