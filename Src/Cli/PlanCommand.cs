using System;
using System.CommandLine;
using System.IO;
using System.Text;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Cli;

/// <summary><c>wmgwd2 plan</c>.</summary>
internal static class PlanCommand
{
    private const int BufferSize = 64 << 10;

    public static Command Create()
    {
        var command = new Command("plan",
            """
            Show who would own which VNI, before any gateway is there: how even the shares are, and what moves to whom when
            one dies or others join.

            Computes what the gateways would agree on; asks no daemon, changes nothing, needs no privilege. Of long lists the
            beginning is shown; '--show all' has the rest. Flags win over the config file, the file over the defaults.
            """);
        var options = new PlanOptions(command);
        command.SetAction(result =>
        {
            TextWriter errors = result.InvocationConfiguration.Error;
            if (options.Read(result, errors) is not { } request)
            {
                return ExitCode.Usage;
            }

            using Stream output = StandardStreams.OpenOutput();
            using var buffered = new BufferedStream(output, BufferSize);
            Execute(request, buffered, PlanOutput.FindStyle(), errors);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Computes and writes what is asked for.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="output">Where it goes.</param>
    /// <param name="style">How it is written, unless as JSON.</param>
    /// <param name="errors">Where the progress is shown.</param>
    private static void Execute(PlanRequest request, Stream output, PlanStyle style, TextWriter errors)
    {
        using var text = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), BufferSize);
        if (request.Shown is { } shown)
        {
            NodeId[] gateways = [.. request.Gateways, .. request.Joiners];
            if (request.Json)
            {
                PlanJson.WriteOrder(output, ProgramVersion.Text, gateways, shown);
            }
            else
            {
                PlanText.WriteOrder(text, gateways, shown, style);
            }

            return;
        }

        PlanReport report = Compute(request, errors);
        if (request.Json)
        {
            PlanJson.Write(output, report);
        }
        else
        {
            PlanText.Write(text, report, style);
        }
    }

    private static PlanReport Compute(PlanRequest request, TextWriter errors)
    {
        using ProgressBar progress = ProgressBar.OnStandardError(errors);
        VniSet vnis = request.Settings.Vnis;
        UidPick? pick = null;
        if (request.Pick > 0)
        {
            ulong seed = request.Seed ?? (ulong)Random.Shared.NextInt64(1, long.MaxValue);
            pick = UidPick.Draw(vnis, request.Gateways, request.Pick, seed, progress.Report);
        }

        return new PlanReport
        {
            Version = ProgramVersion.Text,
            Plan = ElectionPlan.Compute(vnis, pick?.Gateways ?? request.Gateways, request.Joiners, progress.Report),
            Timing = request.Settings.Timing,
            Pick = pick,
            ShowAll = request.ShowAll,
        };
    }
}
