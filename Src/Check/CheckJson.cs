using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Wmgwd2.Check;

/// <summary>The findings of a check as JSON. README.md documents the members.</summary>
public static class CheckJson
{
    /// <summary>Writes findings as one line.</summary>
    /// <param name="findings">The findings.</param>
    /// <param name="facts">What was checked.</param>
    /// <param name="destination">Where the text goes.</param>
    public static void Write(Finding[] findings, GatewayFacts facts, IBufferWriter<byte> destination)
    {
        using var writer = new Utf8JsonWriter(destination);
        writer.WriteStartObject();
        Count(writer, "errors", findings, Severity.Error);
        Count(writer, "warnings", findings, Severity.Warning);
        Count(writer, "advice", findings, Severity.Advice);
        Put(writer, "vnis", facts.Vnis.ToString());
        writer.WriteBoolean("defaults", facts.VnisAreDefaults);
        if (facts.Daemon == DaemonPlace.Unknown)
        {
            writer.WriteNull("daemon_runs");
        }
        else
        {
            writer.WriteBoolean("daemon_runs", facts.Daemon == DaemonPlace.Here);
        }

        writer.WriteStartArray("findings");
        foreach (Finding finding in findings)
        {
            writer.WriteStartObject();
            Put(writer, "severity", finding.SeverityName);
            Put(writer, "check", finding.Check);
            Put(writer, "vnis", finding.Vnis.Length == 0 ? null : finding.Vnis);
            Put(writer, "what", finding.What);
            Put(writer, "why", finding.Why);
            Put(writer, "mend", finding.Mend);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        destination.Write("\n"u8);
    }

    // Called, not inlined: what they write with is large.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Put(Utf8JsonWriter writer, string name, string? value) => writer.WriteString(name, value);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Count(Utf8JsonWriter writer, string name, Finding[] findings, Severity severity) =>
        writer.WriteNumber(name, CheckText.Count(findings, severity));
}
