using System;
using System.IO;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>A plan as JSON, on one line. README.md documents the members.</summary>
public sealed class PlanJson
{
    // Of millions of VNIs there may be millions of ranges: what is ready goes out now and then.
    private const int PieceBytes = 64 << 10;

    private readonly PlanReport _report;
    private readonly ElectionPlan _plan;
    private readonly Utf8JsonWriter _writer;
    private readonly string[] _names;
    private readonly int _there;

    private PlanJson(PlanReport report, Utf8JsonWriter writer)
    {
        _report = report;
        _plan = report.Plan;
        _writer = writer;
        _names = _plan.NameGateways();
        _there = _plan.Gateways.Length;
    }

    /// <summary>Writes a plan.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="report">The plan.</param>
    public static void Write(Stream output, PlanReport report)
    {
        using (var writer = new Utf8JsonWriter(output))
        {
            new PlanJson(report, writer).Write();
        }

        output.Write("\n"u8);
    }

    /// <summary>Writes who owns some VNIs, and who after that one.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="version">The version of the program.</param>
    /// <param name="gateways">The gateways.</param>
    /// <param name="shown">The VNIs.</param>
    public static void WriteOrder(Stream output, string version, NodeId[] gateways, VniSet shown)
    {
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("version", version);
            writer.WriteStartArray("vnis");
            foreach (VniBlock block in shown.InBlocksOf(1))
            {
                writer.WriteStartObject();
                writer.WriteNumber("vni", block.First.Value);
                writer.WriteStartArray("order");
                foreach (int place in ElectionPlan.Rank(gateways, block.First))
                {
                    writer.WriteStringValue(gateways[place].ToString());
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
                FlushPiece(writer);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static void FlushPiece(Utf8JsonWriter writer)
    {
        if (writer.BytesPending >= PieceBytes)
        {
            writer.Flush();
        }
    }

    private void Write()
    {
        _writer.WriteStartObject();
        _writer.WriteString("version", _report.Version);
        WriteNumber("vni_count", _plan.Vnis.Count);
        StartArray("gateways");
        for (int place = 0; place < _there; place++)
        {
            Begin(place, "owned_vnis", _plan.Owned[place]);
            WriteRanges(_plan.Owners, place);
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
        WriteBalance(LoadBalance.Of(_plan.Owned));
        WriteDeaths();
        WriteJoin();
        WritePick();
        WriteTiming();
        _writer.WriteEndObject();
    }

    private void WriteDeaths()
    {
        if (_plan.Tally is not { } tally)
        {
            _writer.WriteNull("deaths");
            return;
        }

        StartArray("deaths");
        for (int dead = 0; dead < _there; dead++)
        {
            Begin(dead, "moved_vnis", tally.Owned[dead]);
            StartArray("heirs");
            for (int heir = 0; heir < _there; heir++)
            {
                if (heir != dead)
                {
                    Begin(heir, "taken_vnis", tally.Inherited(dead, heir));
                    WriteNumber("owned_vnis", tally.Owned[heir] + tally.Inherited(dead, heir));
                    _writer.WriteEndObject();
                }
            }

            _writer.WriteEndArray();
            WriteBalance(tally.BalanceAfterDeath(dead));
            _writer.WriteEndObject();
            FlushPiece(_writer);
        }

        _writer.WriteEndArray();
    }

    private void WriteJoin()
    {
        if (_plan.Joiners.Length == 0)
        {
            _writer.WriteNull("join");
            return;
        }

        _writer.WriteStartObject("join");
        StartArray("joiners");
        for (int joiner = 0; joiner < _plan.Joiners.Length; joiner++)
        {
            ushort[] taken = _plan.FindTaken(joiner);
            Begin(_there + joiner, "taken_vnis", _plan.OwnedJoined[_there + joiner]);
            StartArray("from");
            for (int from = 0; from < _there; from++)
            {
                Begin(from, "taken_vnis", _plan.Taken(joiner, from));
                WriteRanges(taken, from);
                _writer.WriteEndObject();
            }

            _writer.WriteEndArray();
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
        StartArray("gateways");
        for (int place = 0; place < _names.Length; place++)
        {
            Begin(place, "owned_vnis", _plan.OwnedJoined[place]);
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
        WriteBalance(LoadBalance.Of(_plan.OwnedJoined));
        _writer.WriteEndObject();
    }

    private void WritePick()
    {
        if (_report.Pick is not { } pick)
        {
            _writer.WriteNull("pick");
            return;
        }

        _writer.WriteStartObject("pick");
        StartArray("uids");
        foreach (string name in _names.AsSpan(_there - pick.Drawn.Length))
        {
            _writer.WriteStringValue(name);
        }

        _writer.WriteEndArray();
        _writer.WriteString("seed", new NodeId(pick.Seed).ToString());
        WriteNumber("draws", pick.Draws);
        WriteNumber("random_draws", pick.RandomDraws);
        WriteQuality("quality", pick.Quality);
        WriteQuality("typical", pick.Typical);
        _writer.WriteEndObject();
    }

    private void WriteTiming()
    {
        GatewayTiming timing = _report.Timing;
        _writer.WriteStartObject("timing");
        WriteTime("interval_ms", timing.Interval);
        WriteNumber("dead_after", timing.DeadAfter);
        WriteTime("startup_delay_ms", timing.StartupDelay);
        WriteTime("handover_lead_ms", timing.HandoverLead);
        WriteTime("crash_least_ms", timing.DeadInterval - timing.Interval);
        WriteTime("crash_most_ms", timing.DeadInterval);
        WriteTime("start_ms", timing.DeadInterval + timing.StartupDelay + timing.HandoverLead);
        _writer.WriteEndObject();
    }

    private void WriteTime(string name, TimeSpan time) => WriteNumber(name, time.TotalMilliseconds);

    private void WriteQuality(string name, PickQuality quality)
    {
        _writer.WriteStartObject(name);
        WriteNumber("least", quality.Least);
        WriteNumber("most", quality.Most);
        WriteNumber("most_after_death", quality.MostAfterDeath);
        _writer.WriteEndObject();
    }

    private void WriteBalance(LoadBalance balance)
    {
        if (balance.Gateways == 0)
        {
            _writer.WriteNull("balance");
            return;
        }

        _writer.WriteStartObject("balance");
        WriteNumber("least", balance.Least);
        WriteNumber("mean", Math.Round(balance.Mean, 3));
        WriteNumber("most", balance.Most);
        _writer.WriteEndObject();
    }

    // What is written in a great many places is not inlined: it would be kilobytes.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WriteNumber(string name, double number) => _writer.WriteNumber(name, number);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void StartArray(string name) => _writer.WriteStartArray(name);

    /// <summary>Begins the object of a gateway, with how many VNIs it has to do with.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Begin(int place, string name, int count)
    {
        _writer.WriteStartObject();
        _writer.WriteString("uid", _names[place]);
        WriteNumber(name, count);
    }

    /// <summary>Ranges as the config has them.</summary>
    private void WriteRanges(ReadOnlySpan<ushort> owners, int owner)
    {
        StartArray("vnis");
        foreach (VniRange range in new OwnedRanges(_plan.Vnis, owners, (ushort)owner))
        {
            _writer.WriteStringValue(range.ToString());
            FlushPiece(_writer);
        }

        _writer.WriteEndArray();
    }
}
