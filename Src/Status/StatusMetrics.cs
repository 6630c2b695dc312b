using System;
using System.Buffers;
using System.Globalization;
using System.Text;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>
/// The status as metrics, in Prometheus' text exposition format 0.0.4. Names are stable: some are added, none is changed.
/// What is served is what the kernel showed; what is owned is what the election says.
/// </summary>
public sealed class StatusMetrics : IStatusDocument
{
    private const string Gauge = "gauge";
    private const string Counter = "counter";
    private const string Received = "received_";

    private readonly StatusSnapshot _status;
    private readonly IBufferWriter<byte> _destination;
    private readonly StringBuilder _text = new();
    private readonly bool _perVni;
    private int _part = -1;
    private int _next;

    /// <summary>Begins.</summary>
    /// <param name="status">The status.</param>
    /// <param name="destination">Where the pieces go.</param>
    /// <param name="perVni">Whether there are series of each VNI.</param>
    public StatusMetrics(StatusSnapshot status, IBufferWriter<byte> destination, bool perVni)
    {
        _status = status;
        _destination = destination;
        _perVni = perVni;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <inheritdoc/>
    public bool WriteNext(int vnis)
    {
        if (_part < 0)
        {
            WriteGateway();
            WritePeers();
            WriteVnis();
            WriteCounters();
            _part = 0;
        }
        else
        {
            WriteSeries(vnis);
        }

        foreach (ReadOnlyMemory<char> chunk in _text.GetChunks())
        {
            Encoding.UTF8.GetBytes(chunk.Span, _destination);
        }

        _text.Clear();
        return _perVni && _part < PerVni.Length;
    }

    /// <summary>What there is of each VNI.</summary>
    private static readonly (string Name, string Help)[] PerVni =
    [
        ("vni_owner", "The gateway that owns the VNI by the election, by its uid."),
        ("vni_served", "Whether the kernel shows the VNI operational and announced here."),
        ("vni_problem", "What is wrong with the VNI here."),
    ];

    /// <summary>Escapes the value of a label.</summary>
    internal static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);

    private void WriteGateway()
    {
        Begin("info", Gauge, "The version and the uid of this gateway.");
        Add("info", $"version=\"{Escape(_status.Version)}\",uid=\"{_status.Uid}\"", 1);
        Begin("start_time_seconds", Gauge, "When the daemon started, since 1970.");
        Add("start_time_seconds", "", Math.Round((_status.StartedAt - DateTime.UnixEpoch).TotalSeconds, 3));
        Begin("state", Gauge, "The state of this gateway: 1 for the one that it is in.");
        for (GatewayState state = GatewayState.Listening; state <= GatewayState.Fault; state++)
        {
            Add("state", $"state=\"{StatusSnapshot.NameOf(state)}\"", state == _status.State ? 1 : 0);
        }

        Begin("state_age_seconds", Gauge, "For how long it has been in that state.");
        Add("state_age_seconds", "", Math.Round(_status.InState.TotalSeconds, 3));
    }

    private void WritePeers()
    {
        int alive = 0;
        foreach (PeerStatus peer in _status.Peers)
        {
            alive += peer.Alive ? 1 : 0;
        }

        Begin("peers", Gauge, "How many peers are alive.");
        Add("peers", "", alive);
        if (_status.Peers.Count == 0)
        {
            return;
        }

        Begin("peer_alive", Gauge, "Whether a peer takes part in the election.");
        foreach (PeerStatus peer in _status.Peers)
        {
            Add("peer_alive", Label(peer), peer.Alive ? 1 : 0);
        }

        Begin("peer_last_heard_seconds", Gauge, "How long ago the latest advertisement of a peer came.");
        foreach (PeerStatus peer in _status.Peers)
        {
            Add("peer_last_heard_seconds", Label(peer), Math.Round(peer.SinceHeard.TotalSeconds, 3));
        }
    }

    private static string Label(PeerStatus peer) => $"uid=\"{peer.Uid}\",address=\"{peer.Address}\"";

    private void WriteVnis()
    {
        int owned = 0;
        int served = 0;
        int unserved = 0;
        int ownerless = 0;
        int wrong = 0;
        for (int index = 0; index < _status.Vnis.Count; index++)
        {
            InterfaceStatus shown = _status.StatusOf(index);
            bool isOwned = _status.Owners[index] == PeerTable.OwnSlot;
            bool isServed = shown.Condition == VniCondition.Served;
            owned += isOwned ? 1 : 0;
            served += isServed ? 1 : 0;
            unserved += isOwned && !isServed ? 1 : 0;
            ownerless += _status.Owners[index] == Ownership.NoOwner ? 1 : 0;
            wrong += shown.Problem != InterfaceProblem.None ? 1 : 0;
        }

        AddGauge("vnis", "How many VNIs the cluster serves.", _status.Vnis.Count);
        AddGauge("vnis_owned", "How many VNIs this gateway owns by the election.", owned);
        AddGauge("vnis_served", "How many VNIs the kernel shows operational and announced here.", served);
        AddGauge("vnis_unserved", "How many VNIs this gateway owns and does not serve.", unserved);
        AddGauge("vnis_without_owner", "How many VNIs no gateway that is heard here owns.", ownerless);
        AddGauge("vnis_with_problem", "How many VNIs have a problem here, owned or not.", wrong);
        if (_status.LastMovement is { } movement)
        {
            AddGauge("last_movement_seconds",
                "How long the last movement of VNIs took, from the decision to the last of them served or down.",
                Math.Round(movement.TotalSeconds, 6));
        }
    }

