using System;
using System.Globalization;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>When the service manager is told that all is well, and when it is not.</summary>
public sealed class WatchdogTests : IDisposable
{
    private static readonly Instant Start = new(1_000_000_000_000);
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(5);

    private readonly HealthBoard _health = new();
    private readonly Watchdog _watchdog;

    public WatchdogTests() => _watchdog = new Watchdog(TimeSpan.FromSeconds(10), StuckAfter, _health, Start);

    public void Dispose() => _health.Dispose();

    [Fact]
    public void It_is_asked_each_half_of_the_time_and_wakes_the_cluster_thread_for_it()
    {
        using var poll = new EventPoll();
        poll.Add(_health.Wakeup.Descriptor, 1);
        for (int i = 1; i < 10; i++)
        {
            Assert.Equal(Start + TimeSpan.FromSeconds(5 * i), _watchdog.Deadline);
            _health.CountClusterTurn();
            Assert.True(_watchdog.IsWell(_watchdog.Deadline));
            Assert.Equal(1, poll.Wait(new Readiness[1], 0));
            _health.Wakeup.Acknowledge();
        }
    }

    [Fact]
    public void Cluster_thread_that_makes_no_turn_is_not_well_and_is_again_when_it_does()
    {
        _health.CountClusterTurn();
        Assert.True(_watchdog.IsWell(_watchdog.Deadline));
        for (int i = 0; i < 100; i++)
        {
            Assert.False(_watchdog.IsWell(_watchdog.Deadline));
        }

        // In time for a service manager that has waited for half of its time.
        Instant now = _watchdog.Deadline;
        _health.CountClusterTurn();
        Assert.True(_watchdog.IsWell(now));
        Assert.Equal(now + TimeSpan.FromSeconds(5), _watchdog.Deadline);
    }

    [Fact]
    public void It_is_asked_more_often_while_it_is_not_well()
    {
        Instant asked = _watchdog.Deadline;
        Assert.False(_watchdog.IsWell(asked));
        Assert.True(_watchdog.Deadline - asked < TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Kernel_thread_may_be_stuck_for_a_minute_longer_than_the_gateway_waits_for_it()
    {
        _health.KernelBusySince = Start;
        Instant limit = Start + StuckAfter + TimeSpan.FromMinutes(1);
        Instant now = Start;
        for (; now < limit; now += TimeSpan.FromSeconds(5))
        {
            _health.CountClusterTurn();
            Assert.True(_watchdog.IsWell(now));
        }

        _health.CountClusterTurn();
        Assert.False(_watchdog.IsWell(limit));

        // It goes on, and has no work.
        _health.KernelBusySince = Instant.Never;
        _health.CountClusterTurn();
        Assert.True(_watchdog.IsWell(limit));
    }

    [Theory]
    [InlineData(null, null, true, null)]
    [InlineData("10000000", null, true, 10.0)]
    [InlineData("1", null, true, 0.000001)]
    [InlineData("9223372036854775807", null, true, 1e9)]
    [InlineData("10000000", "own", true, 10.0)]
    [InlineData("10000000", "1", true, null)]
    [InlineData(null, "1", true, null)]
    [InlineData("0", null, false, null)]
    [InlineData("", null, false, null)]
    [InlineData("-1", null, false, null)]
    [InlineData("10s", null, false, null)]
    [InlineData("9223372036854775808", null, false, null)]
    [InlineData("10000000", "", false, null)]
    [InlineData("10000000", "self", false, null)]
    public void Environment_is_read(string? microseconds, string? process, bool valid, double? seconds)
    {
        if (process == "own")
        {
            process = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        }

        Assert.Equal(valid, Watchdog.TryReadPeriod(microseconds, process, out TimeSpan? period));
        Assert.Equal(seconds, period?.TotalSeconds);
    }
}
