using System;
using System.Globalization;
using System.IO;
using System.Runtime.CompilerServices;
using Wmgwd2.Core;
using static Wmgwd2.Status.LoadTable;

namespace Wmgwd2.Status;

/// <summary>A plan for a terminal.</summary>
public sealed class PlanText
{
    // So many ranges of VNIs are written of all gateways together, but of each one some.
    private const int RangesOfAll = 160;
    private const int FewestRanges = 4;
    private const int MostRanges = 40;

    // With that many gateways all heirs of each are written; with more, the first of them.
    private const int GatewaysWithAllHeirs = 9;
    private const int FewHeirs = 4;

    // Between a number and its unit no line is broken; written as an ordinary one.
    private const char UnbrokenSpace = '\u00a0';


    private readonly TextWriter _output;
    private readonly PlanReport _report;
    private readonly PlanStyle _style;
    private readonly ElectionPlan _plan;
    private readonly string[] _names;
    private readonly int _there;

    private PlanText(TextWriter output, PlanReport report, PlanStyle style)
    {
        _output = output;
        _report = report;
        _style = style;
        _plan = report.Plan;
        _there = _plan.Gateways.Length;
        _names = _plan.NameGateways();
    }

    /// <summary>Writes a plan.</summary>
    /// <param name="output">Where it goes; in pieces, because with every VNI there is it may be long.</param>
    /// <param name="report">The plan.</param>
    /// <param name="style">How it is written.</param>
    public static void Write(TextWriter output, PlanReport report, PlanStyle style)
    {
        var text = new PlanText(output, report, style);
        if (report.Pick != null)
        {
            text.WritePick(report.Pick);
        }

        if (report.Plan.Joiners.Length > 0)
        {
            text.WriteJoin();
        }
        else
        {
            text.WriteElection();
        }

        if (report.Pick == null)
        {
            text.WriteTimes();
        }
    }

    /// <summary>Writes who owns some VNIs, and who after that one.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="gateways">The gateways.</param>
    /// <param name="shown">The VNIs.</param>
    /// <param name="style">How it is written.</param>
    public static void WriteOrder(TextWriter output, NodeId[] gateways, VniSet shown, PlanStyle style)
    {
        int vniWidth = shown.Ranges[^1].Last.ToString().Length;
        foreach (VniBlock block in shown.InBlocksOf(1))
        {
            var list = new WrappedList(output, block.First.ToString().PadRight(vniWidth) + "  ", style.Columns, ", ");
            foreach (int place in ElectionPlan.Rank(gateways, block.First))
            {
                list.Add(gateways[place].ToString());
            }

            list.End();
        }
    }

    private void WritePick(UidPick pick)
    {
        foreach (NodeId uid in pick.Drawn)
        {
            _output.WriteLine("uid = " + uid.ToString());
        }

        string few = pick.Draws < UidPick.UsualDraws ? $" (more would take long with {Number(_plan.Vnis.Count)} VNIs)" : "";
        string randomDraws = Number(pick.RandomDraws);
        _output.WriteLine();
        WriteParagraph("", $"The best of {Number(pick.Draws)} draws{few}: {randomDraws} at random, then others for one gateway "
            + $"of the best at a time. --seed {new NodeId(pick.Seed).ToString()} draws them again.");
        string mean = Decimal(LoadBalance.Of(_plan.Owned).Mean);
        var table = new TextTable(
        [
            ["VNIS OF A GATEWAY", "LEAST", "MEAN", "MOST", "MOST AFTER A DEATH"],
            RowOf("these uids", pick.Quality, mean),
            RowOf($"a random draw (median of {randomDraws})", pick.Typical, mean),
        ]);
        WriteTitle(table[0]);
        _output.WriteLine(table[1]);
        _output.WriteLine(table[2]);
        _output.WriteLine();
    }

    private static string[] RowOf(string name, PickQuality quality, string mean) =>
        [name, Number(quality.Least), mean, Number(quality.Most), Number(quality.MostAfterDeath)];

    private void WriteElection()
    {
        _output.WriteLine(Emphasize(Describe(_plan.Owned)));
        _output.WriteLine();
        LoadTable.Write(_output, _names, [], _plan.Owned, _style);
        if (_report.Pick == null || _report.ShowAll)
        {
            WriteTitle("Who owns what:");
            var table = new TextTable(Array.ConvertAll(_names, name => new[] { name }));
            for (int place = 0; place < _there; place++)
            {
                WriteRanges("  " + table[place], _plan.Owners, place, _plan.Owned[place], _there);
            }
        }

        WriteDeaths(_plan.Tally!);
    }

    private void WriteDeaths(ElectionTally tally)
    {
        WriteTitle("When one dies, its VNIs move and no others; THEN is what the others have:");
        var rows = new string[_there + 1][];
        rows[0] = ["DIES", "MOVE", "LEAST THEN", "MOST THEN"];
        for (int dead = 0; dead < _there; dead++)
        {
            LoadBalance then = tally.BalanceAfterDeath(dead);
            rows[dead + 1] =
            [
                _names[dead], Number(tally.Owned[dead]), then.Gateways == 0 ? "-" : Number(then.Least),
                then.Gateways == 0 ? "-" : Number(then.Most),
            ];
        }

        var table = new TextTable(rows);
        _output.WriteLine(table[0] + "  HEIRS");
        for (int dead = 0; dead < _there; dead++)
        {
            WriteHeirs(table[dead + 1] + "  ", tally, dead);
        }
    }

