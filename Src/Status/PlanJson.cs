using System;
using System.IO;
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

    private PlanJson(PlanReport report, Utf8JsonWriter writer)
    {
        _report = report;
        _plan = report.Plan;
        _writer = writer;
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
        _writer.WriteNumber("vni_count", _plan.Vnis.Count);
        _writer.WriteStartArray("gateways");
        for (int place = 0; place < _plan.Gateways.Length; place++)
        {
            _writer.WriteStartObject();
            _writer.WriteString("uid", NameOf(place));
            _writer.WriteNumber("owned_vnis", _plan.Owned[place]);
            WriteRanges(_plan.Owners, place);
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
        WriteBalance("balance", LoadBalance.Of(_plan.Owned));
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

        _writer.WriteStartArray("deaths");
        for (int dead = 0; dead < _plan.Gateways.Length; dead++)
        {
            _writer.WriteStartObject();
            _writer.WriteString("uid", NameOf(dead));
            _writer.WriteNumber("moved_vnis", tally.Owned[dead]);
            _writer.WriteStartArray("heirs");
            for (int heir = 0; heir < _plan.Gateways.Length; heir++)
            {
                if (heir != dead)
                {
                    _writer.WriteStartObject();
                    _writer.WriteString("uid", NameOf(heir));
                    _writer.WriteNumber("taken_vnis", tally.Inherited(dead, heir));
                    _writer.WriteNumber("owned_vnis", tally.Owned[heir] + tally.Inherited(dead, heir));
                    _writer.WriteEndObject();
                }
            }

            _writer.WriteEndArray();
            WriteBalance("balance", tally.BalanceAfterDeath(dead));
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
        _writer.WriteStartArray("joiners");
        for (int joiner = 0; joiner < _plan.Joiners.Length; joiner++)
        {
            ushort[] taken = _plan.FindTaken(joiner);
            _writer.WriteStartObject();
            _writer.WriteString("uid", NameOf(_plan.Gateways.Length + joiner));
            _writer.WriteNumber("taken_vnis", _plan.OwnedJoined[_plan.Gateways.Length + joiner]);
            _writer.WriteStartArray("from");
            for (int from = 0; from < _plan.Gateways.Length; from++)
            {
                _writer.WriteStartObject();
                _writer.WriteString("uid", NameOf(from));
                _writer.WriteNumber("taken_vnis", _plan.Taken(joiner, from));
                WriteRanges(taken, from);
                _writer.WriteEndObject();
            }

            _writer.WriteEndArray();
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
        _writer.WriteStartArray("gateways");
        for (int place = 0; place < _plan.OwnedJoined.Length; place++)
        {
            _writer.WriteStartObject();
            _writer.WriteString("uid", NameOf(place));
            _writer.WriteNumber("owned_vnis", _plan.OwnedJoined[place]);
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
        WriteBalance("balance", LoadBalance.Of(_plan.OwnedJoined));
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
        _writer.WriteStartArray("uids");
        foreach (NodeId uid in pick.Drawn)
        {
            _writer.WriteStringValue(uid.ToString());
        }

        _writer.WriteEndArray();
        _writer.WriteString("seed", new NodeId(pick.Seed).ToString());
        _writer.WriteNumber("draws", pick.Draws);
        _writer.WriteNumber("random_draws", pick.RandomDraws);
        WriteQuality("quality", pick.Quality);
        WriteQuality("typical", pick.Typical);
        _writer.WriteEndObject();
    }

    private void WriteTiming()
    {
        GatewayTiming timing = _report.Timing;
        _writer.WriteStartObject("timing");
        _writer.WriteNumber("interval_ms", timing.Interval.TotalMilliseconds);
        _writer.WriteNumber("dead_after", timing.DeadAfter);
        _writer.WriteNumber("startup_delay_ms", timing.StartupDelay.TotalMilliseconds);
        _writer.WriteNumber("handover_lead_ms", timing.HandoverLead.TotalMilliseconds);
        _writer.WriteNumber("crash_least_ms", (timing.DeadInterval - timing.Interval).TotalMilliseconds);
        _writer.WriteNumber("crash_most_ms", timing.DeadInterval.TotalMilliseconds);
        _writer.WriteNumber(
            "start_ms", (timing.DeadInterval + timing.StartupDelay + timing.HandoverLead).TotalMilliseconds);
        _writer.WriteEndObject();
    }

    private void WriteQuality(string name, PickQuality quality)
    {
        _writer.WriteStartObject(name);
        _writer.WriteNumber("least", quality.Least);
        _writer.WriteNumber("most", quality.Most);
        _writer.WriteNumber("most_after_death", quality.MostAfterDeath);
        _writer.WriteEndObject();
    }

    private void WriteBalance(string name, LoadBalance balance)
    {
        if (balance.Gateways == 0)
        {
            _writer.WriteNull(name);
            return;
        }

        _writer.WriteStartObject(name);
        _writer.WriteNumber("least", balance.Least);
        _writer.WriteNumber("mean", Math.Round(balance.Mean, 3));
        _writer.WriteNumber("most", balance.Most);
        _writer.WriteEndObject();
    }

    /// <summary>The first and the last of each range.</summary>
    private void WriteRanges(ReadOnlySpan<ushort> owners, int owner)
    {
        _writer.WriteStartArray("vnis");
        foreach (VniRange range in new OwnedRanges(_plan.Vnis, owners, (ushort)owner))
        {
            _writer.WriteStartArray();
            _writer.WriteNumberValue(range.First.Value);
            _writer.WriteNumberValue(range.Last.Value);
            _writer.WriteEndArray();
            FlushPiece(_writer);
        }

        _writer.WriteEndArray();
    }

    private string NameOf(int place) =>
        (place < _plan.Gateways.Length ? _plan.Gateways[place] : _plan.Joiners[place - _plan.Gateways.Length]).ToString();
}
