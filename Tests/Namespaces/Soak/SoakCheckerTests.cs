using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>The soak's checker can fail: timelines made by hand.</summary>
public sealed class SoakCheckerTests
{
    private const int Gateways = 3;
    private static readonly uint[] Vnis = TestNetwork.Range(1, 6);
    private readonly SoakModel _model = new([1, 2, 3], Vnis);
    private readonly List<ServiceChange> _changes = [];
    private readonly List<AnnouncementSeen> _announcements = [];

    public SoakCheckerTests()
    {
        for (int gateway = 0; gateway < Gateways; gateway++)
        {
            int number = gateway;
            _model.Add(new ClusterChange("start", At(0), _model.By(At(1000)), state => state.Active[number] = true));
        }

        _changes.AddRange(Vnis.Select(vni => new ServiceChange(At(100), OwnerOf(vni), vni, true)));
    }

    [Fact]
    public void Nothing_is_said_of_a_cluster_that_keeps_still()
    {
        _announcements.Add(new AnnouncementSeen(At(5000), OwnerOf(1), 1));
        Assert.Empty(Check().Violations);
    }

    [Fact]
    public void A_crash_that_heirs_make_good_in_time_is_measured_and_allowed()
    {
        Crash(At(5000));
        MoveAll(At(5050), At(5650));
        SoakChecker checker = Check();
        Assert.Empty(checker.Violations);
        Assert.Equal(At(600), checker.Rows["SIGKILL"].None);
        Assert.Equal(At(0), checker.Rows["SIGKILL"].Two);
        Assert.Equal(At(650), checker.Rows["SIGKILL"].Settled);
    }

    [Fact]
    public void What_several_faults_may_have_made_is_no_single_ones()
    {
        Crash(At(5000));
        int heir = (int)TestNetwork.Owner(SharesOf(0).First(), 2, 3) - 1;
        int last = 3 - heir;
        _model.Add(new ClusterChange(
            "SIGTERM", At(5300), _model.By(At(5300) + SoakTimes.Handover), state => state.Active[heir] = false));
        foreach (uint vni in Vnis.Where(vni => OwnerOf(vni) != last))
        {
            _changes.Add(new ServiceChange(At(5310), OwnerOf(vni), vni, false));
            _changes.Add(new ServiceChange(At(OwnerOf(vni) == heir ? 5305 : 5600), last, vni, true));
        }

        SoakChecker checker = Check();
        Assert.Empty(checker.Violations);
        Assert.Equal(At(290), checker.Rows[SoakChecker.Several].None);
        Assert.Equal(SoakTimes.Detection + SoakTimes.Allowance, checker.Rows[SoakChecker.Several].NoneBound);
    }

    [Fact]
    public void Nobody_for_too_long_is_a_violation()
    {
        Crash(At(5000));
        MoveAll(At(5010), At(6200));
        Assert.All(SharesOf(0), vni => AssertFound($"nobody serves VNI {vni} for longer than 1100 ms (SIGKILL)"));
        AssertFound("though it owns it, for 100.0 ms");
    }

    [Fact]
    public void Nobody_without_a_fault_is_a_violation()
    {
        _changes.Add(new ServiceChange(At(5000), OwnerOf(2), 2, false));
        _changes.Add(new ServiceChange(At(5003), OwnerOf(2), 2, true));
        AssertFound("5.000 s: nobody serves VNI 2 without a fault, for 3.0 ms");
    }

    [Fact]
    public void Two_for_too_long_is_a_violation()
    {
        // A leaver lets go 590 ms after its heirs have taken up: sooner than it must, and yet too late.
        _model.Add(new ClusterChange(
            "SIGTERM", At(5000), _model.By(At(5000) + SoakTimes.Handover), state => state.Active[0] = false));
        MoveAll(At(5600), At(5010));
        AssertFound($"5.010 s: two serve VNI {SharesOf(0).First()} for longer than 500 ms (SIGTERM), for 590.0 ms");
        Assert.DoesNotContain(Check().Violations, violation => violation.Contains("without owning it", StringComparison.Ordinal));
    }

    [Fact]
    public void A_killed_gateway_that_is_not_fenced_is_a_violation()
    {
        Crash(At(5000));
        MoveAll(At(6300), At(5650));
        Assert.All(SharesOf(0), vni => AssertFound($"two serve VNI {vni} for longer than 500 ms (SIGKILL)"));
        Assert.All(SharesOf(0), vni => AssertFound($"5.500 s: gateway 1 serves VNI {vni} without owning it, for 800.0 ms"));
    }

    [Fact]
    public void A_move_that_the_fault_does_not_explain_is_a_violation()
    {
        Crash(At(5000));
        MoveAll(At(5050), At(5650));

        // A VNI of a gateway that stays goes to the third one for a moment.
        uint foreign = SharesOf(1).First();
        _changes.Add(new ServiceChange(At(5660), 1, foreign, false));
        _changes.Add(new ServiceChange(At(5660), 2, foreign, true));
        _changes.Add(new ServiceChange(At(5700), 2, foreign, false));
        _changes.Add(new ServiceChange(At(5700), 1, foreign, true));
        AssertFound($"5.660 s: gateway 2 doesn't serve VNI {foreign} though it owns it");
        AssertFound($"5.660 s: gateway 3 serves VNI {foreign} without owning it");
    }

