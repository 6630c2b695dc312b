using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using Wmgwd2.Config;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Io;

/// <content>What operators ask of it, on the main thread.</content>
internal sealed partial class Daemon : IControlled
{
    /// <summary>How long a change of settings is waited for: the cluster thread needs no time, the kernel thread may wait for rtnl.</summary>
    private static readonly TimeSpan ChangeLimit = TimeSpan.FromSeconds(2);

    bool IControlled.TryReload(out string report) => TryReload(out report);

    private bool TryReload(out string report)
    {
        _notify!.Reloading();
        try
        {
            return TryReadAndApply(out report);
        }
        finally
        {
            _notify.Ready();
        }
    }

    private bool TryReadAndApply(out string report)
    {
        IReadOnlyList<string> errors = ["there is no config file; expected 'wmgwd2 run --config FILE'"];
        Settings? read = _source.File == null ? null : _source.Read(out errors);
        SettingsChange? change = read == null ? null : new SettingsChange(_settings, read);
        if (change != null && (FindConflict(change.Result.Timing) ?? _claim!.FindOther(change.Result.Vnis)) is { } conflict)
        {
            errors = [conflict];
            change = null;
        }

        foreach (string error in errors)
        {
            Log.NotReloaded(_logger, error);
        }

        report = ToLines(errors);
        if (change == null)
        {
            return false;
        }

        string[] lines = [.. Apply(change)];
        foreach (string line in lines)
        {
            Log.Reloaded(_logger, line);
        }

        report = ToLines(lines);
        return true;
    }

    private static string ToLines(IEnumerable<string> lines) => string.Concat(lines.Select(line => $"{line}\n"));

    /// <summary>Why this gateway and its peers, which have the timing of before, would take each other for dead, or null.</summary>
    private string? FindConflict(GatewayTiming timing)
    {
        bool alone = _cluster!.ReadGateway(gateway => gateway.Peers.AliveCount == 0);
        return !alone && timing.FindConflict(_settings.Timing) is { } conflict
            ? $"interval, dead-after: {conflict}; expected smaller steps, each on all gateways before the next: first a larger "
                + "dead-after, then the interval, then the dead-after that goes with it"
            : null;
    }

    private IEnumerable<string> Apply(SettingsChange change)
    {
        _settings = change.Result;
        _record!.NoteVnis(_settings.Vnis);
        _claim!.Change(_settings.Vnis);
        _logger.Threshold = LevelOf(_settings.LogLevel);
        _cluster!.RequestChange(_settings);
        _notify!.Follow(_settings);
        FollowTrackedFile();
        bool done = WaitUntil(() => ReferenceEquals(_cluster.Settings, _settings) && ReferenceEquals(_kernel!.Settings, _settings));
        return
        [
            .. change.Changed,
            .. change.Left.Select(line => $"{line} (left as it is until the next start)"),
            .. change.Changed.Count + change.Left.Count == 0 ? ["nothing has changed"] : (string[])[],
            .. done ? (string[])[] : ["the kernel doesn't answer yet: interfaces follow when it does"],
        ];
    }

    private static bool WaitUntil(Func<bool> reached)
    {
        Instant limit = MonotonicClock.Now + ChangeLimit;
        while (!reached())
        {
            if (MonotonicClock.Now >= limit)
            {
                return false;
            }

            Thread.Sleep(1);
        }

        return true;
    }

    EventFeed IControlled.Events => _events;

    KernelView IControlled.View => _kernel!.View;

    string IControlled.RequestDrain(bool drain)
    {
        // Asked before: the peers are the same after it, and the answer waits for nobody.
        (bool alone, int vnis) = _cluster!.ReadGateway(
            gateway => (gateway.Peers.AliveCount == 0, gateway.Ownership.Vnis.Count));
        _cluster.RequestDrain(drain);
        if (!drain || !alone)
        {
            return "";
        }

        Log.DrainedAlone(_logger, vnis);
        return string.Create(
            CultureInfo.InvariantCulture, $"no peer is alive: nobody serves {vnis} VNIs until 'wmgwd2 undrain'\n");
    }

