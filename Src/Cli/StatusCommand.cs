using System.CommandLine;
using System.Globalization;
using Wmgwd2.Config;
using Wmgwd2.Core;

namespace Wmgwd2.Cli;

/// <summary><c>wmgwd2 status</c>.</summary>
internal sealed class StatusCommand
{
    private readonly Option<bool> _json = new("--json") { Description = "As JSON; README.md documents the members." };

    private readonly Option<string> _vni = new("--vni")
    {
        Description = "Explain one VNI: who owns it and why, and what the kernel shows.",
        HelpName = "VNI",
    };

    private readonly Option<bool> _watch = new("--watch")
    {
        Description = "Go on showing it, each second and at each change; without a terminal, a line for each change.",
    };

    private readonly Option<bool> _prometheus = new("--prometheus")
    {
        Description = "As metrics in Prometheus' text format, for node_exporter's textfile collector.",
    };

    private readonly Option<bool> _perVni = new("--per-vni") { Description = "With series of each VNI; with --prometheus." };

    private readonly ControlRequest _request;

    private StatusCommand(Command command)
    {
        command.Options.Add(_json);
        command.Options.Add(_vni);
        command.Options.Add(_watch);
        command.Options.Add(_prometheus);
        command.Options.Add(_perVni);
        _request = new ControlRequest(command);
        command.SetAction(Execute);
    }

    public static Command Create()
    {
        var command = new Command("status",
            """
            Show who owns which VNI: this gateway, its peers, the VNIs of each, and every VNI that is wrong.

            Asks the daemon on this machine. What is said of interfaces is what the kernel showed.
            """);
        _ = new StatusCommand(command);
        return command;
    }

    private int Execute(ParseResult result)
    {
        string? vni = result.GetValue(_vni);
        if (FindMistake(result, vni) is { } mistake)
        {
            result.InvocationConfiguration.Error.WriteLine(mistake);
            return ExitCode.Usage;
        }

        string about = vni == null ? "status" : $"status vni {vni}";
        if (result.GetValue(_watch))
        {
            return Watch(result, vni, about);
        }

        return _request.Print(result, result switch
        {
            _ when result.GetValue(_prometheus) => $"status prometheus{(result.GetValue(_perVni) ? " per-vni" : "")}",
            _ when result.GetValue(_json) => $"{about} json",
            _ => $"{about} {StandardOutput.RequestText()}",
        });
    }

    private string? FindMistake(ParseResult result, string? vni)
    {
        (bool json, bool watch, bool prometheus) =
            (result.GetValue(_json), result.GetValue(_watch), result.GetValue(_prometheus));
        if (vni != null && !ValueParser.TryParseVni(vni, out _))
        {
            return string.Create(
                CultureInfo.InvariantCulture, $"--vni: '{vni}' is not a VNI from {Vni.Minimum} to {Vni.Maximum}");
        }

        return json && watch ? "--json stands beside --watch; expected one of them ('wmgwd2 monitor --json' follows)"
            : prometheus && (json || watch || vni != null) ? "--prometheus stands beside another form; expected one of them"
            : result.GetValue(_perVni) && !prometheus ? "--per-vni stands without --prometheus; expected both"
            : watch && vni != null && !StandardOutput.IsTerminal
                ? "--watch stands beside --vni, and this is no terminal; expected one of them" : null;
    }

    private int Watch(ParseResult result, string? vni, string about)
    {
        if (!StandardOutput.IsTerminal)
        {
            return _request.Print(result, "monitor text", follow: true);
        }

        return _request.FindSocket(result) is { } path
            ? new WatchScreen(path, about, withRows: vni == null).Run(result.InvocationConfiguration.Error)
            : ExitCode.Usage;
    }
}
