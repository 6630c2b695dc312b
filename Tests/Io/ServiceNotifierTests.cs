using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using Wmgwd2.Config;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>What a service manager is told, as it receives it.</summary>
public sealed class ServiceNotifierTests : IDisposable
{
    private static readonly Instant Start = new(1_000_000_000_000);

    private readonly string _folder = Directory.CreateTempSubdirectory("wmgwd2-test-").FullName;
    private readonly HealthBoard _health = new();
    private readonly RecordingLogger _logger = new();

    public void Dispose()
    {
        _health.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Life_of_a_daemon_is_told_in_order(bool isAbstract)
    {
        using var manager = new NotifyReceiver(isAbstract ? NotifyReceiver.AbstractName() : Path.Combine(_folder, "notify"));
        string? status = "listening";
        using ServiceNotifier notifier = Open(manager.Name, () => Take(ref status), TimeSpan.FromSeconds(10));

        notifier.Ready();
        notifier.Turn(Start);
        Assert.Equal(["READY=1", "STATUS=listening"], manager.Take());

        // Nothing new.
        Assert.Equal(Start + TimeSpan.FromSeconds(1), notifier.Deadline);
        notifier.Turn(Start + TimeSpan.FromSeconds(1));
        Assert.Empty(manager.Take());

        // At most once a second.
        status = "active";
        notifier.Turn(Start + TimeSpan.FromSeconds(1.5));
        Assert.Empty(manager.Take());
        notifier.Turn(Start + TimeSpan.FromSeconds(2));
        Assert.Equal(["STATUS=active"], manager.Take());

        _health.CountClusterTurn();
        notifier.Turn(Start + TimeSpan.FromSeconds(5));
        Assert.Equal(["WATCHDOG=1"], manager.Take());

        notifier.Reloading();
        notifier.Ready();
        IReadOnlyList<string> reload = manager.Take();
        Assert.StartsWith("RELOADING=1\nMONOTONIC_USEC=", reload[0], StringComparison.Ordinal);
        long told = long.Parse(reload[0].Split('=')[^1], CultureInfo.InvariantCulture);
        Assert.InRange(Environment.TickCount64 * 1000 - told, -1_000_000, 60_000_000);
        Assert.Equal("READY=1", reload[1]);

        notifier.Stopping(TimeSpan.FromSeconds(13));
        notifier.Stopping(TimeSpan.FromSeconds(13));
        Assert.Equal(["STOPPING=1\nEXTEND_TIMEOUT_USEC=13000000"], manager.Take());

        // Who ends isn't ready any more, whatever it still reads.
        notifier.Reloading();
        notifier.Ready();
        Assert.Empty(manager.Take());
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public void Status_is_one_line()
    {
        using var manager = new NotifyReceiver(NotifyReceiver.AbstractName());
        string? status = "fault (a\nREADY=1\r\nb)";
        using ServiceNotifier notifier = Open(manager.Name, () => Take(ref status));
        notifier.Turn(Start);
        Assert.Equal(["STATUS=fault (a READY=1 b)"], manager.Take());
    }

    [Fact]
    public void Without_a_service_manager_nothing_happens()
    {
        using ServiceNotifier notifier = Open(null, () => throw new InvalidOperationException("Nobody wants to know."));
        notifier.Ready();
        notifier.Turn(Start);
        notifier.Reloading();
        notifier.Stopping(TimeSpan.FromSeconds(1));
        Assert.Equal(Instant.Never, notifier.Deadline);
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public void What_there_is_no_room_for_is_sent_later_and_in_order()
    {
        using var manager = new NotifyReceiver(NotifyReceiver.AbstractName());
        string? status = null;
        using ServiceNotifier notifier = Open(manager.Name, () => Take(ref status));

        // Until the receiver's queue is full, and some more (net.unix.max_dgram_qlen; 10 on many machines, 512 on others).
        const int Many = 700;
        for (int i = 0; i < Many; i++)
        {
            notifier.Ready();
        }

        notifier.Stopping(TimeSpan.FromSeconds(1));
        status = "draining";
        Assert.True(notifier.Deadline < MonotonicClock.Now + TimeSpan.FromSeconds(1));
        var received = new List<string>(manager.Take());
        Assert.True(received.Count < Many);
        for (Instant now = MonotonicClock.Now; received.Count < Many + 2; now += TimeSpan.FromSeconds(1))
        {
            notifier.Turn(now);
            IReadOnlyList<string> more = manager.Take();
            Assert.NotEmpty(more);
            received.AddRange(more);
        }

        Assert.All(received.Take(Many), message => Assert.Equal("READY=1", message));
        Assert.Equal(["STOPPING=1\nEXTEND_TIMEOUT_USEC=1000000", "STATUS=draining"], received.Skip(Many));
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public void Receiver_that_begins_anew_is_found_again()
    {
        string path = Path.Combine(_folder, "notify");
        var first = new NotifyReceiver(path);
        using ServiceNotifier notifier = Open(path, () => null);
        first.Dispose();
        notifier.Ready();
        notifier.Ready();
        Assert.StartsWith($"Warning: NOTIFY_SOCKET {path}: the service manager isn't told: ", Assert.Single(_logger.Lines),
            StringComparison.Ordinal);

        using var second = new NotifyReceiver(path);
        notifier.Ready();
        Assert.Equal(["READY=1"], second.Take());
    }

    [Theory]
    [InlineData("notify", "expected an absolute path, or @ and a name")]
    [InlineData("vsock:2:1234", "expected an absolute path, or @ and a name")]
    [InlineData("@", "expected an absolute path, or @ and a name")]
    [InlineData("/nowhere/to/be/found", "")]
    [InlineData("/dev/null", "")]
    public void Socket_that_can_not_be_told_is_named(string name, string reason)
    {
        using ServiceNotifier notifier = Open(name, () => "active");
        notifier.Ready();
        Assert.StartsWith($"Warning: NOTIFY_SOCKET {name}: the service manager isn't told: {reason}", Assert.Single(_logger.Lines),
            StringComparison.Ordinal);
        Assert.Equal(Instant.Never, notifier.Deadline);
    }

    [Fact]
    public void Socket_with_a_name_that_is_too_long_is_named()
    {
        string name = "/" + new string('x', 200);
        using ServiceNotifier notifier = Open(name, () => "active");
        Assert.Equal(
            $"Warning: NOTIFY_SOCKET {name}: the service manager isn't told: expected at most 107 bytes", Assert.Single(_logger.Lines));
    }

    [Fact]
    public void Status_says_what_a_gateway_is_at()
    {
        Assert.Equal("active; 2 live peers, owns 33 of 100 VNIs", ServiceStatus.Describe(GatewayState.Active, null, 2, 33, 100));
        Assert.Equal(
            "fault (the kernel doesn't answer); 0 live peers, owns 0 of 1 VNIs",
            ServiceStatus.Describe(GatewayState.Fault, "the kernel doesn't answer", 0, 0, 1));
    }

    [Fact]
    public void Status_is_told_when_it_changes_and_allocates_nothing_while_it_does_not()
    {
        Settings settings = TestSettings.Read("broadcast=240.0.0.255");
        using var mailbox = new OwnershipMailbox(settings);
        using var cluster = new ClusterThread(settings, new NodeId(7), TimeSpan.Zero, mailbox, _health, NullLogger.Instance);
        var status = new ServiceStatus(cluster, _health);
        Assert.Equal("listening; 0 live peers, owns 0 of 100 VNIs", status.TakeChange());
        Assert.Null(status.TakeChange());

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Assert.Null(status.TakeChange());
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        // There is no such network.
        cluster.Start();
        Assert.Equal("fault (the cluster's network isn't there); 0 live peers, owns 0 of 100 VNIs", status.TakeChange());
        Assert.Null(status.TakeChange());
    }

    private static string? Take(ref string? status)
    {
        string? taken = status;
        status = null;
        return taken;
    }

    private ServiceNotifier Open(string? name, Func<string?> takeStatusChange, TimeSpan? period = null)
    {
        Watchdog? watchdog = period is { } time ? new Watchdog(time, TimeSpan.FromSeconds(5), _health, Start) : null;
        return new ServiceNotifier(NotifySocket.Open(name, _logger), watchdog, takeStatusChange);
    }
}