    [Fact]
    public void An_announcement_without_ownership_is_a_violation()
    {
        int other = (OwnerOf(3) + 1) % Gateways;
        _announcements.Add(new AnnouncementSeen(At(5000), other, 3));
        AssertFound($"5.000 s: gateway {other + 1} announces VNI 3 without owning it");
    }

    [Fact]
    public void What_somebody_else_brings_up_may_be_up_for_a_moment_but_not_be_announced()
    {
        int other = (OwnerOf(3) + 1) % Gateways;
        _model.Add(new Disturbance("foreign", other, [3u], At(5000)) { Over = At(5010) });
        _changes.Add(new ServiceChange(At(5005), other, 3, true));
        _changes.Add(new ServiceChange(At(5015), other, 3, false));
        SoakChecker allowed = Check();
        Assert.Empty(allowed.Violations);
        Assert.Equal(At(10), allowed.Rows["foreign"].Two);

        _announcements.Add(new AnnouncementSeen(At(5006), other, 3));
        AssertFound("announces VNI 3 without owning it");
    }

    [Fact]
    public void An_announcement_of_a_gateway_that_must_be_silent_is_a_violation()
    {
        _model.AddSilence(0, At(5000), At(6000), "it stood still");
        _announcements.Add(new AnnouncementSeen(At(5500), 0, SharesOf(0).First()));
        AssertFound("though it stood still");
    }

    [Fact]
    public void What_is_broken_counts_from_its_mending_only()
    {
        _model.Add(new Disturbance("flap", OwnerOf(4), [4u], At(5000)) { Over = At(8000) });
        _changes.Add(new ServiceChange(At(5001), OwnerOf(4), 4, false));
        _changes.Add(new ServiceChange(At(8020), OwnerOf(4), 4, true));
        SoakChecker checker = Check();
        Assert.Empty(checker.Violations);
        Assert.Equal(At(20), checker.Rows["flap"].None);
    }

    [Fact]
    public void Two_on_the_two_sides_of_a_partition_are_unavoidable_and_nobody_on_a_side_is_not()
    {
        (int, int)[] pairs = [(0, 1), (1, 0), (0, 2), (2, 0)];
        _model.Add(new ClusterChange("cut", At(5000), _model.By(At(6100)), state => SetDeaf(state, pairs, true))
        {
            MaxNone = SoakTimes.Detection,
        });
        Assert.Contains(Check().Violations, violation => violation.Contains("nobody serves VNI", StringComparison.Ordinal));

        // Each side takes what the other one has, and both have everything.
        foreach (uint vni in Vnis)
        {
            int inRest = TestNetwork.Owner(vni, 2, 3) == 2 ? 1 : 2;
            _changes.Add(new ServiceChange(At(5600), OwnerOf(vni) == 0 ? inRest : 0, vni, true));
        }

        SoakChecker checker = Check();
        Assert.Empty(checker.Violations);
        Assert.Equal(At(0), checker.Rows["cut"].Two);
        Assert.Equal(At(600), checker.Rows["cut"].None);
    }

    [Fact]
    public void Two_while_one_stands_still_are_unavoidable_and_afterwards_are_not()
    {
        _model.Add(new Disturbance("stop", 0, null, At(5000)) { Stopped = true, Over = At(8000) });
        _model.Add(new ClusterChange(
            "stop", At(5000), _model.By(0, At(8500), At(6100)), state => state.Active[0] = false));
        MoveAll(At(8040), At(5600));
        SoakChecker checker = Check();
        Assert.Empty(checker.Violations);
        Assert.Equal(At(40), checker.Rows["stop"].Two);

        uint kept = SharesOf(0).First();
        _changes.Add(new ServiceChange(At(8041), 0, kept, true));
        AssertFound($"8.500 s: gateway 1 serves VNI {kept} without owning it");
    }

    private static TimeSpan At(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static int OwnerOf(uint vni) => (int)TestNetwork.Owner(vni, 1, 2, 3) - 1;

    private static IEnumerable<uint> SharesOf(int gateway) => Vnis.Where(vni => OwnerOf(vni) == gateway);

    private static void SetDeaf(ClusterState state, (int Deaf, int To)[] pairs, bool deaf) =>
        Array.ForEach(pairs, pair => state.Deaf[pair.Deaf, pair.To] = deaf);

    private void Crash(TimeSpan time) => _model.Add(new ClusterChange(
        "SIGKILL",
        time,
        _model.By(0, time + SoakTimes.Allowance, time + SoakTimes.Detection),
        state => state.Active[0] = false)
    {
        MaxNone = SoakTimes.Detection,
    });

    /// <summary>The first gateway's VNIs go to their heirs.</summary>
    private void MoveAll(TimeSpan released, TimeSpan taken)
    {
        foreach (uint vni in SharesOf(0))
        {
            _changes.Add(new ServiceChange(released, 0, vni, false));
            _changes.Add(new ServiceChange(taken, (int)TestNetwork.Owner(vni, 2, 3) - 1, vni, true));
        }
    }

    private SoakChecker Check()
    {
        var checker = new SoakChecker(_model);
        checker.Check(_changes, _announcements, At(10_000));
        return checker;
    }

    private void AssertFound(params string[] parts)
    {
        IReadOnlyList<string> violations = Check().Violations;
        Assert.True(
            violations.Any(violation => parts.All(part => violation.Contains(part, StringComparison.Ordinal))),
            $"not found: {string.Join(" ... ", parts)}\n{string.Join('\n', violations)}");
    }
}
