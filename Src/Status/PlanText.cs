using System;
using System.Globalization;
using System.IO;
using Wmgwd2.Core;

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

    private const string Bold = "\e[1m";
    private const string Plain = "\e[0m";

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
        _names = NamesOf([.. _plan.Gateways, .. _plan.Joiners]);
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
        string[] names = NamesOf(gateways);
        int vniWidth = Math.Max("VNI".Length, shown.Ranges[^1].Last.ToString().Length);
        int width = LoadTable.WidthOf("OWNER", names);
        output.WriteLine(Emphasize($"{"VNI".PadRight(vniWidth)}  {"OWNER".PadRight(width)}  THEN, AS ONE AFTER THE OTHER DIES", style));
        foreach (VniBlock block in shown.InBlocksOf(1))
        {
            int[] order = ElectionPlan.Rank(gateways, block.First);
            var list = new WrappedList(
                output, $"{block.First.ToString().PadRight(vniWidth)}  {names[order[0]].PadRight(width)}  ", style.Columns, ", ");
            for (int at = 1; at < order.Length; at++)
            {
                list.Add(names[order[at]]);
            }

            list.End();
        }
    }

    private static string[] NamesOf(NodeId[] gateways)
    {
        var names = new string[gateways.Length];
        for (int place = 0; place < names.Length; place++)
        {
            names[place] = gateways[place].ToString();
        }

        return names;
    }

    private static string Emphasize(string line, PlanStyle style) => style.Color ? $"{Bold}{line}{Plain}" : line;

    private void WritePick(UidPick pick)
    {
        foreach (NodeId uid in pick.Drawn)
        {
            _output.WriteLine($"uid = {uid}");
        }

        _output.WriteLine();
        string few = pick.Draws < UidPick.UsualDraws ? $" (more would take long with {_plan.Vnis.Count} VNIs)" : "";
        WriteParagraph("", $"The best of {pick.Draws} draws{few}, of which {pick.RandomDraws} were random and the others "
            + $"changed one uid of the best. With --seed {pick.Seed} they are drawn again.");
        _output.WriteLine();
        string mean = Mean(LoadBalance.Of(_plan.Owned));
        string[] least = ["LEAST", LoadTable.Count(pick.Quality.Least), LoadTable.Count(pick.Typical.Least)];
        string[] most = ["MOST", LoadTable.Count(pick.Quality.Most), LoadTable.Count(pick.Typical.Most)];
        string[] dead =
            ["MOST WHEN ONE HAS DIED", LoadTable.Count(pick.Quality.MostAfterDeath), LoadTable.Count(pick.Typical.MostAfterDeath)];
        string[] means = ["MEAN", mean, mean];
        string[] heads = ["VNIS OF A GATEWAY", "these uids", $"a random draw (median of {pick.RandomDraws})"];
        int width = LoadTable.WidthOf("", heads);
        for (int row = 0; row < heads.Length; row++)
        {
            string line = $"{heads[row].PadRight(width)}{Cell(least)}{Cell(means)}{Cell(most)}{Cell(dead)}";
            _output.WriteLine(row == 0 ? Emphasize(line, _style) : line);

            string Cell(string[] column) => "  " + column[row].PadLeft(LoadTable.WidthOf("", column));
        }

        _output.WriteLine();
    }

    private void WriteElection()
    {
        _output.WriteLine(Emphasize(Describe(_plan.Owned), _style));
        _output.WriteLine();
        LoadTable.Write(_output, _names, [], _plan.Owned, _style);
        if (_report.Pick == null || _report.ShowAll)
        {
            WriteOwners();
        }

        WriteDeaths(_plan.Tally!);
    }

    private void WriteOwners()
    {
        WriteTitle("Who owns what:");
        int width = LoadTable.WidthOf("", _names);
        for (int place = 0; place < _there; place++)
        {
            WriteRanges($"  {_names[place].PadRight(width)}  ", _plan.Owners, (ushort)place, _plan.Owned[place], _there);
        }
    }

    private void WriteDeaths(ElectionTally tally)
    {
        WriteTitle("When one dies, its VNIs move and no others; THEN is what the others have:");
        int nameWidth = LoadTable.WidthOf("DIES", _names);
        int width = Math.Max("MOVE".Length, LoadTable.Count(LoadBalance.Of(tally.Owned).Most).Length);
        int thenWidth = Math.Max("LEAST THEN".Length, LoadTable.Count(_plan.Vnis.Count).Length);
        _output.WriteLine(
            $"{"DIES".PadRight(nameWidth)}  {"MOVE".PadLeft(width)}  {"LEAST THEN".PadLeft(thenWidth)}"
            + $"  {"MOST THEN".PadLeft(thenWidth)}  HEIRS");
        for (int dead = 0; dead < _there; dead++)
        {
            LoadBalance then = tally.BalanceAfterDeath(dead);
            string least = then.Gateways == 0 ? "-" : LoadTable.Count(then.Least);
            string most = then.Gateways == 0 ? "-" : LoadTable.Count(then.Most);
            WriteHeirs(
                $"{_names[dead].PadRight(nameWidth)}  {LoadTable.Count(tally.Owned[dead]).PadLeft(width)}"
                + $"  {least.PadLeft(thenWidth)}  {most.PadLeft(thenWidth)}  ",
                tally, dead);
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
            list.Add($"{_names[heir]} +{takes} = {tally.Owned[heir] + takes}");
            written[heir] = true;
            left -= takes;
        }

        if (_there == 1)
        {
            list.Add("nobody: no other gateway");
        }
        else if (left > 0)
        {
            list.Add($"others +{left}");
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
        _output.WriteLine($"now:  {Describe(_plan.Owned)}");
        _output.WriteLine($"then: {Describe(_plan.OwnedJoined)}");
        _output.WriteLine();
        LoadTable.Write(_output, _names, _plan.Owned, _plan.OwnedJoined, _style);
        int width = LoadTable.WidthOf("", _names);
        for (int joiner = 0; joiner < _plan.Joiners.Length; joiner++)
        {
            string name = _names[_there + joiner];
            int takes = _plan.OwnedJoined[_there + joiner];
            WriteTitle(_plan.Joiners.Length > 1
                ? $"When all have joined, {name} has taken {takes} VNIs:"
                : $"When {name} joins, it takes {takes} VNIs, and no others move:");
            ushort[] taken = _plan.FindTaken(joiner);
            int countWidth = LoadTable.Count(_plan.OwnedJoined[_there + joiner]).Length;
            for (int from = 0; from < _there; from++)
            {
                int count = _plan.Taken(joiner, from);
                WriteRanges(
                    $"  {LoadTable.Count(count).PadLeft(countWidth)} from {_names[from].PadRight(width)}  ", taken,
                    (ushort)from, count, _there * _plan.Joiners.Length);
            }
        }
    }

    /// <summary>The VNIs of one owner: the first ranges of them, or all.</summary>
    private void WriteRanges(string prefix, ReadOnlySpan<ushort> owners, ushort owner, int count, int lists)
    {
        var list = new WrappedList(_output, prefix, _style.Columns, ",");
        int limit = _report.ShowAll ? int.MaxValue : Math.Clamp(RangesOfAll / lists, FewestRanges, MostRanges);
        foreach (VniRange range in new OwnedRanges(_plan.Vnis, owners, owner))
        {
            if (limit-- == 0)
            {
                list.AddRest($"and {count} more");
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
        TimeSpan start = timing.DeadInterval + timing.StartupDelay + timing.HandoverLead;
        string lead = timing.HandoverLead > TimeSpan.Zero
            ? $"for the {Time(timing.HandoverLead)} before without a route"
            : "with its route until then";
        WriteTitle($"How long a VNI has no owner (interval {Time(timing.Interval)}, dead-after {timing.DeadAfter}, "
            + $"handover-lead {Time(timing.HandoverLead)}):");
        WriteParagraph("  crash              ", $"{Time(timing.DeadInterval - timing.Interval)}, when the next advertisement "
            + $"was due, to {Time(timing.DeadInterval)}, when one had just gone; and what the take-over takes");
        WriteParagraph("  stop, drain, join  ", "a datagram's delay: who gives a VNI up serves it until the other one takes "
            + $"it, {lead}");
        WriteParagraph("", "Not in it: the carrier that comes up, BGP EVPN and OSPF that follow. A gateway that starts takes "
            + $"its share after {Time(start)}, alone after {Time(timing.DeadInterval)}.");
    }

    private void WriteTitle(string title)
    {
        _output.WriteLine();
        _output.WriteLine(Emphasize(title.Replace(UnbrokenSpace, ' '), _style));
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

    private string Describe(ReadOnlySpan<int> loads)
    {
        LoadBalance balance = LoadBalance.Of(loads);
        return string.Create(CultureInfo.InvariantCulture,
            $"{loads.Length} gateway{(loads.Length == 1 ? "" : "s")}, {_plan.Vnis.Count} VNI{(_plan.Vnis.Count == 1 ? "" : "s")}: "
            + $"least {balance.Least}, mean {Mean(balance)}, most {balance.Most} (+{balance.PercentAboveMean:0.0} %)");
    }

    private static string Mean(LoadBalance balance) => balance.Mean.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Time(TimeSpan time) => time.TotalSeconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###}{UnbrokenSpace}ms")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###}{UnbrokenSpace}s");
}
