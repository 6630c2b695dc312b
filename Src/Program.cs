using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Linq;
using Wmgwd2.Cli;
using Wmgwd2.Config;
using Wmgwd2.Io;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace Wmgwd2;

/// <summary>Wiring only: the commands and how a command line gets to one of them.</summary>
internal static class Program
{
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
        ParseResult result = root.Parse(Normalize(arguments), new ParserConfiguration { EnablePosixBundling = false });
        if (result.Errors.Count == 0)
        {
            return Invoke(result);
        }

        foreach (ParseError error in result.Errors)
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

    private static bool IsSingleDashFlag(string argument) =>
        argument.Length > 2 && argument[0] == '-' && argument[1] != '-'
        && SettingKey.Find(argument[1..].Split('=')[0]) is not null;
}
