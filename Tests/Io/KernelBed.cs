using System;
using System.Linq;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>A kernel thread that the test runs, its interfaces, and what the cluster thread would say.</summary>
internal sealed class KernelBed : IDisposable
{
    private readonly int _vnis;
    private readonly VniBitmap _serving;

    public KernelBed(int vnis, int addresses = 1, ILogger? logger = null, TimeSpan? compareInterval = null)
    {
        PrivateNamespace.MakeGatewayInterfaces(vnis, addresses);
        _vnis = vnis;
        _serving = new VniBitmap(vnis);
        Mailbox = new OwnershipMailbox(TestSettings.Read($"maxvni={vnis}"));
        Mailbox.Renew(Instant.Never);
        Kernel = new KernelThread(
            compareInterval ?? KernelThread.CompareInterval, Mailbox, Health, logger ?? NullLogger.Instance);
        Want(_ => false);
        TurnUntilServed();
    }

    public OwnershipMailbox Mailbox { get; }

    public HealthBoard Health { get; } = new();

    public KernelThread Kernel { get; }

    public int Turns { get; private set; }

    /// <summary>How many bytes were allocated within these turns.</summary>
    public long Allocated { get; private set; }

    public void Dispose()
    {
        Kernel.Dispose();
        Mailbox.Dispose();
        Health.Dispose();
    }

    public void Want(Func<int, bool> wanted)
    {
        for (int vni = 1; vni <= _vnis; vni++)
        {
            _serving[vni - 1] = wanted(vni);
        }

        Mailbox.Publish(_serving, MonotonicClock.Now);
    }

    public bool IsServed(Func<int, bool> wanted) => Enumerable.Range(0, _vnis).All(index =>
        Kernel.Reconciler.GetStatus(index) is { Problem: InterfaceProblem.None } status
        && (wanted(index + 1) ? status.Operational && status.Announced : status.Protodown && !status.Operational));

    public void TurnUntilServed() => TurnUntil(() => IsServed(vni => _serving[vni - 1]));

    public void TurnUntil(Func<bool> reached)
    {
        do
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Kernel.Turn();
            Allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            Turns++;
        }
        while (!reached());
    }

    public void AssertKernelShowsIt()
    {
        RouteRecorder shown = RouteRecorder.Dump();
        for (int vni = 1; vni <= _vnis; vni++)
        {
            bool own = _serving[vni - 1];
            Assert.Equal(own, shown.Links[$"vrrp4-{vni}"].Operational);
            Assert.Equal(!own, shown.Is($"vrrp4-{vni}", LinkConditions.Protodown));
        }
    }
}
