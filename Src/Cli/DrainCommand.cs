using System.CommandLine;

namespace Wmgwd2.Cli;

/// <summary><c>wmgwd2 drain</c> and <c>wmgwd2 undrain</c>.</summary>
internal static class DrainCommand
{
    public static Command CreateDrain() => Create("drain",
        """
        Hand over all VNIs and stand by: the daemon goes on hearing its peers, and owns nothing.

        It says goodbye, and lets go of each VNI when the peer that inherits it takes it up. 'wmgwd2 status' says when the
        state is standby. When no peer is alive it lets go all the same, and that nobody serves is printed.
        """);

    public static Command CreateUndrain() => Create("undrain",
        """
        Take part again after a drain: listen for the dead interval, then take over this gateway's share.
        """);

    private static Command Create(string name, string description)
    {
        var command = new Command(name, description);
        var request = new ControlRequest(command);
        command.SetAction(result => request.Print(result, name));
        return command;
    }
}
