using System;
using System.CommandLine;
using System.IO;

namespace Wmgwd2.Cli;

/// <summary><c>wmgwd2 status</c>.</summary>
internal static class StatusCommand
{
    private const int DefaultColumns = 80;

    public static Command Create()
    {
        var command = new Command("status",
            """
            Show who owns which VNI: this gateway, its peers, the VNIs of each, and every VNI that is wrong.

            Asks the daemon on this machine. What is said of interfaces is what the kernel showed.
            """);
        var json = new Option<bool>("--json") { Description = "As JSON; README.md documents the members." };
        command.Options.Add(json);
        var request = new ControlRequest(command);
        command.SetAction(result =>
        {
            using Stream output = Console.OpenStandardOutput();
            return request.Ask(result, result.GetValue(json) ? "status json" : $"status text {Columns()}", output);
        });
        return command;
    }

    private static int Columns()
    {
        try
        {
            return Console.IsOutputRedirected || Console.WindowWidth <= 0 ? DefaultColumns : Console.WindowWidth;
        }
        catch (IOException)
        {
            return DefaultColumns;
        }
    }
}
