using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>The longest times that were seen for a kind of fault.</summary>
internal sealed class SoakRow
{
    public TimeSpan None { get; set; }

    public TimeSpan NoneBound { get; set; }

    public TimeSpan Two { get; set; }

    public TimeSpan TwoBound { get; set; }

    public TimeSpan Settled { get; set; }
}

/// <summary>
/// Judges what the kernels showed against what the faults allow. It knows the election and the protocol's times, and nothing
/// of how the daemons work.
/// </summary>
/// <remarks>
/// A gateway that serves without being allowed to, one that doesn't serve though it must, and one that announces what it
/// doesn't own are violations; so is each change of a VNI that no fault touches, for it leads to one of the two. Within what
/// is allowed, the times in which nobody or two serve are measured and held against the bounds of the faults under way.
/// </remarks>
internal sealed class SoakChecker
{
    /// <summary>Where a time goes of which it can't be said which of several faults made it.</summary>
    public const string Several = "several at once";

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    private readonly SoakModel _model;
    private readonly bool[][] _serves;
    private readonly TimeSpan?[,] _withoutRight;
    private readonly TimeSpan?[,] _missing;
    private readonly TimeSpan?[] _none;
    private readonly TimeSpan?[] _two;
    private readonly List<string> _violations = [];
    private readonly List<(TimeSpan Time, string What)> _measured = [];
    private readonly SortedDictionary<string, SoakRow> _rows = new(StringComparer.Ordinal);
    private SoakExpectation _expected;

    public SoakChecker(SoakModel model)
    {
        _model = model;
        int vnis = model.Vnis.Count;
        _serves = [.. Enumerable.Range(0, vnis).Select(_ => new bool[model.Gateways])];
        _withoutRight = new TimeSpan?[model.Gateways, vnis];
        _missing = new TimeSpan?[model.Gateways, vnis];
        _none = new TimeSpan?[vnis];
        _two = new TimeSpan?[vnis];
        _expected = new SoakExpectation(model, TimeSpan.Zero);
    }

    /// <summary>What must not have been.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Every time without an owner or with two that was longer than a moment, for whoever looks for a cause.</summary>
    public IReadOnlyList<(TimeSpan Time, string What)> Measured => _measured;

    /// <summary>By kind of fault.</summary>
    public IReadOnlyDictionary<string, SoakRow> Rows => _rows;

    /// <summary>Judges everything; once.</summary>
    /// <param name="changes">What the kernels showed.</param>
    /// <param name="announcements">What was on the wire.</param>
    /// <param name="end">When watching ended.</param>
    public void Check(
        IEnumerable<ServiceChange> changes, IEnumerable<AnnouncementSeen> announcements, TimeSpan end)
    {
        Dictionary<uint, int> indexes = _model.Vnis.Select((vni, index) => (vni, index)).ToDictionary();
        var boundaries = new Queue<TimeSpan>(_model.Boundaries().Where(boundary => boundary <= end));
        var seen = new Queue<AnnouncementSeen>(announcements.OrderBy(announcement => announcement.Time));
        foreach (ServiceChange change in changes.Where(change => change.Time <= end).OrderBy(change => change.Time))
        {
            PassBoundaries(boundaries, seen, indexes, change.Time);
            int index = indexes[change.Vni];
            _serves[index][change.Gateway] = change.Serves;
            NoteSettling(change);
            Judge(index, change.Time);
        }

        PassBoundaries(boundaries, seen, indexes, end);
        Finish(end);
    }

    private void PassBoundaries(
        Queue<TimeSpan> boundaries, Queue<AnnouncementSeen> seen, Dictionary<uint, int> indexes, TimeSpan until)
    {
        while (boundaries.TryPeek(out TimeSpan boundary) && boundary <= until)
        {
            JudgeAnnouncements(seen, indexes, boundary);
            boundaries.Dequeue();
            _expected = new SoakExpectation(_model, boundary);
            for (int index = 0; index < _model.Vnis.Count; index++)
            {
                Judge(index, boundary);
            }
        }

        JudgeAnnouncements(seen, indexes, until);
    }

    private void JudgeAnnouncements(Queue<AnnouncementSeen> seen, Dictionary<uint, int> indexes, TimeSpan until)
    {
        while (seen.TryPeek(out AnnouncementSeen announcement) && announcement.Time < until)
        {
            seen.Dequeue();
            string what = string.Create(CultureInfo.InvariantCulture,
                $"{announcement.Time.TotalSeconds:0.000} s: gateway {announcement.Gateway + 1} announces VNI {announcement.Vni}");
            if (!_expected.MayAnnounce(announcement.Gateway, indexes[announcement.Vni]))
            {
                _violations.Add($"{what} without owning it");
            }

            foreach (var silence in _model.Silences.Where(silence => silence.Gateway == announcement.Gateway
                && silence.From <= announcement.Time && announcement.Time < silence.Until))
            {
                _violations.Add($"{what} though {silence.Why}");
            }
        }
    }