    string? IControlled.Describe(GatewayFaults faults) => _health!.Describe(faults);

    StatusSnapshot IControlled.TakeStatus()
    {
        (ClusterThread cluster, KernelThread kernel) = (_cluster!, _kernel!);
        KernelView shown = kernel.View;
        return cluster.ReadGateway(gateway =>
        {
            Instant now = MonotonicClock.Now;
            ushort[] owners = gateway.Ownership.Owners.ToArray();
            VniSet vnis = gateway.Ownership.Vnis;

            // While the config is read again the two threads may be at different VNIs.
            Func<int, int> indexOf = ReferenceEquals(vnis, shown.Vnis) ? index => index : index => shown.Vnis.IndexOf(vnis[index]);
            return new StatusSnapshot
            {
                Version = _version,
                Uid = _uid,
                Address = gateway.OwnAddress,
                State = gateway.State,
                Fault = _health!.Describe(gateway.Faults),
                InState = now - gateway.StateSince,
                ListensFor = gateway.State == GatewayState.Listening ? Instant.Max(now, gateway.ListensUntil) - now : null,
                Interval = _settings.Timing.Interval,
                Peers = TakePeers(gateway, owners, now),
                Vnis = vnis,
                InterfacePattern = _settings.InterfacePattern,
                Owners = owners,
                StatusOf = index => shown.GetStatus(indexOf(index)),
                ReasonsOf = index => shown.GetProtodownReasons(indexOf(index)),
                SinceOf = index => shown.GetSince(indexOf(index)),
                AnnouncedAtOf = index => shown.GetAnnouncedAt(indexOf(index)),
                DetailsOf = index => shown.GetDetails(indexOf(index)),
                Counters = TakeCounters(gateway, cluster, kernel),
                Now = now,
                StartedAt = _startedAt,
                IsElected = gateway.Ownership.IsMember(PeerTable.OwnSlot),
                LastMovement = kernel.LastMovement,
                EventCount = _events.Written,
            };
        });
    }

    private static List<PeerStatus> TakePeers(Gateway gateway, ushort[] owners, Instant now)
    {
        // All at once: there may be millions of VNIs, and hundreds of peers.
        var owned = new int[PeerTable.SlotCount];
        foreach (ushort owner in owners)
        {
            if (owner != Ownership.NoOwner)
            {
                owned[owner]++;
            }
        }

        var peers = new List<PeerStatus>();
        for (int slot = 1; slot < PeerTable.SlotCount; slot++)
        {
            Peer peer = gateway.Peers[slot];
            if (peer.Uid.Value != 0)
            {
                peers.Add(new PeerStatus(
                    slot, peer.Uid, peer.Address, peer.Alive, now - peer.LastHeard, owned[slot]));
            }
        }

        peers.Sort((left, right) => left.Uid.Value.CompareTo(right.Uid.Value));
        return peers;
    }

    private static List<CounterStatus> TakeCounters(Gateway gateway, ClusterThread cluster, KernelThread kernel)
    {
        var counters = new List<CounterStatus>();
        foreach (AdvertisementResult result in Enum.GetValues<AdvertisementResult>())
        {
            counters.Add(new CounterStatus(
                $"received_{ToSnakeCase(result.ToString())}", gateway.CountReceived(result) + cluster.Refused[result]));
        }

        counters.AddRange(Enum.GetValues<ClusterCounter>()
            .Select(counter => new CounterStatus(ToSnakeCase(counter.ToString()), cluster.Counters[counter])));
        counters.AddRange(Enum.GetValues<KernelCounter>()
            .Select(counter => new CounterStatus(ToSnakeCase(counter.ToString()), kernel.Counters[counter])));
        return counters;
    }

    private static string ToSnakeCase(string name) => string.Concat(
        name.Select((letter, at) => (at > 0 && char.IsUpper(letter) ? "_" : "") + char.ToLowerInvariant(letter)));
}
