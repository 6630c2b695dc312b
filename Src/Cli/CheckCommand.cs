using System.Buffers;
using System.CommandLine;
using System.IO;
using System.Text;
using Wmgwd2.Check;
using Wmgwd2.Config;
using Wmgwd2.Io;

namespace Wmgwd2.Cli;

/// <summary><c>wmgwd2 check</c>.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var command = new Command("check",
            """
            Check whether this machine is provisioned as a gateway: before the first start, and whenever something is odd.

            Looks at capabilities, uid, network and port, at the interface chain of each VNI, at sysctls, MTUs and FRR's vrrpd,
            and changes nothing. Says a line for each thing: how bad it is, what is wrong, why it matters, and the command that
            mends it; words in capitals in it are to be replaced. Takes the flags of 'run'. Ends with 1 when there is an error;
            warnings and advice alone end with 0.
            """);
        var json = new Option<bool>("--json") { Description = "As JSON; README.md documents the members." };
        command.Options.Add(json);
        var options = new SettingOptions(command, SettingKey.All);
        command.SetAction(result => options.Read(result, result.InvocationConfiguration.Error) is { } settings
            ? Execute(settings, options.SourceOf(result), result.GetValue(json), result.InvocationConfiguration.Error)
            : ExitCode.Usage);
        return command;
    }

    private static int Execute(Settings settings, SettingsSource source, bool json, TextWriter errors)
    {
        GatewayFacts facts;
        try
        {
            facts = Inspection.Run(settings, source);
        }
        catch (SystemCallException error)
        {
            errors.WriteLine($"check failed: {error.Message}");
            return ExitCode.Failed;
        }

        Finding[] findings = GatewayCheck.Run(facts);
        var text = new ArrayBufferWriter<byte>();
        if (json)
        {
            CheckJson.Write(findings, facts, text);
        }
        else
        {
            Encoding.UTF8.GetBytes(CheckText.Render(findings, facts, StandardOutput.Palette), text);
        }

        _ = StandardOutput.TryWrite(text.WrittenSpan);
        return CheckText.Count(findings, Severity.Error) > 0 ? ExitCode.Failed : ExitCode.Done;
    }
}
