using System.CommandLine;

namespace Wmgwd2.Cli;

/// <summary><c>wmgwd2 reload</c>.</summary>
internal static class ReloadCommand
{
    public static Command Create()
    {
        var command = new Command("reload",
            """
            Have the daemon read its config file again, and go by it.

            When anything in it is wrong, everything stays as it is, and the errors are printed. Else what has changed is printed,
            and what can't change before the next start: who the gateway is, its sockets, its user. VNIs that stay are served
            without a break. SIGHUP does the same; the log has the answer then.
            """);
        var request = new ControlRequest(command);
        command.SetAction(result => request.Print(result, "reload"));
        return command;
    }
}