    private void Judge(int index, TimeSpan time)
    {
        bool[] serves = _serves[index];
        for (int gateway = 0; gateway < serves.Length; gateway++)
        {
            int number = gateway;
            Track(ref _withoutRight[gateway, index], serves[gateway] && !_expected.May(gateway, index), time,
                since => Report($"gateway {number + 1} serves VNI {_model.Vnis[index]} without owning it", since, time));
            Track(ref _missing[gateway, index], !serves[gateway] && _expected.Must(gateway, index), time,
                since => Report($"gateway {number + 1} doesn't serve VNI {_model.Vnis[index]} though it owns it", since, time));
        }

        Track(ref _none[index], _expected.IsServedByNobody(serves, index), time, since => Measure(index, since, time, two: false));
        Track(ref _two[index], _expected.IsServedTwice(serves), time, since => Measure(index, since, time, two: true));
    }

    private static void Track(ref TimeSpan? since, bool holds, TimeSpan now, Action<TimeSpan> ended)
    {
        if (holds)
        {
            since ??= now;
        }
        else if (since is { } begin)
        {
            since = null;
            if (now > begin)
            {
                ended(begin);
            }
        }
    }

    private void Finish(TimeSpan end)
    {
        for (int index = 0; index < _model.Vnis.Count; index++)
        {
            for (int gateway = 0; gateway < _model.Gateways; gateway++)
            {
                int number = gateway;
                Track(ref _withoutRight[gateway, index], false, end,
                    since => Report($"gateway {number + 1} serves VNI {_model.Vnis[index]} without owning it", since, end));
                Track(ref _missing[gateway, index], false, end,
                    since => Report($"gateway {number + 1} doesn't serve VNI {_model.Vnis[index]} though it owns it", since, end));
            }

            Track(ref _none[index], false, end, since => Measure(index, since, end, two: false));
            Track(ref _two[index], false, end, since => Measure(index, since, end, two: true));
        }
    }

    /// <summary>Holds a time in which nobody or two served against the bounds of what was under way.</summary>
    private void Measure(int index, TimeSpan from, TimeSpan until, bool two)
    {
        uint vni = _model.Vnis[index];
        ClusterChange[] changes = [.. _model.Changes.Where(change => change.From <= until && change.LastDeadline >= from
            && _model.Matters(change, vni, change.From > from ? change.From : from))];
        Disturbance[] disturbances = [.. _model.Disturbances.Where(disturbance =>
            disturbance.From <= until && disturbance.Until >= from && disturbance.Concerns(vni))];
        TimeSpan lasted = until - from;

        // A process that stood still has a change too, which has the bound; but for what another one took back meanwhile, it
        // makes no difference to the election.
        TimeSpan bound = Sum(changes.Select(change => two ? change.MaxTwo : change.MaxNone))
            + disturbances.Count(disturbance => !disturbance.Stopped || (two && changes.Length == 0)) * SoakTimes.Allowance;
        var causes = changes.Select(change => (change.From, change.Kind))
            .Concat(disturbances.Select(disturbance => (disturbance.From, disturbance.Kind)))
            .OrderBy(cause => cause.From).ToArray();
        string what = two ? "two serve" : "nobody serves";
        if (causes.Length == 0)
        {
            Report($"{what} VNI {vni} without a fault", from, until);
            return;
        }

        string all = string.Join(", ", causes.Select(cause => cause.Kind));
        if (lasted > Moment)
        {
            _measured.Add((from, string.Create(CultureInfo.InvariantCulture,
                $"{what} VNI {vni} for {lasted.TotalMilliseconds:0.0} ms ({all})")));
        }

        Keep(RowOf(causes.Select(cause => cause.Kind)), lasted, bound, two);
        if (lasted > bound)
        {
            Report($"{what} VNI {vni} for longer than {bound.TotalMilliseconds:0} ms ({all})", from, until);
        }
    }

    private static void Keep(SoakRow row, TimeSpan lasted, TimeSpan bound, bool two)
    {
        if (two)
        {
            row.Two = Longer(row.Two, lasted);
            row.TwoBound = Longer(row.TwoBound, bound);
        }
        else
        {
            row.None = Longer(row.None, lasted);
            row.NoneBound = Longer(row.NoneBound, bound);
        }
    }

    /// <summary>How long after the beginning of the latest fault that touches a VNI it still moves.</summary>
    private void NoteSettling(ServiceChange moved)
    {
        ClusterChange[] causes = [.. _model.Changes.Where(change => change.From <= moved.Time
            && change.LastDeadline > moved.Time && _model.Matters(change, moved.Vni, moved.Time))];
        if (causes.Length > 0)
        {
            SoakRow row = RowOf(causes.Select(cause => cause.Kind));
            row.Settled = Longer(row.Settled, moved.Time - causes.Max(cause => cause.From));
        }
    }

    private SoakRow RowOf(IEnumerable<string> causes)
    {
        string[] kinds = [.. causes.Distinct()];
        string kind = kinds.Length == 1 ? kinds[0] : Several;
        if (!_rows.TryGetValue(kind, out SoakRow? row))
        {
            row = new SoakRow();
            _rows.Add(kind, row);
        }

        return row;
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private void Report(string what, TimeSpan from, TimeSpan until) => _violations.Add(string.Create(
        CultureInfo.InvariantCulture,
        $"{from.TotalSeconds:0.000} s: {what}, for {(until - from).TotalMilliseconds:0.0} ms"));

    private static TimeSpan Sum(IEnumerable<TimeSpan> times) =>
        times.Aggregate(TimeSpan.Zero, (sum, time) => sum + time);
}
