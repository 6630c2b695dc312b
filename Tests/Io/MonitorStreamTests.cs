using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Wmgwd2.Status;
using Wmgwd2.Tests.Core;
using Wmgwd2.Tests.Status;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>
/// What is told to who follows, of the cluster's events and of a reconciler whose kernel the test plays; nothing is lost in
/// silence.
/// </summary>
public sealed partial class MonitorStreamTests : IControlled, IDisposable
{
    private static readonly GatewayCommand Appeared =
        new(GatewayCommandKind.ReportPeerAppeared, new NodeId(2000006), new Ipv4Address(0x0a00010c));

    private readonly MonitorStream _stream;
    private readonly ReconcilerBed _bed = ReconcilerBed.Quiet(4);
    private GatewayState _state = GatewayState.Active;
    private readonly EventFeed _events = new();
    private KernelView _view;
    private MonitorSubscription? _reader;

    public MonitorStreamTests()
    {
        _view = new KernelView(Snapshots.Vnis("1-4"), _bed.Reconciler);
        _stream = new MonitorStream(this);
    }

    EventFeed IControlled.Events => _events;

    KernelView IControlled.View => _view;

    public void Dispose() => _events.Dispose();

    [Fact]
    public void Nothing_is_done_while_nobody_follows()
    {
        Tell(Appeared);
        _events.Signal();
        Assert.False(IsWoken());
        Assert.Equal(Instant.Never, _stream.Deadline);
        _reader = _stream.Subscribe(json: false, null, _bed.Now);
        Assert.Equal([], Read());
        Assert.False(IsWoken());

        Tell(Appeared);
        _events.Signal();
        Assert.True(IsWoken());
        _reader.End();
        _stream.Forget();
        _events.Signal();
        Assert.False(IsWoken());
    }

    [Fact]
    public void How_it_stands_comes_first()
    {
        Serve(1, 2);
        _bed.Show(3, ReconcilerBed.Held, lower: 0);
        _bed.Reconciler.ObserveLinkGone(ReconcilerBed.Ifindex(3), _bed.Now);
        var initial = new ArrayBufferWriter<byte>();
        _stream.Subscribe(json: false, initial, _bed.Now);
        Assert.Equal(
            [
                "state active", "peer 2000006 (10.0.1.12) is alive", "VNIs 2-3 are taken",
                "VNI 4 (vrrp4-4) problem: no such interface",
            ],
            Lines(initial.WrittenSpan));
    }

    [Fact]
    public void Take_over_and_release_are_one_line_for_each_VNI()
    {
        Follow();
        Serve(0, 1, 2, 3);
        Assert.Equal([.. Enumerable.Range(1, 4).Select(vni => $"VNI {vni} (vrrp4-{vni}) taken")], Read());
        Serve(2);
        Assert.Equal([.. new[] { 1, 2, 4 }.Select(vni => $"VNI {vni} (vrrp4-{vni}) released")], Read());
        Assert.Equal([], Read());
    }

    [Fact]
    public void What_is_on_its_way_up_is_a_problem_after_a_second()
    {
        Follow();
        _bed.Want(0);
        _bed.TakeAll();
        Assert.Equal([], Read());
        _bed.NowMs += 999;
        Assert.Equal([], Read());
        Assert.NotEqual(Instant.Never, _stream.Deadline);
        _bed.NowMs += 2;
        Assert.Equal(["VNI 1 (vrrp4-1) problem: owned, but the kernel doesn't show it operational"], Read());
        Assert.Equal(Instant.Never, _stream.Deadline);
        _bed.Show(0, ReconcilerBed.Up);
        _bed.TakeAll();
        Assert.Equal(["VNI 1 (vrrp4-1) taken"], Read());
    }

    [Fact]
    public void What_was_served_and_is_not_is_told_at_once()
    {
        Serve(0);
        Follow();
        _bed.ShowLower(0, up: false);
        Assert.Equal(["VNI 1 (vrrp4-1) problem: owned, but its lower device is not operational"], Read());
        _bed.ShowLower(0, up: true);
        _bed.TakeAll();
        Assert.Equal(["VNI 1 (vrrp4-1) ok"], Read());
        _bed.Show(0, ReconcilerBed.Held);
        Assert.Equal(["VNI 1 (vrrp4-1) problem: owned, but held down; being taken up again"], Read());
        _bed.TakeAll();
        _bed.Show(0, ReconcilerBed.Up);
        _bed.TakeAll();
        Assert.Equal(["VNI 1 (vrrp4-1) ok"], Read());
    }

    [Fact]
    public void An_interruption_between_two_readings_is_told_all_the_same()
    {
        Serve(0);
        Follow();
        _bed.ShowLower(0, up: false);
        _bed.ShowLower(0, up: true);
        _bed.TakeAll();
        Assert.Equal(["VNI 1 (vrrp4-1) ok"], Read());
    }

