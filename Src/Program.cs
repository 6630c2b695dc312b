using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Linq;
using Wmgwd2.Cli;
using Wmgwd2.Config;
using Wmgwd2.Io;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace Wmgwd2;

/// <summary>Wiring only: the commands and how a command line gets to one of them.</summary>
internal static class Program
{
    private const string Suggestion = "[suggest:";

    private static int Main(string[] arguments)
    {
        StandardStreams.Prepare();
        var root = new RootCommand(
            """
            A redundant gateway for many VXLAN networks: of several gateways exactly one serves each VNI.

            Gateways hear each other by UDP broadcast, agree on who owns each VNI by rendezvous hashing, and let only the
            owner's macvlan (vrrp4-<VNI>) carry traffic, so that FRR moves the BGP EVPN routes. Start with 'wmgwd2 run --help'.
            """)
        {
            RunCommand.Create(),
            StatusCommand.Create(),
            MonitorCommand.Create(),
            DrainCommand.CreateDrain(),
            DrainCommand.CreateUndrain(),
            ReloadCommand.Create(),
            FenceCommand.Create(),
            PlanCommand.Create(),
            CheckCommand.Create(),
        };
        if (arguments.FirstOrDefault(IsMalformedSuggestion) is { } malformed)
        {
            Console.Error.WriteLine($"'{malformed}': expected [suggest:N], N being how many characters there are");
            return ExitCode.Usage;
        }

        ParseResult result = root.Parse(Normalize(arguments), new ParserConfiguration
        {
            EnablePosixBundling = false,

            // A word that begins with @ is that word, as in a path or a user's name; nothing is read for it.
            ResponseFileTokenReplacer = null,
        });
        if (result.Errors.Count == 0)
        {
            return Invoke(result);
        }

        // That there is no command is beside the point where there is one that isn't known.
        foreach (ParseError error in result.Errors.Skip(result.Errors.Count > 1 && result.CommandResult.Command == root ? 1 : 0))
        {
            Console.Error.WriteLine(error.Message);
        }

        Console.Error.WriteLine("See 'wmgwd2 --help', or --help after a command.");
        return ExitCode.Usage;
    }

    private static int Invoke(ParseResult result)
    {
        try
        {
            return result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (SystemCallException error)
        {
            // A full disk, say, or standard output is closed.
            Console.Error.WriteLine(error.Message);
            return ExitCode.Failed;
        }
    }

    /// <summary>
    /// Puts a command line as the first implementation's users have it into this one's terms: flags with one dash, and no
    /// command, which means run.
    /// </summary>
    internal static string[] Normalize(string[] arguments)
    {
        string[] normal = [.. arguments.Select(argument => IsSingleDashFlag(argument) ? $"-{argument}" : argument)];
        bool bare = normal.Length == 0 || (normal[0].StartsWith("--", StringComparison.Ordinal)
            && normal[0] is not ("--help" or "--version"));
        return bare ? ["run", .. normal] : normal;
    }

    /// <summary>What the completions ask for has a number in it; the library fails with anything else there.</summary>
    private static bool IsMalformedSuggestion(string argument) =>
        argument.StartsWith(Suggestion, StringComparison.Ordinal) && argument.EndsWith(']')
        && !int.TryParse(argument.AsSpan()[Suggestion.Length..^1], NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool IsSingleDashFlag(string argument) =>
        argument.Length > 2 && argument[0] == '-' && argument[1] != '-'
        && SettingKey.Find(argument[1..].Split('=')[0]) is not null;
}
