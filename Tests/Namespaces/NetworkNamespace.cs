using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.ExceptionServices;
using System.Text.RegularExpressions;
using System.Threading;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>Network namespaces by the names that <c>ip netns</c> gives them.</summary>
internal static partial class NetworkNamespace
{
    private const string Directory = "/run/netns";

    private static int _count;

    /// <summary>What all namespaces of this process begin with.</summary>
    public static string Prefix { get; } = string.Create(CultureInfo.InvariantCulture, $"wmt{Environment.ProcessId}x");

    /// <summary>The beginning of the names of one test's namespaces; no other test has it, nor another run.</summary>
    public static string NewPrefix() =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Interlocked.Increment(ref _count)}-");

    /// <summary>Does something in a namespace, in a thread that ends with it. Sockets opened there stay there.</summary>
    public static T Run<T>(string name, Func<T> action)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Linux.EnterNamespace(Path.Combine(Directory, name));
                result = action();
            }
            catch (Exception error)
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    /// <summary>The beginning of a command line that runs in a namespace, with every signal as it is by default.</summary>
    public static string[] Within(string name) =>
        ["nsenter", $"--net={Path.Combine(Directory, name)}", "--", "env", "--default-signal"];

    /// <summary>Runs <c>ip</c> in a namespace.</summary>
    public static string Ip(string name, string arguments) =>
        Command.Must(["ip", "-n", name, .. arguments.Split(' ')]);

    /// <summary>Runs many <c>ip</c> commands in a namespace, in one process.</summary>
    public static void IpBatch(string name, IEnumerable<string> commands) =>
        Command.Must(["ip", "-n", name, "-batch", "-"], string.Join('\n', commands) + "\n");

    /// <summary>Adds namespaces.</summary>
    public static void Add(IEnumerable<string> names) =>
        Command.Must(["ip", "-batch", "-"], string.Concat(names.Select(name => $"netns add {name}\n")));

    /// <summary>Ends what runs in the namespaces of a prefix, and removes them.</summary>
    public static void RemoveAll(string prefix) =>
        Remove(Names().Where(name => name.StartsWith(prefix, StringComparison.Ordinal)));

    /// <summary>Removes what runs of these tests that were killed have left behind.</summary>
    public static void RemoveStale() => Remove(Names().Where(name =>
        OwnName().Match(name) is { Success: true } match
        && !System.IO.Directory.Exists($"/proc/{match.Groups[1].Value}")));

    private static IEnumerable<string> Names() => System.IO.Directory.Exists(Directory)
        ? System.IO.Directory.GetFiles(Directory).Select(path => Path.GetFileName(path))
        : [];

    private static void Remove(IEnumerable<string> chosen)
    {
        string[] names = [.. chosen];
        foreach (string name in names)
        {
            // The processes in there were all started by these tests.
            foreach (string line in Command.Run(["ip", "netns", "pids", name]).Output
                .Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                _ = Linux.Kill(int.Parse(line, CultureInfo.InvariantCulture), Linux.SigKill);
            }
        }

        if (names.Length > 0)
        {
            Command.Run(["ip", "-batch", "-"], string.Concat(names.Select(name => $"netns del {name}\n")));
        }
    }

    [GeneratedRegex("^wmt([0-9]+)x[0-9]+-")]
    private static partial Regex OwnName();
}