    /// <summary>The main thread may be kept from reading for two seconds, by a config that is read again.</summary>
    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(100)]
    public void Interruptions_between_two_readings_are_told_however_many(int interruptions)
    {
        Serve(0);
        Follow();
        for (int i = 0; i < interruptions; i++)
        {
            _bed.ShowLower(0, up: false);
            _bed.ShowLower(0, up: true);
            _bed.TakeAll();
        }

        Assert.Equal(["VNI 1 (vrrp4-1) ok"], Read());
    }

    [Fact]
    public void Another_address_is_no_interruption()
    {
        Serve(0);
        Follow();
        _bed.ShowAddress(0, "10.0.0.2");
        _bed.TakeAll();
        _bed.RunUntil(_bed.NowMs + 5000);
        Assert.Equal([], Read());
    }

    [Fact]
    public void Blocked_has_a_word_of_its_own()
    {
        Follow();
        _bed.Answer = _ => (KernelResult.Blocked, 16);
        _bed.Show(0, ReconcilerBed.Held, reasons: 1 << 7);
        _bed.Want(0);
        _bed.TakeAll();
        Assert.Equal(
            ["VNI 1 (vrrp4-1) blocked: owned, but others hold it down too: protodown reason bit 7 (FRR)"], Read());
    }

    [Fact]
    public void Peers_and_states_are_told_with_their_times()
    {
        Follow();
        Tell(Appeared);
        Tell(Appeared with { Kind = GatewayCommandKind.ReportPeerMoved, Address = new Ipv4Address(0x0a00010d) });
        Tell(Appeared with { Kind = GatewayCommandKind.ReportPeerExpired, Duration = TimeSpan.FromSeconds(3) });
        Tell(Appeared with { Kind = GatewayCommandKind.ReportPeerLeft });
        Tell(new GatewayCommand(GatewayCommandKind.ReportStalled, Duration: TimeSpan.FromSeconds(9)));
        _state = GatewayState.Fault;
        Tell(new GatewayCommand(GatewayCommandKind.ReportStateChanged), GatewayFaults.KernelStuck);
        Tell(new GatewayCommand(GatewayCommandKind.ReportStateChanged), GatewayFaults.KernelStuck);
        Assert.Equal(
            [
                "peer 2000006 (10.0.1.12) appeared", "peer 2000006 moved: it is heard from 10.0.1.13 now",
                "peer 2000006 (10.0.1.12) expired: not heard for 3000 ms", "peer 2000006 (10.0.1.12) left",
                "stood still for 9000 ms", "state fault: the kernel doesn't answer",
            ],
            Read());
    }

    [Fact]
    public void What_there_is_no_room_for_is_counted()
    {
        Follow();
        for (int i = 0; i < EventFeed.Capacity + 7; i++)
        {
            Tell(Appeared);
        }

        string[] lines = Read();
        Assert.Equal(EventFeed.Capacity + 1, lines.Length);
        Assert.Equal("lost 7 events", lines[^1]);
        Tell(Appeared);
        Assert.Equal(["peer 2000006 (10.0.1.12) appeared"], Read());
    }

    [Fact]
    public void Who_comes_later_is_not_told_what_the_others_are_still_to_be_told()
    {
        Follow();
        Tell(Appeared);
        Serve(0);
        MonitorSubscription late = _stream.Subscribe(json: false, null, _bed.Now);
        Tell(Appeared with { Kind = GatewayCommandKind.ReportPeerLeft });
        Assert.Equal(
            ["peer 2000006 (10.0.1.12) appeared", "VNI 1 (vrrp4-1) taken", "peer 2000006 (10.0.1.12) left"], Read());
        Assert.Equal(["peer 2000006 (10.0.1.12) left"], Lines(Take(late)));
    }

    /// <summary>Whoever has written it may have been told already that it will be read a moment later.</summary>
    [Fact]
    public void What_is_read_when_another_begins_to_follow_is_told_to_the_first_then_too()
    {
        Follow();
        _bed.NowMs += 1000;
        Read();
        Tell(Appeared);
        _stream.NoteSignal(_bed.Now);
        _stream.Subscribe(json: false, null, _bed.Now);
        Assert.NotEqual(0, _reader!.Unread.Length);
        Assert.True(_stream.Deadline <= _bed.Now + TimeSpan.FromMilliseconds(20), "nobody would send it");
    }

    [Fact]
    public void Who_is_too_slow_is_told_so_in_a_last_line_and_the_others_have_all()
    {
        Follow();
        MonitorSubscription slow = _stream.Subscribe(json: false, null, _bed.Now);
        Tell(Appeared);
        Read();
        slow.Advance(10);
        int count = 1;
        for (; !slow.Dropped; count++)
        {
            Tell(Appeared);
            Assert.Single(Read());
            Assert.InRange(count, 1, 100_000);
        }

        string last = Encoding.UTF8.GetString(Take(slow));
        Assert.Matches(@"^[^\n]* peer 2000006 \(10\.0\.1\.12\) appeared\n[^\n]*Z dropped: this reader is too slow\n$", last);
        Assert.Equal(1, _stream.ReaderCount);
    }

    [Fact]
    public void Formats_are_told_the_same()
    {
        Follow();
        MonitorSubscription json = _stream.Subscribe(json: true, null, _bed.Now);
        Serve(0, 1);
        Assert.Equal(2, Read().Length);
        Assert.Matches("""^({"time":"[^"]*","event":"vni_taken","vni":[12],"interface":"vrrp4-[12]"}\n){2}$""", Encoding.UTF8.GetString(Take(json)));
    }

    [Fact]
    public void VNIs_of_a_config_that_is_read_again_are_told_of_as_before()
    {
        Serve(0, 1, 2);
        Follow();

        // 1-4 become 2-5; what is removed is let go of first.
        Serve(1, 2);
        _bed.Reindex(4, -1, 0, 1, 2);
        _view = new KernelView(Snapshots.Vnis("2-5"), _bed.Reconciler);
        Assert.Equal(["VNI 1 (vrrp4-1) released", "VNI 5 (vrrp4-5) problem: no such interface"], Read());
        Assert.Equal([], Read());
        _bed.Show(3, ReconcilerBed.Held, ifindex: 99, lower: 0);
        Assert.Equal(["VNI 5 (vrrp4-5) ok"], Read());
        _bed.NowMs += 10_000;
        _bed.Want(1);
        _bed.TakeAll();
        Assert.Equal(["VNI 2 (vrrp4-2) released"], Read());
    }

    [Fact]
    public void The_end_is_told()
    {
        Follow();
        Serve(0);
        _stream.End(_bed.Now);
        Assert.Equal(["VNI 1 (vrrp4-1) taken", "the daemon ends"], Lines(Take(_reader!)));
    }

    [Fact]
    public void Readings_keep_a_distance_however_often_it_is_signalled()
    {
        Follow();
        _bed.NowMs += 1000;
        _stream.NoteSignal(_bed.Now);
        Assert.Equal(_bed.Now, _stream.Deadline);
        Read();
        _stream.NoteSignal(_bed.Now);
        Assert.Equal(_bed.Now + TimeSpan.FromMilliseconds(20), _stream.Deadline);
    }

    StatusSnapshot IControlled.TakeStatus() => Snapshots.Active with { State = _state, EventCount = _events.Written };

    string IControlled.RequestDrain(bool drain) => throw new NotSupportedException();

    bool IControlled.TryReload(out string report) => throw new NotSupportedException();

    string? IControlled.Describe(GatewayFaults faults) => FaultText.Describe(faults, null, null);

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ")]
    private static partial Regex Time();

    private static string[] Lines(ReadOnlySpan<byte> text)
    {
        string[] lines = Encoding.UTF8.GetString(text).Split('\n');
        Assert.Equal("", lines[^1]);
        Assert.All(lines[..^1], line => Assert.Matches(Time(), line));
        return [.. lines[..^1].Select(line => Time().Replace(line, ""))];
    }

    private static byte[] Take(MonitorSubscription reader)
    {
        var all = new List<byte>();
        while (reader.Unread is { IsEmpty: false } part)
        {
            all.AddRange(part);
            reader.Advance(part.Length);
        }

        return [.. all];
    }

    private void Follow() => _reader = _stream.Subscribe(json: false, null, _bed.Now);

    private string[] Read()
    {
        _stream.Read(_bed.Now);
        return Lines(Take(_reader!));
    }

    private void Tell(GatewayCommand command, GatewayFaults faults = GatewayFaults.None) =>
        _events.Write(new ClusterEvent(command, _bed.Now, _state, faults));

    /// <summary>Wants these and has the kernel show it.</summary>
    private void Serve(params int[] indexes)
    {
        _bed.NowMs += 10_000;
        _bed.Want(indexes);
        _bed.TakeAll();
        foreach (int index in indexes)
        {
            _bed.Show(index, ReconcilerBed.Up);
        }

        _bed.TakeAll();
    }

    private bool IsWoken()
    {
        using var poll = new EventPoll();
        poll.Add(_events.Wakeup.Descriptor, 1);
        bool woken = poll.Wait(new Readiness[1], 0) == 1;
        _events.Wakeup.Acknowledge();
        return woken;
    }
}
