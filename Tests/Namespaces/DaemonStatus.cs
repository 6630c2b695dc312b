using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>A peer in a status.</summary>
internal sealed record PeerEntry(ulong Uid, string Address, bool Alive, int OwnedVnis);

/// <summary>A VNI in a status.</summary>
internal sealed record VniEntry(
    uint Vni, ulong? Owner, bool Owned, string Interface, int Ifindex, bool Protodown, bool Operational, string? Problem);

/// <summary>What <c>wmgwd2 status --json</c> says.</summary>
internal sealed record DaemonStatus(
    string Text,
    ulong Uid,
    string Address,
    string State,
    string? Fault,
    IReadOnlyList<PeerEntry> Peers,
    IReadOnlyList<VniEntry> Vnis,
    IReadOnlyDictionary<string, long> Counters)
{
    /// <summary>The VNIs that the daemon owns.</summary>
    public IEnumerable<uint> Owned => Vnis.Where(vni => vni.Owned).Select(vni => vni.Vni);

    /// <summary>Whether everything that the daemon owns is operational, and nothing else is let go up.</summary>
    public bool ServesItsShare => Vnis.All(vni => vni.Owned == vni.Operational && vni.Owned != vni.Protodown);

    /// <summary>How many peers are alive.</summary>
    public int AlivePeers => Peers.Count(peer => peer.Alive);

    /// <summary>The problem of a VNI, or null.</summary>
    public string? ProblemOf(uint vni) => Vnis.Single(entry => entry.Vni == vni).Problem;

    public static DaemonStatus Parse(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement root = document.RootElement;
        return new DaemonStatus(
            text,
            ReadUid(root.GetProperty("uid"))!.Value,
            root.GetProperty("address").GetString()!,
            root.GetProperty("state").GetString()!,
            root.GetProperty("fault").GetString(),
            [.. root.GetProperty("peers").EnumerateArray().Select(ReadPeer)],
            [.. root.GetProperty("vnis").EnumerateArray().Select(ReadVni)],
            root.GetProperty("counters").EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetInt64()));
    }

    /// <summary>Enough for a failure's message; the whole is <see cref="Text"/>.</summary>
    public override string ToString() =>
        $"{State}{(Fault == null ? "" : $" ({Fault})")}, owns {string.Join(',', Owned)}, "
        + $"peers {string.Join(", ", Peers.Select(peer => $"{peer.Uid}@{peer.Address}{(peer.Alive ? "" : " dead")}"))}, "
        + $"problems {string.Join("; ", Vnis.Where(vni => vni.Problem != null).Select(vni => $"{vni.Vni}: {vni.Problem}"))}, "
        + $"counters {string.Join(' ', Counters.Where(counter => counter.Value > 0))}";

    private static PeerEntry ReadPeer(JsonElement peer) => new(
        ReadUid(peer.GetProperty("uid"))!.Value,
        peer.GetProperty("address").GetString()!,
        peer.GetProperty("alive").GetBoolean(),
        peer.GetProperty("owned_vnis").GetInt32());

    private static VniEntry ReadVni(JsonElement vni) => new(
        vni.GetProperty("vni").GetUInt32(),
        ReadUid(vni.GetProperty("owner")),
        vni.GetProperty("owned").GetBoolean(),
        vni.GetProperty("interface").GetString()!,
        vni.GetProperty("ifindex").GetInt32(),
        vni.GetProperty("protodown").GetBoolean(),
        vni.GetProperty("operational").GetBoolean(),
        vni.GetProperty("problem").GetString());

    // Written as the daemon writes it elsewhere: decimal.
    private static ulong? ReadUid(JsonElement uid) =>
        uid.GetString() is { } text ? ulong.Parse(text, CultureInfo.InvariantCulture) : null;
}
