using System;
using Wmgwd2.Status;

namespace Wmgwd2.Check;

/// <summary>The bridge of a VNI, and the other end of the veth pair, which is its port.</summary>
internal static class BridgeRules
{
    // What the kernel begins with: 300 s (net/bridge/br_device.c).
    private static readonly TimeSpan DefaultAgeing = TimeSpan.FromSeconds(300);

    // Hundredths of a second (USER_HZ), in ticks.
    private const long AgeingUnit = TimeSpan.TicksPerSecond / 100;

    public static void Check(GatewayFacts facts, ChainCommands commands, VniChain chain, FindingList findings)
    {
        if (chain.Peer is { } peer)
        {
            CheckPort(facts, commands, chain, peer, findings);
        }

        if (chain.Bridge is not { } bridge)
        {
            return;
        }

        string name = chain.NameOf(bridge);
        if (!bridge.IsSetUp)
        {
            findings.AddFor(chain.Index, Severity.Error, "bridge", $"{name} is not set up",
                "nothing is bridged between stations and the gateway", SetUpBridge(facts, chain, bridge));
        }

        TimeSpan ageing = TimeSpan.FromTicks(bridge.Details.AgeingTime * AgeingUnit);
        if (ageing <= facts.ArpInterval)
        {
            TimeSpan longer = facts.ArpInterval < DefaultAgeing ? DefaultAgeing : facts.ArpInterval + facts.ArpInterval;
            findings.AddFor(chain.Index, Severity.Warning, "ageing",
                Words.Of($"{name} forgets MAC addresses after {Seconds(ageing)}, and arp-interval is {Seconds(facts.ArpInterval)}"),
                "EVPN withdraws the gateway's route before it is announced again; or set a shorter arp-interval",
                $"ip link set {VniTemplate.Quote(name)} type bridge ageing_time {VniTemplate.Number((int)(longer.Ticks / AgeingUnit))}");
        }
    }

    private static void CheckPort(
        GatewayFacts facts, ChainCommands commands, VniChain chain, LinkFacts peer, FindingList findings)
    {
        string name = chain.NameOf(peer);
        if (chain.Bridge == null)
        {
            findings.AddFor(chain.Index, Severity.Error, "bridge", $"{name}, the other end of the lower device, is in no bridge",
                "stations don't reach the gateway, and EVPN has no route to it", commands.MakePortOf(chain, peer));
        }

        if (facts.NotLearnedFrom.Contains(peer.State.Ifindex) && chain.Bridge != null)
        {
            findings.AddFor(chain.Index, Severity.Warning, "learning",
                Words.Of($"{chain.NameOf(chain.Bridge)} learns nothing from {name}, the other end of the lower device"),
                "EVPN has no route to the virtual MAC address: what goes to it is flooded to all gateways; a daemon that was killed "
                    + "in a handover leaves that behind, and its next start mends it",
                $"bridge link set dev {VniTemplate.Quote(name)} learning on");
        }

        if (!peer.IsSetUp)
        {
            findings.AddFor(chain.Index, Severity.Error, "lower", $"{name}, the other end of the lower device, is not set up",
                "the lower device has no carrier: the VNI can't be served", MacvlanRules.SetUpBelow(facts, chain, peer));
        }
    }

    // A macvlan that stands on the bridge itself gets its carrier from it.
    private static string SetUpBridge(GatewayFacts facts, VniChain chain, LinkFacts bridge) => chain.Lower == bridge
        ? MacvlanRules.SetUpBelow(facts, chain, bridge)
        : $"ip link set {VniTemplate.Quote(chain.NameOf(bridge))} up";

    private static string Seconds(TimeSpan time) => VniTemplate.Number((int)time.TotalSeconds) + " s";
}
