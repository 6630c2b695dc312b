using System.Collections.Generic;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Check;

/// <summary>The network that all gateways are in: the broadcast address, its interface, the port; and the tracked interfaces.</summary>
internal static class ClusterRules
{
    public static void Check(GatewayFacts facts, VniChains chains, FindingList findings)
    {
        if (chains.FindClusterLink() is { } cluster)
        {
            CheckLink(cluster.Link, "broadcast", "advertisements can't be sent: this gateway serves nothing", findings);
        }
        else
        {
            AddNoNetwork(facts, chains, findings);
        }

        foreach (string name in facts.TrackInterfaces)
        {
            const string Why = "while a tracked interface has no carrier this gateway serves nothing";
            if (chains.FindLink(name) is { } link)
            {
                CheckLink(link, "track-interface", Why, findings);
            }
            else
            {
                findings.Add(Severity.Error, "track-interface", $"tracked interface {name} is missing", Why,
                    $"ip link set DEVICE name {VniTemplate.Quote(name)}");
            }
        }

        CheckPort(facts, findings);
    }

    private static void CheckLink(LinkFacts link, string check, string why, FindingList findings)
    {
        if (!link.IsSetUp)
        {
            findings.Add(
                Severity.Error, check, $"{link.Name} is not set up", why, $"ip link set {VniTemplate.Quote(link.Name)} up");
        }
        else if (!link.HasCarrier)
        {
            findings.Add(Severity.Error, check, $"{link.Name} has no carrier", $"{why}; look at the cable and its other end",
                $"ip -s -d link show {VniTemplate.Quote(link.Name)}");
        }
    }

    private static void AddNoNetwork(GatewayFacts facts, VniChains chains, FindingList findings)
    {
        if (facts.BindInterface is { } name && chains.FindLink(name) == null)
        {
            findings.Add(Severity.Error, "bind-interface", $"bind-interface {name} is missing",
                "the cluster is talked to on this interface only: this gateway hears nobody and serves nothing",
                $"ip link set DEVICE name {VniTemplate.Quote(name)}");
            return;
        }

        // The addresses of VNIs may be thousands.
        const int Limit = 5;
        var networks = new List<string>();
        foreach (AddressFacts address in facts.Addresses)
        {
            if (chains.FindLink(address.Ifindex) is { } link && address.PrefixLength < 31 && address.Address.Value >> 24 != 127
                && link.Details.Kind != LinkKind.Macvlan)
            {
                networks.Add($"{address.NetworkBroadcast.ToString()} ({link.Name})");
            }
        }

        string found = networks.Count is > 0 and <= Limit ? $"; those are {string.Join(", ", networks)}" : "";
        string on = facts.BindInterface is { } only ? $" on {only}" : "";
        string device = VniTemplate.Quote(facts.BindInterface ?? "DEVICE");
        findings.Add(Severity.Error, "broadcast",
            $"{facts.Broadcast.ToString()} is not the broadcast address of a local subnet{on}{found}",
            "advertisements go there: this gateway hears nobody and serves nothing; ADDRESS/PREFIX is this gateway's own in the "
                + "network that all gateways are in",
            Words.Of($"ip addr add ADDRESS/PREFIX brd + dev {device}; ip link set {device} up"));
    }

    private static void CheckPort(GatewayFacts facts, FindingList findings)
    {
        string port = VniTemplate.Number(facts.Port);
        bool own = facts.Daemon is not (DaemonPlace.Here or DaemonPlace.Unknown);
        foreach (PortUserFacts user in facts.PortUsers)
        {
            if (facts.Daemon == DaemonPlace.Here && user.Process == facts.DaemonProcess && user.Process != 0)
            {
                continue;
            }

            // Whose socket it is only root may know. Of those that are bound as a daemon's is, one is the daemon's.
            if (!own && user.Process == 0 && user.Address == facts.Broadcast)
            {
                own = true;
                continue;
            }

            string process = VniTemplate.Number(user.Process);
            if (user.IsDaemon(facts.Program))
            {
                // It shares the port: what it has besides is what another one would have too.
                findings.Add(Severity.Error, "port",
                    Words.Of($"another wmgwd2 (process {process}) has UDP port {port} at {user.Address.ToString()}"),
                    "each daemon of a network namespace needs a port and VNIs of its own; to check with that one's settings, give its "
                        + $"--config or --control-socket, which /proc/{process}/cmdline may name",
                    $"{VniTemplate.Quote(facts.Program)} check --config CONFIG_FILE --control-socket SOCKET");
                continue;
            }

            string by = user.Process == 0 ? "another process" : Words.Of($"process {process} ({user.Name})");
            findings.Add(Severity.Error, "port", Words.Of($"UDP port {port} at {user.Address.ToString()} is taken by {by}"),
                "'wmgwd2 run' can't hear its peers there",
                user.Process == 0 ? $"sudo ss -ulnp 'sport = :{port}'" : $"kill {process}");
        }
    }
}
