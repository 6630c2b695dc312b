using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;
using Wmgwd2.Tests.Namespaces;

namespace Wmgwd2.Benchmarks;

/// <summary>
/// The daemon next to keepalived, the usual way to make a gateway redundant: the same lab, the same intervals, one program
/// after the other. Where keepalived is better the table says so.
/// </summary>
internal static partial class PeerComparison
{
    private const int Crashes = 3;

    private static readonly int[] VniCounts = [100, 1000];
    private static readonly TimeSpan[] Intervals = [TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(50)];
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    /// <summary>Prints the table.</summary>
    public static void Run(TextWriter output)
    {
        output.WriteLine(KeepalivedVersion());
        output.WriteLine();
        output.WriteLine(PeerRow.Head);
        foreach (int vnis in VniCounts)
        {
            Report($"making a lab with {vnis} VNIs");
            using var lab = new Lab(gateways: 2, vnis);
            foreach (TimeSpan interval in Intervals)
            {
                output.WriteLine(TryMeasure(new Wmgwd2Contender(lab, interval)));
                output.WriteLine(TryMeasure(new KeepalivedContender(lab, interval)));
                output.Flush();
            }
        }

        output.WriteLine();
        output.WriteLine(PeerRow.Legend);
    }

    // What one of them fails at is a result too, and the others' rows are wanted all the same.
    private static string TryMeasure(Contender contender)
    {
        try
        {
            return Measure(contender).ToString();
        }
        catch (Exception error)
        {
            Report(error.ToString());
            return string.Create(
                CultureInfo.InvariantCulture,
                $"| {contender.Lab.Vnis} | {contender.Interval.TotalMilliseconds} ms | {contender.Name} | "
                + $"failed: {error.GetType().Name} |");
        }
    }

    private static PeerRow Measure(Contender contender)
    {
        Report(string.Create(
            CultureInfo.InvariantCulture,
            $"{contender.Name}, {contender.Lab.Vnis} VNIs, {contender.Interval.TotalMilliseconds} ms"));
        GatewayProcess[] processes = [contender.Start(1), contender.Start(2)];
        try
        {
            TimeSpan? settled = SteadyState.WaitForIt(contender);
            var steady = SteadyState.Measure(contender, processes);
            foreach (GatewayProcess process in processes)
            {
                process.ThrowIfEnded();
            }

            Report($"settled after {settled}; {steady}");
            List<CrashResult> crashes = CrashSome(contender, processes, settled != null);
            return new PeerRow(contender.Lab.Vnis, contender.Interval, contender.Name, settled, steady, crashes);
        }
        finally
        {
            End(contender, processes);
        }
    }

    // A program that never settles is crashed once: another crash would begin from no better a state.
    private static List<CrashResult> CrashSome(Contender contender, GatewayProcess[] processes, bool settles)
    {
        var results = new List<CrashResult>();
        while (true)
        {
            results.Add(Crash.Run(contender, processes[0]));
            Report(results[^1].ToString());
            if (!settles || results.Count == Crashes)
            {
                return results;
            }

            Restart(contender, processes);
            settles = SteadyState.WaitForIt(contender) != null;
            if (!settles)
            {
                Report($"not settled after the crash: {Owners.Count(contender)}; log of gateway 1:\n{processes[0].LogTail}");
            }
        }
    }

    // Cleaned before it is connected again: what the crash left up would answer next to the heir.
    private static void Restart(Contender contender, GatewayProcess[] processes)
    {
        processes[0].Dispose();
        contender.CleanUp(1);
        contender.Lab.Mend(1);
        processes[0] = contender.Start(1);
    }

    private static void End(Contender contender, GatewayProcess[] processes)
    {
        for (int i = 0; i < processes.Length; i++)
        {
            if (!processes[i].Stop(StopLimit))
            {
                Report($"{contender.Name} did not end by itself within {StopLimit.TotalSeconds} s");
            }

            processes[i].Dispose();
            contender.CleanUp(i + 1);
        }

        contender.Lab.Mend(1);
    }

    // "Keepalived v2.2.7 (01/16,2022)", on standard error.
    private static string KeepalivedVersion()
    {
        CommandResult result = Command.Run(["keepalived", "--version"]);
        return Version().Match(result.Output + result.Errors) is { Success: true } match
            ? $"keepalived {match.Groups[1].Value}"
            : throw new InvalidOperationException($"keepalived --version: {result}");
    }

    private static void Report(string text) => Console.Error.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{DateTime.Now:HH:mm:ss} {text}"));

    [GeneratedRegex("Keepalived v([0-9.]+)")]
    private static partial Regex Version();
}
