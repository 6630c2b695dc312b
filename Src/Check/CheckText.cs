using System;
using System.Collections.Generic;
using System.Text;
using Wmgwd2.Status;

namespace Wmgwd2.Check;

/// <summary>
/// The findings of a check for a terminal: a line each, so that they can be searched, and what is behind <c>mend: </c> pasted.
/// </summary>
public static class CheckText
{
    private const int MaximumLinesOfACheck = 20;

    /// <summary>Renders findings.</summary>
    /// <param name="findings">The findings.</param>
    /// <param name="facts">What was checked.</param>
    /// <param name="palette">How it is coloured.</param>
    public static string Render(Finding[] findings, GatewayFacts facts, Palette palette)
    {
        var text = new StringBuilder();
        var lines = new Dictionary<string, string>();
        int more = 0;
        foreach (Finding finding in findings)
        {
            // One character for each line, so that names that follow no pattern don't fill the terminal.
            string count = lines.GetValueOrDefault(finding.Check, "");
            if (count.Length == MaximumLinesOfACheck)
            {
                more++;
                continue;
            }

            lines[finding.Check] = count + '|';
            AppendLine(text, finding, palette);
        }

        if (more > 0)
        {
            text.AppendLine($"and {VniTemplate.Number(more)} more findings of the same checks; --json has them all");
        }

        return text.AppendLine(Summarize(findings, facts)).ToString();
    }

    /// <summary>How many findings there are of each severity, and of what.</summary>
    public static string Summarize(Finding[] findings, GatewayFacts facts)
    {
        int errors = Count(findings, Severity.Error);
        int warnings = Count(findings, Severity.Warning);
        string counts = findings.Length == 0 ? "nothing found"
            : Words.Of($"{VniTemplate.Number(errors)} {(errors == 1 ? "error" : "errors")}, "
                + $"{VniTemplate.Number(warnings)} {(warnings == 1 ? "warning" : "warnings")}, "
                + $"{VniTemplate.Number(Count(findings, Severity.Advice))} advice");
        string daemon = facts.Daemon switch
        {
            DaemonPlace.Here => "the daemon runs",
            DaemonPlace.Unknown => "a daemon may run",
            _ => facts.DaemonMayServe ? "another daemon may run" : "no daemon runs",
        };
        string defaults = facts.VnisAreDefaults ? "; those are the defaults: --config FILE checks the settings of a daemon" : "";
        return Words.Of(
            $"{counts}; {VniTemplate.Number(facts.Vnis.Count)} {(facts.Vnis.Count == 1 ? "VNI" : "VNIs")} checked, {daemon}{defaults}");
    }

    /// <summary>How many findings have a severity.</summary>
    public static int Count(Finding[] findings, Severity severity)
    {
        int count = 0;
        foreach (Finding finding in findings)
        {
            count += finding.Severity == severity ? 1 : 0;
        }

        return count;
    }

    private static void AppendLine(StringBuilder text, Finding finding, Palette palette)
    {
        string vnis = finding.Vnis.Length == 0 ? ""
            : finding.Vnis.AsSpan().IndexOfAny(',', '-') < 0 ? $"VNI {finding.Vnis}: "
            : $"VNIs {finding.Vnis}: ";
        string severity = finding.Severity switch
        {
            Severity.Error => palette.Bad(finding.SeverityName),
            Severity.Warning => palette.Passing(finding.SeverityName),
            _ => palette.Note(finding.SeverityName),
        };
        text.AppendLine(Words.Of(
            $"{severity}: {palette.Heading(vnis + finding.What)} -- {finding.Why} -- mend: {palette.Heading(finding.Mend)}"));
    }
}