    private void WriteCounters()
    {
        AddCounter("takeovers_total", "VNIs that were taken over and shown served.", "takeovers");
        AddCounter("releases_total", "VNIs that were served and let go of.", "releases");
        AddCounter("repairs_total", "Interfaces that somebody else brought up and that were held down again.", "repairs");
        Begin("announcements_total", Counter, "Frames that announce an address (gratuitous ARP).");
        AddCounted("announcements_total", "result", "sent", "announcements_sent");
        AddCounted("announcements_total", "result", "not_sent", "announcements_not_sent");
        Begin("advertisements_total", Counter, "Datagrams to the cluster.");
        AddCounted("advertisements_total", "result", "sent", "advertisements_sent");
        AddCounted("advertisements_total", "result", "not_sent", "advertisements_not_sent");
        Begin("datagrams_received_total", Counter, "Datagrams on the cluster's port, by what became of them.");
        foreach (CounterStatus counter in _status.Counters)
        {
            if (counter.Name.StartsWith(Received, StringComparison.Ordinal))
            {
                AddCounted("datagrams_received_total", "result", counter.Name[Received.Length..], counter.Name);
            }
        }

        AddCounter("peers_appeared_total", "Peers that appeared, or returned.", "peers_appeared");
        AddCounter("peers_expired_total", "Peers that were not heard for the dead interval.", "peers_expired");
        Begin("protodown_changes_total", Counter, "Changes of protodown that the kernel was asked for.");
        AddCounted("protodown_changes_total", "result", "set", "protodown_set");
        AddCounted("protodown_changes_total", "result", "cleared", "protodown_cleared");
        AddCounted("protodown_changes_total", "result", "refused", "protodown_refused");
        AddCounter("netlink_lost_total", "How often the kernel said that notifications were lost.", "notifications_lost");
        AddCounter("netlink_unreadable_total", "Messages of the kernel that could not be read.", "notifications_unreadable");
        AddCounter("netlink_dumps_total", "How often everything was dumped and compared.", "dumps");
        Begin("allocated_bytes_total", Counter, "Bytes that a thread has allocated since its start: 0 unless something failed.");
        AddCounted("allocated_bytes_total", "thread", "cluster", "cluster_allocated_bytes");
        AddCounted("allocated_bytes_total", "thread", "kernel", "kernel_allocated_bytes");
    }

    /// <summary>One series after the other, as the format wants it; each of all VNIs.</summary>
    private void WriteSeries(int vnis)
    {
        (string name, string help) = PerVni[_part];
        if (_next == 0)
        {
            Begin(name, Gauge, help);
        }

        for (int end = Math.Min(_next + vnis, _status.Vnis.Count); _next < end; _next++)
        {
            InterfaceStatus shown = _status.StatusOf(_next);
            string vni = $"vni=\"{_status.Vnis[_next]}\"";
            switch (_part)
            {
                case 0 when _status.NameOwner(_next) is { } owner:
                    Add(name, $"{vni},uid=\"{owner}\"", 1);
                    break;
                case 1:
                    Add(name, vni, shown.Condition == VniCondition.Served ? 1 : 0);
                    break;
                case 2 when ProblemText.Describe(shown, _status.ReasonsOf(_next)) is { } problem:
                    Add(name, $"{vni},problem=\"{Escape(problem)}\"", 1);
                    break;
            }
        }

        if (_next == _status.Vnis.Count)
        {
            _next = 0;
            _part++;
        }
    }

    private void AddGauge(string name, string help, double value)
    {
        Begin(name, Gauge, help);
        Add(name, "", value);
    }

    private void AddCounter(string name, string help, string counter)
    {
        Begin(name, Counter, help);
        Add(name, "", _status.Count(counter));
    }

    private void AddCounted(string name, string label, string value, string counter) =>
        Add(name, $"{label}=\"{value}\"", _status.Count(counter));

    private void Begin(string name, string type, string help) =>
        _text.Append($"# HELP wmgwd2_{name} {help}\n# TYPE wmgwd2_{name} {type}\n");

    private void Add(string name, string labels, double value) =>
        _text.Append("wmgwd2_").Append(name).Append(labels.Length > 0 ? $"{{{labels}}}" : "").Append(' ')
            .Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
