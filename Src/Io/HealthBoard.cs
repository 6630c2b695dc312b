using System;
using System.Threading;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Io;

/// <summary>
/// What other threads have for the cluster thread: why this gateway can't serve, and since when the kernel thread has been at
/// work. And what the watchdog needs of the cluster thread. The latest, not a queue; nobody waits.
/// </summary>
internal sealed class HealthBoard : IDisposable
{
    private string? _trackedInterface;
    private string? _trackedFile;
    private long _busySince = Instant.Never.Nanoseconds;
    private long _clusterTurns;

    /// <summary>Wakes the cluster thread.</summary>
    public Wakeup Wakeup { get; } = new();

    /// <summary>What is wrong with the tracked interfaces, or null.</summary>
    public string? TrackedInterface
    {
        get => Volatile.Read(ref _trackedInterface);
        set => Set(ref _trackedInterface, value);
    }

    /// <summary>What the tracked file says is wrong, or null.</summary>
    public string? TrackedFile
    {
        get => Volatile.Read(ref _trackedFile);
        set => Set(ref _trackedFile, value);
    }

    /// <summary>Since when the kernel thread has been at the same piece of work; never while it has none.</summary>
    public Instant KernelBusySince
    {
        get => new(Volatile.Read(ref _busySince));
        set => Volatile.Write(ref _busySince, value.Nanoseconds);
    }

    /// <summary>How many turns the cluster thread has made.</summary>
    public long ClusterTurns => Volatile.Read(ref _clusterTurns);

    /// <summary>The causes that are on the board.</summary>
    public GatewayFaults Faults =>
        (TrackedInterface == null ? GatewayFaults.None : GatewayFaults.TrackedInterface)
        | (TrackedFile == null ? GatewayFaults.None : GatewayFaults.TrackedFile);

    /// <summary>Words why a gateway can't serve; null when it can.</summary>
    public string? Describe(GatewayFaults faults) => FaultText.Describe(faults, TrackedInterface, TrackedFile);

    public void Dispose() => Wakeup.Dispose();

    /// <summary>Counts a turn of the cluster thread; for that thread alone.</summary>
    public void CountClusterTurn() => Volatile.Write(ref _clusterTurns, _clusterTurns + 1);

    private void Set(ref string? reason, string? value)
    {
        Volatile.Write(ref reason, value);
        Wakeup.Signal();
    }
}
