using System;
using System.Linq;
using Microsoft.Extensions.Logging;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Wmgwd2.Tests.Namespaces;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>
/// The kernel thread's turns allocate nothing: VNIs move, links and addresses change, what is kept is announced, and all that is
/// logged.
/// </summary>
public sealed class KernelThreadAllocationTests
{
    private const int Vnis = 6;

    [NamespaceFact]
    public void Turns_allocate_nothing() => PrivateNamespace.Run(() =>
    {
        using var logger = new FormattingLogger(LogLevel.Debug);
        using var bed = new KernelBed(Vnis, logger: logger);

        // The first time is to warm up; the project has all code optimized from the start (TieredCompilation), for other code boxes.
        TakeTurns(bed);
        (int turns, long allocated, int lines) = (bed.Turns, bed.Allocated, logger.Count);
        while (bed.Turns - turns < 2000)
        {
            TakeTurns(bed);
        }

        Assert.Equal(0, bed.Allocated - allocated);
        Assert.True(logger.Count - lines > 500);
        Assert.Equal(0, bed.Kernel.Counters[KernelCounter.NotificationsLost]);
    });

    private static void TakeTurns(KernelBed bed)
    {
        Instant end = MonotonicClock.Now + TimeSpan.FromSeconds(0.4);
        for (int round = 0; MonotonicClock.Now < end; round++)
        {
            bed.Want(vni => (vni + round) % 3 == 0);
            bed.TurnUntilServed();
            for (int i = 0; i < 50; i++)
            {
                bed.Mailbox.Announce();
                bed.TurnUntilServed();
            }
        }

        PrivateNamespace.Ip(Enumerable.Range(0, 50).SelectMany(i => (string[])
        [
            $"link set far1 mtu {1400 + i % 2}", $"link set vrrp4-3 alias {i % 2}",
            "address add 192.168.3.77/24 dev vrrp4-3", "address del 192.168.3.77/24 dev vrrp4-3",
        ]));

        // A second after a change, what is a problem then is put into words: all must be served by then.
        end = MonotonicClock.Now + TimeSpan.FromSeconds(1.2);
        bed.TurnUntilServed();
        bed.TurnUntil(() => MonotonicClock.Now > end);
    }
}
