using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>What a process that has ended leaves behind.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Errors">What it wrote to standard error.</param>
internal sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    public override string ToString() => $"exit {ExitCode}; output: {Output.Trim()}; errors: {Errors.Trim()}";
}

/// <summary>Runs other programs to their end.</summary>
internal static class Command
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Runs a program, whatever it ends with.</summary>
    /// <param name="words">The program and its arguments.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="limit">How long it may take.</param>
    public static CommandResult Run(IReadOnlyList<string> words, string input = "", TimeSpan? limit = null)
    {
        using var process = new Process { StartInfo = Describe(words) };
        process.StartInfo.RedirectStandardInput = true;
        process.Start();
        Task<string> output = OnItsOwnThread(process.StandardOutput.ReadToEnd);
        Task<string> errors = OnItsOwnThread(process.StandardError.ReadToEnd);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(limit ?? Limit))
        {
            process.Kill();
            throw new TimeoutException($"'{string.Join(' ', words)}' does not end.");
        }

        process.WaitForExit();
        return new CommandResult(process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
    }

    /// <summary>Runs a program while the caller goes on.</summary>
    public static Task<CommandResult> RunBeside(IReadOnlyList<string> words) => OnItsOwnThread(() => Run(words));

    /// <summary>Runs a program that is part of the stage, not of the play: it must succeed.</summary>
    /// <returns>Its standard output.</returns>
    public static string Must(IReadOnlyList<string> words, string input = "")
    {
        CommandResult result = Run(words, input);
        return result.ExitCode == 0
            ? result.Output
            : throw new InvalidOperationException($"'{string.Join(' ', words)}' failed: {result}");
    }

    /// <summary>How a program is started that both outputs are read of.</summary>
    public static ProcessStartInfo Describe(IReadOnlyList<string> words)
    {
        var start = new ProcessStartInfo(words[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        for (int i = 1; i < words.Count; i++)
        {
            start.ArgumentList.Add(words[i]);
        }

        return start;
    }

    /// <summary>
    /// Not on the thread pool: it has as many threads as the machine has processors, and the tests that run at the same time keep
    /// them busy. What waits for one there has waited for seconds.
    /// </summary>
    private static Task<T> OnItsOwnThread<T>(Func<T> function) => Task.Factory.StartNew(
        function, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
