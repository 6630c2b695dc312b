using System;
using System.CommandLine;
using System.IO;
using Wmgwd2.Config;
using Wmgwd2.Io;

namespace Wmgwd2.Cli;

/// <summary><c>wmgwd2 fence</c>.</summary>
internal static class FenceCommand
{
    public static Command Create()
    {
        var command = new Command("fence",
            """
            Hold the interfaces of all configured VNIs down (protodown on), now.

            For a supervisor's stop hook: a daemon that was killed can't let go itself, and its VNIs would stay up next to
            the new owner's. Needs no daemon. A daemon that runs takes its VNIs up again. Takes the flags of 'run', so
            that the hook can be the same line; those that say nothing of VNIs change nothing. With VNIs of a config file,
            those that the daemon had when it was killed are held down too, and they alone when the file is wrong by then.
            """);
        var options = new SettingOptions(command, SettingKey.All);
        command.SetAction(result =>
        {
            TextWriter errors = result.InvocationConfiguration.Error;
            SettingsSource source = options.SourceOf(result);
            return Find(source, errors) is { } fence ? Execute(fence, result.InvocationConfiguration.Output, errors) : ExitCode.Usage;
        });
        return command;
    }

    /// <summary>What is to be done; null when the config is wrong and the daemon has left no note of what it had.</summary>
    private static Func<FenceReport>? Find(SettingsSource source, TextWriter errors)
    {
        if (SettingOptions.Read(source, errors) is { } settings)
        {
            return source.FileNamesInterfaces
                ? () => Fence.Run(settings)
                : () => Fence.Run(settings.Vnis, settings.InterfacePattern);
        }

        if (!source.FileNamesInterfaces || source.ReadControlSocket(out _) is not { } socket
            || StartRecord.FindServed(socket) is not var (pattern, vnis))
        {
            return null;
        }

        errors.WriteLine("the config is wrong: holding down what the daemon had when it read it");
        return () => Fence.Run(vnis, pattern);
    }

    private static int Execute(Func<FenceReport> fence, TextWriter output, TextWriter errors)
    {
        try
        {
            if (Privileges.FindMissing(Privileges.ForFence) is { } missing)
            {
                errors.WriteLine($"fence failed: {missing}");
                return ExitCode.Failed;
            }

            FenceReport report = fence();
            output.WriteLine($"{report.Held} interfaces held down ({report.Changed} were not), {report.Missing} missing");
            if (report.Forgotten is { Changed: > 0 } forgotten)
            {
                output.WriteLine($"{forgotten.Changed} more held down: they were configured when the daemon read its config");
            }

            foreach (string failure in report.AllFailures)
            {
                errors.WriteLine(failure);
            }

            return report.AllFailures.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        }
        catch (SystemCallException error)
        {
            errors.WriteLine($"fence failed: {error.Message}");
            return ExitCode.Failed;
        }
    }
}
