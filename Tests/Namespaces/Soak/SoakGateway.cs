using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>
/// A gateway of the soak under a supervisor as an init would be: it starts the daemon, and runs the fence when that was
/// killed. What it does to the daemon it writes into the model.
/// </summary>
internal sealed class SoakGateway(SoakCluster cluster, int number)
{
    private const int MaximumResidentKilobytes = 20_000;

    private Daemon? _daemon;
    private TimeSpan _quietSince;
    private int _recoveries;

    /// <summary>Its number, from 0.</summary>
    public int Number => number;

    /// <summary>Its namespace and links.</summary>
    public Gateway Place => cluster.Network[number + 1];

    /// <summary>From when on it takes part, if nothing else happens.</summary>
    public TimeSpan ReadyAt { get; private set; }

    private static string Milliseconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0}ms");

    /// <summary>Starts the daemon.</summary>
    public void Start()
    {
        // At the very beginning nobody serves: that start is not what the others are.
        string kind = _daemon == null ? "first start" : "start";
        cluster.Count(kind);
        TimeSpan before = cluster.Now;

        // Who is started again and again listens longer each time; that would leave no time for faults.
        File.Delete($"{Place.ControlSocket}.started");
        _daemon = Place.Start((ulong)number + 1, [.. Options]);
        _recoveries = 0;
        Join(kind, before, before + SoakTimes.Join, "it has not taken part yet");
    }

    /// <summary>Kills the daemon, runs the fence as a supervisor does, and starts it again.</summary>
    /// <param name="pause">How long it stays dead.</param>
    /// <param name="fence">Whether there is a fence.</param>
    public void Kill(TimeSpan pause, bool fence = true)
    {
        cluster.Count("SIGKILL");
        TimeSpan before = cluster.Now;
        cluster.Model.Add(new ClusterChange(
            "SIGKILL",
            before,
            cluster.Model.By(number, before + SoakTimes.Allowance, before + SoakTimes.Detection),
            state => state.Active[number] = false)
        {
            MaxNone = SoakTimes.Detection,
        });
        _daemon!.Kill();
        _quietSince = cluster.Now;
        if (fence)
        {
            CommandResult result = Binary.RunIn(Place.Name, ["fence", .. Place.Usual("--uid", "1")]);
            Require(result.ExitCode == 0, $"the fence failed: {result}");
        }

        Thread.Sleep(pause);
        Start();
    }

    /// <summary>Asks the daemon to end, and starts it again.</summary>
    /// <param name="pause">How long it stays away.</param>
    public void Terminate(TimeSpan pause)
    {
        cluster.Count("SIGTERM");
        TimeSpan before = cluster.Now;
        Leave("SIGTERM", before, before);
        int exit = _daemon!.Terminate();
        _quietSince = cluster.Now;
        Require(exit == 0, $"it ended with {exit}");
        Thread.Sleep(pause);
        Start();
    }

    /// <summary>Has the daemon hand over and stand by, and take part again.</summary>
    /// <param name="pause">How long it stands by.</param>
    public void Drain(TimeSpan pause)
    {
        cluster.Count("drain");
        TimeSpan before = cluster.Now;
        Control("drain");
        Leave("drain", before, cluster.Now);
        _daemon!.WaitFor("stands by", status => status.State == "standby");
        _quietSince = cluster.Now;
        Thread.Sleep(pause);
        before = cluster.Now;
        Control("undrain");
        Join("undrain", before, cluster.Now + SoakTimes.Join, "it stands by");
    }

    /// <summary>Stops the process and has it go on.</summary>
    /// <param name="pause">How long it stands still; what that means is decided by how long it really was.</param>
    public void Stop(TimeSpan pause)
    {
        TimeSpan before = cluster.Now;
        _daemon!.Signal(Linux.SigStop);
        Thread.Sleep(pause);
        TimeSpan continued = cluster.Now;
        _daemon.Signal(Linux.SigCont);
        TimeSpan stood = continued - before;

        // The peers count from its latest advertisement, at most an interval earlier.
        if (stood + SoakTimes.Interval < 0.9 * SoakTimes.Dead)
        {
            cluster.Count("SIGSTOP, shorter than the dead interval");
        }
        else if (stood < 1.1 * SoakTimes.Dead)
        {
            // It may have been given up, or not; it may have noticed that, or not.
            StoodStill("SIGSTOP, about the dead interval", before, continued, continued + SoakTimes.Join, continued);
        }
        else
        {
            StoodStill("SIGSTOP, longer than the dead interval", before, continued,
                continued + SoakTimes.Allowance, continued + SoakTimes.SoonestJoin);
            cluster.Model.AddSilence(number, before + SoakTimes.Interval, continued + SoakTimes.SoonestJoin, "it stood still");
        }
    }

    /// <summary>Takes the link to the other gateways away and gives it back.</summary>
    /// <param name="pause">How long it is away: long enough for the daemon to notice.</param>
    public void LoseUnderlay(TimeSpan pause)
    {
        cluster.Count("underlay down");
        TimeSpan before = cluster.Now;
        Place.Ip("link set fabric down");
        TimeSpan after = cluster.Now;
        cluster.Model.Add(new ClusterChange(
            "underlay down", before, cluster.Model.By(after + SoakTimes.Detection), state => SetDeaf(state, true))
        {
            MaxNone = SoakTimes.Detection,
        });
        cluster.Model.Add(new ClusterChange(
            "underlay down", before, cluster.Model.By(after + SoakTimes.Join), state => state.Active[number] = false)
        {
            MaxNone = TimeSpan.Zero,
            MaxTwo = TimeSpan.Zero,
        });
        Thread.Sleep(pause);
        before = cluster.Now;
        Place.Ip("link set fabric up");

        // Who comes back from a fault again and again waits longer each time: not at all, then one dead interval, two, four.
        TimeSpan wait = _recoveries == 0 ? TimeSpan.Zero : SoakTimes.Dead * Math.Pow(2, _recoveries - 1);
        _recoveries++;
        _quietSince = after + SoakTimes.Join;
        Join("underlay up", before, cluster.Now + SoakTimes.NetworkRetry + wait + SoakTimes.Join, "its network is gone",
            state => SetDeaf(state, false));
    }

    /// <summary>What is wrong with the daemon once the cluster is settled.</summary>
    public IEnumerable<string> FindFaultsAtEnd()
    {
        string who = $"gateway {number + 1}";
        if (_daemon is not { Running: true } || _daemon.TryStatus() is not { } status)
        {
            return [$"{who} doesn't run, or doesn't answer"];
        }

        uint[] own = [.. cluster.Network.Vnis.Where(vni => cluster.OwnerOf(vni) == number)];
        IReadOnlyDictionary<uint, KernelLink> links = Place.Macvlans();
        int resident = Resident();
        (bool Wrong, string What)[] findings =
        [
            (status.State != "active" || status.AlivePeers != cluster.Gateways.Count - 1, $"is {status}"),
            (status.Vnis.Any(vni => vni.Owner != (ulong)cluster.OwnerOf(vni.Vni) + 1), $"believes in other owners: {status}"),
            (status.Vnis.Any(vni => vni.Problem != null), $"has problems: {status}"),
            (links.Count != cluster.Network.Vnis.Count, $"has {links.Count} macvlans"),
            (!links.Where(link => link.Value.Serves).Select(link => link.Key).Order().SequenceEqual(own),
                "serves other VNIs than its own"),
            (links.Any(link => !own.Contains(link.Key) && !link.Value.Quiet), "has macvlans up that it doesn't own"),
            (resident > MaximumResidentKilobytes, $"takes {resident} kB of memory"),
            .. Place.Daemons.Select(daemon => (daemon.FindLog("thread failed").Count > 0, $"logged a failure:\n{daemon.LogText}")),
        ];
        return [.. findings.Where(finding => finding.Wrong).Select(finding => $"at the end {who} {finding.What}")];
    }

    /// <summary>The daemon's resident memory in kB.</summary>
    public int Resident() => _daemon!.ResidentKb();

    /// <summary>Whether the daemon has ended by itself.</summary>
    public bool HasDied => _daemon is { Running: false };

    private static IEnumerable<string> Options =>
        ["--interval", Milliseconds(SoakTimes.Interval), "--handover-lead", Milliseconds(SoakTimes.Lead), "--log-level", "info"];

    private void Control(string command)
    {
        CommandResult result = Binary.Run(command, "--control-socket", Place.ControlSocket);
        Require(result.ExitCode == 0, $"{command}: {result}");
    }

    private void Leave(string kind, TimeSpan before, TimeSpan asked) => cluster.Model.Add(new ClusterChange(
        kind,
        before,
        cluster.Model.By(asked + SoakTimes.Handover),
        state => state.Active[number] = false));

    private void Join(string kind, TimeSpan before, TimeSpan deadline, string why, Action<ClusterState>? also = null)
    {
        cluster.Model.AddSilence(number, _quietSince, before + SoakTimes.SoonestJoin, why);
        cluster.Model.Add(new ClusterChange(
            kind,
            before + SoakTimes.SoonestJoin,
            cluster.Model.By(deadline),
            state =>
            {
                state.Active[number] = true;
                also?.Invoke(state);
            }));
        ReadyAt = deadline;
    }

    private void StoodStill(string kind, TimeSpan before, TimeSpan continued, TimeSpan letGoBy, TimeSpan soonestJoin)
    {
        cluster.Count(kind);
        cluster.Model.Add(new Disturbance(kind, number, null, before) { Stopped = true, Over = continued });
        cluster.Model.Add(new ClusterChange(
            kind,
            before,
            cluster.Model.By(number, letGoBy, before + SoakTimes.Detection),
            state => state.Active[number] = false));
        ReadyAt = continued + SoakTimes.Join;

        // Where the two can't be told apart, they have one bound.
        bool apart = soonestJoin > continued;
        cluster.Model.Add(new ClusterChange(
            apart ? $"{kind}, SIGCONT" : kind,
            soonestJoin,
            cluster.Model.By(ReadyAt),
            state => state.Active[number] = true)
        {
            MaxNone = apart ? SoakTimes.Allowance : TimeSpan.Zero,
            MaxTwo = apart ? SoakTimes.Allowance : TimeSpan.Zero,
        });
    }

    private void SetDeaf(ClusterState state, bool deaf)
    {
        for (int other = 0; other < cluster.Gateways.Count; other++)
        {
            state.Deaf[number, other] = deaf && other != number;
            state.Deaf[other, number] = deaf && other != number;
        }
    }

    private void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"gateway {number + 1}: {what}\n{_daemon!.LogText}");
        }
    }
}