    /// <summary>The heirs of one that dies: those that take the most first.</summary>
    private void WriteHeirs(string prefix, ElectionTally tally, int dead)
    {
        var list = new WrappedList(_output, prefix, _style.Columns, ", ");
        var written = new bool[_there];
        int limit = _report.ShowAll || _there <= GatewaysWithAllHeirs ? _there : FewHeirs;
        int left = tally.Owned[dead];
        for (; limit > 0 && FindNextHeir(tally, dead, written) is >= 0 and int heir; limit--)
        {
            int takes = tally.Inherited(dead, heir);
            list.Add($"{_names[heir]} +{Number(takes)} = {Number(tally.Owned[heir] + takes)}");
            written[heir] = true;
            left -= takes;
        }

        if (_there == 1)
        {
            list.Add("nobody: no other gateway");
        }
        else if (left > 0)
        {
            list.Add("others +" + Number(left));
        }

        list.End();
    }

    private int FindNextHeir(ElectionTally tally, int dead, bool[] written)
    {
        int next = -1;
        int most = 0;
        for (int heir = 0; heir < _there; heir++)
        {
            if (!written[heir] && tally.Inherited(dead, heir) > most)
            {
                next = heir;
                most = tally.Inherited(dead, heir);
            }
        }

        return next;
    }

    private void WriteJoin()
    {
        _output.WriteLine("now:  " + Describe(_plan.Owned));
        _output.WriteLine("then: " + Describe(_plan.OwnedJoined));
        _output.WriteLine();
        LoadTable.Write(_output, _names, _plan.Owned, _plan.OwnedJoined, _style);
        for (int joiner = 0; joiner < _plan.Joiners.Length; joiner++)
        {
            string name = _names[_there + joiner];
            string takes = Number(_plan.OwnedJoined[_there + joiner]);
            WriteTitle(_plan.Joiners.Length > 1
                ? $"When all have joined, {name} has taken {takes} VNIs:"
                : $"When {name} joins, it takes {takes} VNIs, and no others move:");
            var rows = new string[_there][];
            for (int from = 0; from < _there; from++)
            {
                rows[from] = ["  from " + _names[from], Number(_plan.Taken(joiner, from))];
            }

            var table = new TextTable(rows);
            ushort[] taken = _plan.FindTaken(joiner);
            for (int from = 0; from < _there; from++)
            {
                WriteRanges(table[from], taken, from, _plan.Taken(joiner, from), _there * _plan.Joiners.Length);
            }
        }
    }

    /// <summary>The VNIs of one owner: the first ranges of them, or all.</summary>
    private void WriteRanges(string name, ReadOnlySpan<ushort> owners, int owner, int count, int lists)
    {
        var list = new WrappedList(_output, name + "  ", _style.Columns, ",");
        int limit = _report.ShowAll ? int.MaxValue : Math.Clamp(RangesOfAll / lists, FewestRanges, MostRanges);
        foreach (VniRange range in new OwnedRanges(_plan.Vnis, owners, (ushort)owner))
        {
            if (limit-- == 0)
            {
                list.AddRest($"and {Number(count)} more");
                break;
            }

            list.Add(range.ToString());
            count -= range.Count;
        }

        list.End();
    }

    private void WriteTimes()
    {
        GatewayTiming timing = _report.Timing;
        string interval = Time(timing.Interval);
        string dead = Time(timing.DeadInterval);
        string lead = Time(timing.HandoverLead);
        WriteTitle($"How long a VNI has no owner (interval {interval}, dead-after {Number(timing.DeadAfter)}, "
            + $"handover-lead {lead}):");
        WriteParagraph("  crash              ", $"{Time(timing.DeadInterval - timing.Interval)}, when the next advertisement "
            + $"was due, to {dead}, when one had just gone; and what the take-over takes");
        WriteParagraph("  stop, drain, join  ", "a datagram's delay: who gives a VNI up serves it until the other one takes it, "
            + (timing.HandoverLead > TimeSpan.Zero ? $"for the {lead} before without a route" : "with its route until then"));
        string start = Time(timing.DeadInterval + timing.StartupDelay + timing.HandoverLead);
        WriteParagraph("", "Not in it: the carrier that comes up, BGP EVPN and OSPF that follow. A gateway that starts takes "
            + $"its share after {start}, alone after {dead}.");
    }

    private void WriteTitle(string title)
    {
        _output.WriteLine();
        _output.WriteLine(Emphasize(title.Replace(UnbrokenSpace, ' ')));
    }

    private void WriteParagraph(string prefix, string text)
    {
        var words = new WrappedList(_output, prefix, _style.Columns, " ");
        foreach (string word in text.Split(' '))
        {
            words.Add(word.Replace(UnbrokenSpace, ' '));
        }

        words.End();
    }

    private string Emphasize(string line) => _style.Palette.Heading(line);

    private string Describe(ReadOnlySpan<int> loads)
    {
        LoadBalance balance = LoadBalance.Of(loads);
        return $"{Number(loads.Length)} gateway{(loads.Length == 1 ? "" : "s")}, "
            + $"{Number(_plan.Vnis.Count)} VNI{(_plan.Vnis.Count == 1 ? "" : "s")}: "
            + $"least {Number(balance.Least)}, mean {Decimal(balance.Mean)}, most {Number(balance.Most)} "
            + $"(+{Decimal(balance.PercentAboveMean)} %)";
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string Time(TimeSpan time)
    {
        bool below = time.TotalSeconds < 1;
        string number = (below ? time.TotalMilliseconds : time.TotalSeconds).ToString("0.###", CultureInfo.InvariantCulture);
        return number + UnbrokenSpace + (below ? "ms" : "s");
    }
}
