using System;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Check;

/// <summary>
/// The sysctls of IPv4. For most of them the kernel takes the higher one of <c>conf/all</c> and <c>conf/NAME</c>
/// (Documentation/networking/ip-sysctl.rst); a link that is still to be made begins with <c>conf/default</c>.
/// </summary>
internal static class SysctlRules
{
    private const int StrictReversePath = 1;

    public static void Check(GatewayFacts facts, VniChains chains, FindingList findings)
    {
        if (!facts.HasSysctls)
        {
            findings.Add(Severity.Advice, "sysctl", "/proc/sys/net/ipv4 can't be read",
                "nothing is known of the sysctls that a gateway needs", "mount -t proc proc /proc");
            return;
        }

        CheckForwarding(facts, chains, findings);
        CheckEach(facts, chains, findings, new Rule
        {
            Severity = Severity.Error,
            Name = "arp_ignore",
            Wanted = "1",
            Why = "the lower device answers ARP in the macvlan's place, though another gateway serves the VNI",
            OfLowers = true,
            Value = switches => switches.ArpIgnore,
            IsRight = value => value is 1 or 2,
        });
        CheckEach(facts, chains, findings, new Rule
        {
            Severity = Severity.Warning,
            Name = "arp_announce",
            Wanted = "2",
            Why = "a VNI's stations are asked in the name of an address of another network, and learn it wrongly",
            Value = switches => switches.ArpAnnounce,
            IsRight = value => value == 2,
        });
        CheckEach(facts, chains, findings, new Rule
        {
            Severity = Severity.Error,
            Name = "ignore_routes_with_linkdown",
            Wanted = "1",
            Why = "the kernel uses the route of a VNI that another gateway serves: what goes there is lost",
            Value = switches => switches.IgnoreLinkdown,
            IsRight = value => value != 0,
        });
        CheckReversePath(facts, chains, findings);
    }

    private static void CheckForwarding(GatewayFacts facts, VniChains chains, FindingList findings)
    {
        const string Why = "without it nothing leaves a VNI's network";
        if (facts.IpForward == 0)
        {
            findings.Add(Severity.Error, "ip_forward", "net.ipv4.ip_forward is 0", Why, "sysctl -w net.ipv4.ip_forward=1");
            return;
        }

        foreach (VniChain chain in chains.Present)
        {
            if (chain.Macvlan.Details.Ipv4.Forwarding == 0)
            {
                Set(findings, chain, chain.Macvlan, Severity.Error, "ip_forward", "forwarding", 0, "1", Why);
            }
        }
    }

    /// <summary>Where it is wrong for all, all are mended at once; where one link is set otherwise, that one.</summary>
    private static void CheckEach(GatewayFacts facts, VniChains chains, FindingList findings, Rule rule)
    {
        int ofAll = rule.Value(facts.All);
        bool wrong = !chains.AreComplete && !rule.IsRight(Math.Max(ofAll, rule.Value(facts.Default)));
        foreach (VniChain chain in chains.Present)
        {
            wrong |= IsWrong(chain.Macvlan) || (rule.OfLowers && chain.Lower is { } lower && IsWrong(lower));
        }

        if (wrong && !rule.IsRight(ofAll))
        {
            findings.Add(rule.Severity, rule.Name, $"net.ipv4.conf.all.{rule.Name} is {VniTemplate.Number(ofAll)}", rule.Why,
                $"sysctl -w net.ipv4.conf.all.{rule.Name}={rule.Wanted}");
            return;
        }

        foreach (VniChain chain in wrong ? chains.Present : [])
        {
            Mend(chain, chain.Macvlan);
            if (rule.OfLowers && chain.Lower is { } lower)
            {
                Mend(chain, lower);
            }
        }

        bool IsWrong(LinkFacts link) => !rule.IsRight(Math.Max(ofAll, rule.Value(link.Details.Ipv4)));

        void Mend(VniChain chain, LinkFacts link)
        {
            if (IsWrong(link))
            {
                Set(findings, chain, link, rule.Severity, rule.Name, rule.Name, rule.Value(link.Details.Ipv4), rule.Wanted, rule.Why);
            }
        }
    }

    /// <summary>
    /// Strict is wrong wherever what comes in may have its way back by another link: between two gateways while a VNI moves, and
    /// where there is more than one uplink. Loose for all wins over strict for one, so one command mends all.
    /// </summary>
    private static void CheckReversePath(GatewayFacts facts, VniChains chains, FindingList findings)
    {
        bool strict = !chains.AreComplete && IsStrict(facts.Default);
        foreach (VniChain chain in chains.Present)
        {
            strict |= IsStrict(chain.Macvlan.Details.Ipv4);
        }

        foreach (string name in facts.TrackInterfaces)
        {
            strict |= chains.FindLink(name) is { } link && IsStrict(link.Details.Ipv4);
        }

        strict |= chains.FindClusterLink() is { } cluster && IsStrict(cluster.Link.Details.Ipv4);
        if (strict)
        {
            findings.Add(Severity.Warning, "rp_filter", "rp_filter is strict (1) where the way back may be another one",
                "what arrives by the old way while a VNI moves, or by another uplink, is dropped; 2 (loose) for all wins over 1 for one",
                "sysctl -w net.ipv4.conf.all.rp_filter=2");
        }

        bool IsStrict(Ipv4Switches switches) => Math.Max(facts.All.RpFilter, switches.RpFilter) == StrictReversePath;
    }

    private static void Set(
        FindingList findings, VniChain chain, LinkFacts link, Severity severity, string check, string key, int value,
        string wanted, string why)
    {
        string name = chain.NameOf(link);
        findings.AddFor(chain.Index, severity, check, Words.Of($"{key} of {name} is {VniTemplate.Number(value)}"), why,
            $"sysctl -w {VniTemplate.Quote($"net/ipv4/conf/{name}/{key}")}={wanted}");
    }

    /// <summary>What a sysctl has to be.</summary>
    private sealed class Rule
    {
        public required Severity Severity { get; init; }

        public required string Name { get; init; }

        public required string Wanted { get; init; }

        public required string Why { get; init; }

        /// <summary>Whether it matters for the lower devices too.</summary>
        public bool OfLowers { get; init; }

        public required Func<Ipv4Switches, int> Value { get; init; }

        public required Func<int, bool> IsRight { get; init; }
    }
}
