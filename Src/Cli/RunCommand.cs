using System.CommandLine;
using System.IO;
using Wmgwd2.Config;
using Wmgwd2.Io;

namespace Wmgwd2.Cli;

/// <summary><c>wmgwd2 run</c>.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var command = new Command("run",
            """
            Run the gateway, in the foreground, until SIGTERM or SIGINT.

            Listens for the dead interval, then takes over its share of the VNIs. Logs to stderr. On SIGTERM it serves until
            the peers have taken over, then holds every interface down; a second SIGTERM doesn't wait. Flags win over the
            config file, the file over the defaults. On SIGHUP it reads the config file again, as 'wmgwd2 reload' asks it to.
            Needs CAP_NET_ADMIN and CAP_NET_RAW.

            'wmgwd2 -uid 7 -minvni 1 -maxvni 100' means 'wmgwd2 run --uid 7 --minvni 1 --maxvni 100'.
            """);
        var options = new SettingOptions(command, SettingKey.All);
        command.SetAction(result => Execute(options.SourceOf(result), result.InvocationConfiguration.Error));
        return command;
    }

    private static int Execute(SettingsSource source, TextWriter errors) =>
        SettingOptions.Read(source, errors) is { } settings ? Daemon.Run(settings, source, ProgramVersion.Text) : ExitCode.Usage;
}
