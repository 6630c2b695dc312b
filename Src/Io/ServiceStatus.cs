using System;
using System.Globalization;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Io;

/// <summary>
/// A gateway in one line, for the service manager to show. It is read again and again, and allocates nothing unless there is
/// something new to say.
/// </summary>
internal sealed class ServiceStatus
{
    private readonly ClusterThread _cluster;
    private readonly HealthBoard _health;
    private readonly Func<Gateway, ServiceStatus> _read;
    private Sight _now;
    private Sight _told;
    private bool _any;

    /// <param name="cluster">The thread that has the gateway.</param>
    /// <param name="health">Why it can't serve.</param>
    public ServiceStatus(ClusterThread cluster, HealthBoard health)
    {
        (_cluster, _health) = (cluster, health);
        _read = Read;
    }

    /// <summary>Reads the gateway.</summary>
    /// <returns>The line, or null when nothing has changed since the latest one.</returns>
    public string? TakeChange()
    {
        _cluster.ReadGateway(_read);
        _now.TrackedInterface = _health.TrackedInterface;
        _now.TrackedFile = _health.TrackedFile;
        if (_any && _now.IsSame(_told))
        {
            return null;
        }

        (_any, _told) = (true, _now);
        string? fault = FaultText.Describe(_now.Faults, _now.TrackedInterface, _now.TrackedFile);
        return Describe(_now.State, fault, _now.Peers, _now.Served, _now.Vnis);
    }

    /// <summary>Words a gateway.</summary>
    internal static string Describe(GatewayState state, string? fault, int peers, int served, int vnis) => string.Create(
        CultureInfo.InvariantCulture,
        $"{StatusSnapshot.NameOf(state)}{(fault == null ? "" : $" ({fault})")}; {peers} live peers, owns {served} of {vnis} VNIs");

    private ServiceStatus Read(Gateway gateway)
    {
        _now.State = gateway.State;
        _now.Faults = gateway.Faults;
        _now.Peers = gateway.Peers.AliveCount;
        _now.Served = gateway.Serving.Count;
        _now.Vnis = gateway.Ownership.Vnis.Count;
        return this;
    }

    private struct Sight
    {
        public GatewayState State;
        public GatewayFaults Faults;
        public int Peers;
        public int Served;
        public int Vnis;
        public string? TrackedInterface;
        public string? TrackedFile;

        public readonly bool IsSame(in Sight other) =>
            State == other.State && Faults == other.Faults && Peers == other.Peers && Served == other.Served && Vnis == other.Vnis
            && TrackedInterface == other.TrackedInterface && TrackedFile == other.TrackedFile;
    }
}
