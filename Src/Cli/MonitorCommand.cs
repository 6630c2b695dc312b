using System.CommandLine;

namespace Wmgwd2.Cli;

/// <summary><c>wmgwd2 monitor</c>.</summary>
internal static class MonitorCommand
{
    public static Command Create()
    {
        var command = new Command("monitor",
            """
            Tell what happens, as it happens, a line for each event; for scripts.

            Peers that appear, expire, leave or move; VNIs that are taken and released here, and what is wrong with them; the
            state of this gateway. Begins with how it stands. Ends when the daemon ends, with exit code 1; who reads too
            slowly is dropped, and told so.
            """);
        var json = new Option<bool>("--json") { Description = "An object a line; README.md documents the members." };
        var noInitial = new Option<bool>("--no-initial") { Description = "Without how it stands at the beginning." };
        command.Options.Add(json);
        command.Options.Add(noInitial);
        var request = new ControlRequest(command);
        command.SetAction(result => request.Print(
            result, $"monitor {(result.GetValue(json) ? "json" : "text")}{(result.GetValue(noInitial) ? " no-initial" : "")}",
            follow: true));
        return command;
    }
}
