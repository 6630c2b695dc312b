using System;
using Wmgwd2.Status;

namespace Wmgwd2.Cli;

/// <summary>What the output of <c>wmgwd2 plan</c> goes to, and how it is written there.</summary>
internal static class PlanOutput
{
    /// <summary>The style for standard output: block elements where the locale has them, colours on a terminal only.</summary>
    public static PlanStyle FindStyle() => ChooseStyle(
        StandardOutput.MeasureTerminal().Columns, StandardOutput.IsTerminal, Environment.GetEnvironmentVariable);

    /// <summary>The style that the environment asks for.</summary>
    /// <param name="columns">How wide the terminal is.</param>
    /// <param name="terminal">Whether it is one.</param>
    /// <param name="variable">The value of a variable of the environment, or null.</param>
    public static PlanStyle ChooseStyle(int columns, bool terminal, Func<string, string?> variable)
    {
        string kind = variable("TERM") ?? "";

        // The first that isn't empty decides (locale(7)). The console of Linux itself has no eighths of blocks in its font.
        string locale = FirstGiven(variable, "LC_ALL", "LC_CTYPE", "LANG");
        bool unicode = kind is not ("linux" or "dumb")
            && (locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase)
                || locale.Contains("UTF8", StringComparison.OrdinalIgnoreCase));

        return new PlanStyle(columns, unicode, StandardOutput.ChoosePalette(terminal, variable));
    }

    private static string FirstGiven(Func<string, string?> variable, params string[] names)
    {
        foreach (string name in names)
        {
            if (variable(name) is { Length: > 0 } value)
            {
                return value;
            }
        }

        return "";
    }
}
