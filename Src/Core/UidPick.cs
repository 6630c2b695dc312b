using System;

namespace Wmgwd2.Core;

/// <summary>How good a choice of uids is.</summary>
/// <param name="least">How many VNIs the gateway owns that owns the fewest.</param>
/// <param name="most">How many the one owns that owns the most.</param>
/// <param name="mostAfterDeath">
/// How many any of them owns at most after any single one has died; of a gateway alone, what it owned.
/// </param>
public readonly struct PickQuality(int least, int most, int mostAfterDeath)
{
    /// <summary>How many VNIs the gateway owns that owns the fewest.</summary>
    public int Least => least;

    /// <summary>How many the one owns that owns the most.</summary>
    public int Most => most;

    /// <summary>How many any of them owns at most after any single one has died.</summary>
    public int MostAfterDeath => mostAfterDeath;
}

/// <summary>
/// Uids for gateways that are to be set up, so that they share a set of VNIs as evenly as can be. Draws sets of uids at
/// random; then draws again, for one gateway at a time of the best set, as long as that makes it better.
/// </summary>
/// <remarks>
/// The better of two sets is the one whose most loaded gateway has less to do, all live or any one dead, each measured by
/// what it would be if all had as many. What is drawn depends on the seed alone: the generator is SplitMix64 (Steele, Lea and
/// Flood, "Fast splittable pseudorandom number generators", 2014).
/// </remarks>
public sealed class UidPick
{
    /// <summary>How many sets are drawn where that doesn't take long.</summary>
    public const int UsualDraws = 20_000;

    // So many that a second or two are enough for them; but some have to be compared, however many VNIs there are.
    private const long WeightLimit = 1L << 29;
    private const int FewestDraws = 4;

    private readonly VniSet _vnis;
    private readonly NodeId[] _best;
    private readonly NodeId[] _candidate;
    private readonly int _kept;
    private readonly ElectionTally _tally;
    private ulong _state;
    private long _bestCost = long.MaxValue;

    private UidPick(VniSet vnis, ReadOnlySpan<NodeId> kept, int count, ulong seed)
    {
        _vnis = vnis;
        _kept = kept.Length;
        _best = new NodeId[kept.Length + count];
        _candidate = new NodeId[kept.Length + count];
        kept.CopyTo(_candidate);
        _tally = new ElectionTally(vnis, _candidate.Length);
        _state = seed;
        Seed = seed;

        // For each draw the weights, and what each gateway inherits of each.
        long weights = (long)(vnis.Count + _candidate.Length) * _candidate.Length;
        Draws = (int)Math.Clamp(WeightLimit / weights, FewestDraws, UsualDraws);
        RandomDraws = (Draws + 1) / 2;
    }

    /// <summary>The seed: the same one, with the same VNIs and gateways, draws the same uids.</summary>
    public ulong Seed { get; }

    /// <summary>How many sets were drawn and compared.</summary>
    public int Draws { get; }

    /// <summary>How many of them were drawn as a whole, at random.</summary>
    public int RandomDraws { get; }

    /// <summary>All gateways: those that were there, in their order, then those that were drawn.</summary>
    public NodeId[] Gateways => _best;

    /// <summary>The uids that were drawn.</summary>
    public ReadOnlySpan<NodeId> Drawn => _best.AsSpan(_kept);

    /// <summary>How good they are.</summary>
    public PickQuality Quality { get; private set; }

    /// <summary>How good a set is that is drawn at random: the median of each figure over <see cref="RandomDraws"/>.</summary>
    public PickQuality Typical { get; private set; }

    /// <summary>Draws uids.</summary>
    /// <param name="vnis">The VNIs that they are to share.</param>
    /// <param name="kept">The uids of gateways that are there; may be none.</param>
    /// <param name="count">How many to draw, at least one.</param>
    /// <param name="seed">What the draws follow from.</param>
    /// <param name="progress">Is told how far it is.</param>
    public static UidPick Draw(
        VniSet vnis, ReadOnlySpan<NodeId> kept, int count, ulong seed, PlanProgress? progress = null)
    {
        var pick = new UidPick(vnis, kept, count, seed);
        pick.Run(progress);
        return pick;
    }

    private void Run(PlanProgress? progress)
    {
        var least = new int[RandomDraws];
        var most = new int[RandomDraws];
        var mostAfterDeath = new int[RandomDraws];
        for (int draw = 0; draw < Draws; draw++)
        {
            bool random = draw < RandomDraws;
            DrawCandidate(random);
            long before = (long)draw * ElectionTally.ProgressSteps;
            _tally.Count(
                _candidate,
                (done, _) => progress?.Invoke(before + done, (long)Draws * ElectionTally.ProgressSteps));
            PickQuality quality = Judge();
            if (random)
            {
                (least[draw], most[draw], mostAfterDeath[draw]) = (quality.Least, quality.Most, quality.MostAfterDeath);
            }

            long cost = CostOf(quality);
            if (cost < _bestCost)
            {
                (_bestCost, Quality) = (cost, quality);
                _candidate.CopyTo(_best.AsSpan());
            }
        }

        Typical = new PickQuality(Median(least), Median(most), Median(mostAfterDeath));
    }

    /// <summary>All of a candidate at random; or the best there is, but for one gateway.</summary>
    private void DrawCandidate(bool random)
    {
        if (random)
        {
            _candidate.AsSpan(_kept).Clear();
            for (int place = _kept; place < _candidate.Length; place++)
            {
                _candidate[place] = DrawUid();
            }
        }
        else
        {
            _best.CopyTo(_candidate.AsSpan());
            int place = _kept + (int)(Next() % (ulong)(_candidate.Length - _kept));
            _candidate[place] = DrawUid();
        }
    }

    /// <summary>A uid that no gateway of the candidate has.</summary>
    private NodeId DrawUid()
    {
        NodeId uid;
        do
        {
            uid = new NodeId(Next());
        }
        while (uid.Value == 0 || IsTaken(uid));

        return uid;
    }

    private bool IsTaken(NodeId uid)
    {
        foreach (NodeId other in _candidate)
        {
            if (other.Value == uid.Value)
            {
                return true;
            }
        }

        return false;
    }

    private ulong Next()
    {
        _state += 0x9e3779b97f4a7c15;
        ulong mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return mixed ^ (mixed >> 31);
    }

    private PickQuality Judge()
    {
        LoadBalance balance = LoadBalance.Of(_tally.Owned);
        int mostAfterDeath = _candidate.Length == 1 ? balance.Most : 0;
        for (int dead = 0; dead < _candidate.Length; dead++)
        {
            mostAfterDeath = Math.Max(mostAfterDeath, _tally.BalanceAfterDeath(dead).Most);
        }

        return new PickQuality(balance.Least, balance.Most, mostAfterDeath);
    }

    /// <summary>
    /// The most that one owns as a multiple of the mean, all alive, and the same after a death, added; both times the number
    /// of VNIs, so that no fraction is lost. Among equals the one wins whose least loaded gateway has more to do.
    /// </summary>
    private long CostOf(PickQuality quality)
    {
        long count = _candidate.Length;
        long most = quality.Most * count + quality.MostAfterDeath * (count - 1);
        return most * (_vnis.Count + 1L) - quality.Least;
    }

    private static int Median(int[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
