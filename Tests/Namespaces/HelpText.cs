using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>What the binary prints as the help of a command.</summary>
/// <param name="Commands">The commands that it names.</param>
/// <param name="Flags">Its flags, each with its placeholder: <c>--config FILE</c>, <c>--json</c>.</param>
internal sealed partial record HelpText(IReadOnlyList<string> Commands, IReadOnlyList<string> Flags)
{
    /// <summary>Asks the binary.</summary>
    /// <param name="command">The command, or none.</param>
    public static HelpText Read(params string[] command)
    {
        CommandResult result = Binary.Run([.. command, "--help"]);
        Assert.True(result.ExitCode == 0, result.ToString());
        var commands = new List<string>();
        var flags = new List<string>();
        string section = "";
        foreach (string line in result.Output.Split('\n'))
        {
            if (Heading().Match(line) is { Success: true } heading)
            {
                section = heading.Groups[1].Value;
            }
            else if (section == "Commands" && Command().Match(line) is { Success: true } found)
            {
                commands.Add(found.Groups[1].Value);
            }
            else if (section == "Options" && line.StartsWith("  ", StringComparison.Ordinal))
            {
                Match flag = Flag().Match(line);
                Assert.True(flag.Success, $"no flag: {line}");
                flags.Add($"{flag.Groups[1].Value} {flag.Groups[2].Value}".TrimEnd());
            }
        }

        Assert.NotEmpty(flags);
        return new HelpText(commands, flags);
    }

    /// <summary>Its flags without their placeholders.</summary>
    public IEnumerable<string> FlagNames => Flags.Select(flag => flag.Split(' ')[0]);

    [GeneratedRegex("^([A-Z][a-z]+):$")]
    private static partial Regex Heading();

    [GeneratedRegex("^  ([a-z][a-z0-9-]*)(?: |$)")]
    private static partial Regex Command();

    [GeneratedRegex("^  (?:[^ ]+, )*(--[a-z][a-z0-9-]*)(?: <([^>]*)>)?(?: |$)")]
    private static partial Regex Flag();
}
