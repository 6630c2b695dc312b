using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>The gateways of a soak, the model of what is done to them, and the records of what their kernels show.</summary>
internal sealed class SoakCluster : IDisposable
{
    private readonly DateTime _start = DateTime.UtcNow;
    private readonly ServiceRecorder[] _recorders;
    private readonly Capture[] _captures;
    private readonly Dictionary<string, int> _survived = [];

    public SoakCluster(ITestOutputHelper output, int gateways, uint vnis)
    {
        Network = new TestNetwork(output, gateways, TestNetwork.Range(1, vnis));
        try
        {
            Model = new SoakModel([.. Enumerable.Range(1, gateways).Select(number => (ulong)number)], Network.Vnis);
            Gateways = [.. Enumerable.Range(0, gateways).Select(number => new SoakGateway(this, number))];
            _recorders =
            [
                .. Gateways.Select(gateway =>
                    Network.Own(new ServiceRecorder(gateway.Number, gateway.Place.Name, _start))),
            ];
            _captures = [.. Gateways.Select(gateway => gateway.Place.Capture())];
        }
        catch
        {
            Network.Dispose();
            throw;
        }
    }

    public TestNetwork Network { get; }

    public SoakModel Model { get; }

    public IReadOnlyList<SoakGateway> Gateways { get; }

    /// <summary>The time since the beginning.</summary>
    public TimeSpan Now => DateTime.UtcNow - _start;

    /// <summary>How many faults there were of each kind.</summary>
    public IReadOnlyDictionary<string, int> Survived => _survived;

    public void Dispose() => Network.Dispose();

    /// <summary>Counts a fault.</summary>
    public void Count(string kind)
    {
        lock (_survived)
        {
            _survived[kind] = _survived.GetValueOrDefault(kind) + 1;
        }
    }

    /// <summary>Starts all and waits until they serve.</summary>
    public void Start()
    {
        foreach (SoakGateway gateway in Gateways)
        {
            gateway.Start();
        }

        Settle();
        RequireAlive();
    }

    /// <summary>Fails when a daemon has ended without having been told to: the model knows nothing of that.</summary>
    public void RequireAlive()
    {
        if (Gateways.FirstOrDefault(gateway => gateway.HasDied) is { } dead)
        {
            throw new InvalidOperationException(
                $"the daemon of gateway {dead.Number + 1} has ended by itself:\n{dead.Place.Daemons[^1].LogText}");
        }
    }

    /// <summary>Waits until all that was done must have been acted on, and a moment longer, in which nothing may move.</summary>
    public void Settle()
    {
        TimeSpan left = Model.SettledAt() + SoakTimes.Interval - Now;
        if (left > TimeSpan.Zero)
        {
            Thread.Sleep(left);
        }
    }

    /// <summary>Judges what has been so far.</summary>
    public (SoakChecker Checker, ServiceChange[] Changes, int Announcements) Check()
    {
        TimeSpan end = Now;
        Thread.Sleep(SoakTimes.Allowance); // What happened before the end has been read by then.
        ServiceChange[] changes = [.. _recorders.SelectMany(recorder => recorder.Changes)];
        AnnouncementSeen[] announcements = [.. _captures.SelectMany(ReadAnnouncements).Where(seen => seen.Time < end)];
        var checker = new SoakChecker(Model);
        checker.Check(changes, announcements, end);
        return (checker, changes, announcements.Length);
    }

    /// <summary>What must hold of settled daemons, besides what their kernels have shown all the time.</summary>
    public IEnumerable<string> FindFaultsAtEnd() =>
    [
        .. _recorders.Where(recorder => recorder.Trouble != null).Select(recorder => recorder.Trouble!),
        .. Gateways.SelectMany(gateway => gateway.FindFaultsAtEnd()),
    ];

    /// <summary>Who must own a VNI when all take part.</summary>
    public int OwnerOf(uint vni)
    {
        var all = new ClusterState(Gateways.Count);
        Array.Fill(all.Active, true);
        return Enumerable.Range(0, Gateways.Count).Single(gateway => Model.Owns(all, gateway, vni));
    }

    private IEnumerable<AnnouncementSeen> ReadAnnouncements(Capture capture, int gateway)
    {
        Dictionary<string, uint> vnis = Network.Vnis.ToDictionary(Gateway.VirtualAddress);

        // Those that arrive have left a macvlan and come out of the other end of its veth pair. Bytes 28 to 31: the sender's address.
        foreach (CapturedFrame frame in capture.Frames.Where(frame => frame.IsArp && !frame.Outgoing))
        {
            if (vnis.TryGetValue(string.Join('.', frame.Bytes[28..32]), out uint vni))
            {
                yield return new AnnouncementSeen(frame.Time - _start, gateway, vni);
            }
        }
    }
}
