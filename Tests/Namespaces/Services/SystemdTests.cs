using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>The units, by systemd's own judgement; and that the daemon does nothing that its unit forbids.</summary>
[Collection(NamespaceCollection.Name)]
public sealed partial class SystemdTests(ITestOutputHelper output)
{
    [ToolTheory("systemd-analyze")]
    [InlineData("wmgwd2.service")]
    [InlineData("wmgwd2-metrics.service")]
    [InlineData("wmgwd2-metrics.timer")]
    public void Systemd_finds_nothing_wrong(string unit) => WithUnits(folder =>
    {
        CommandResult result = Command.Run(["systemd-analyze", "verify", "--man=no", Path.Combine(folder, unit)]);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.DoesNotContain("wmgwd2", result.Output + result.Errors, StringComparison.Ordinal);
    });

    /// <summary>
    /// What remains: it changes links (CAP_NET_ADMIN), sends frames (CAP_NET_RAW, AF_PACKET), hears the network, may have
    /// a real-time priority and become another user, and starts as root.
    /// </summary>
    [ToolTheory("systemd-analyze")]
    [InlineData("wmgwd2.service", 2.6)]
    [InlineData("wmgwd2-metrics.service", 1.2)]
    public void Exposure_is_small(string unit, double limit) => WithUnits(folder =>
    {
        CommandResult result = Command.Run(["systemd-analyze", "security", "--offline=true", "--no-pager", Path.Combine(folder, unit)]);
        output.WriteLine(result.Output + result.Errors);
        Match score = Score().Match(result.Output);
        Assert.True(score.Success, result.ToString());
        Assert.InRange(double.Parse(score.Groups[1].Value, CultureInfo.InvariantCulture), 0, limit);
    });

    [NamespaceFact("systemd-analyze", "strace")]
    public void Daemon_and_fence_do_nothing_that_the_unit_forbids()
    {
        using var bed = new ServiceBed(output);
        string[] trace = ["strace", "-f", "-qq", "-o"];
        string ran = Path.Combine(bed.Folder, "ran");
        string fenced = Path.Combine(bed.Folder, "fenced");
        Daemon daemon = bed.Start([.. trace, ran, Binary.Path, "run", "--config", bed.Config, "--realtime-priority", "1", "--user", "nobody"]);
        int process = bed.WaitUntilServing();
        Assert.Equal(0, Linux.Kill(process, Linux.SigTerm));
        Assert.Equal(0, daemon.WaitForExit());
        Assert.Equal(0, bed.Run([.. trace, fenced, Binary.Path, "fence", "--config", bed.Config]).ExitCode);

        string[] calls = [.. File.ReadAllLines(ran), .. File.ReadAllLines(fenced)];
        HashSet<string> made = [.. calls.Select(call => Call().Match(call)).Where(call => call.Success).Select(call => call.Groups[1].Value)];
        output.WriteLine($"{made.Count} system calls: {string.Join(' ', made.Order())}");
        Assert.Superset(new HashSet<string> { "capset", "setresuid", "sched_setscheduler", "sendto" }, made);
        HashSet<string> allowed = FindAllowed();
        Assert.Superset(new HashSet<string> { "epoll_wait", "mlockall" }, allowed);
        Assert.DoesNotContain("mount", allowed);
        Assert.Equal([], made.Where(call => !allowed.Contains(call)));

        // The runtime tries whether there is IPv6, and does without.
        string[] families = [.. Values("RestrictAddressFamilies").SelectMany(value => value.Split(' ')), "AF_INET6"];
        Assert.Equal([], calls.Select(call => Family().Match(call)).Where(family => family.Success)
            .Select(family => family.Groups[1].Value).Distinct().Where(family => !families.Contains(family)));

        // MemoryDenyWriteExecute: no memory that is both, and none made executable later; what the kernel's loader maps is not asked.
        Assert.DoesNotContain(calls, call => call.Contains("PROT_WRITE|PROT_EXEC", StringComparison.Ordinal)
            || (call.Contains("mprotect(", StringComparison.Ordinal) && call.Contains("PROT_EXEC", StringComparison.Ordinal)));
    }

    /// <summary>The values that the unit gives to a key, in order.</summary>
    private static IEnumerable<string> Values(string key) => File.ReadLines(Path.Combine(ServiceBed.Scripts, "systemd", "wmgwd2.service"))
        .Where(line => line.StartsWith($"{key}=", StringComparison.Ordinal))
        .Select(line => line[(key.Length + 1)..]);

    /// <summary>What SystemCallFilter lets through (systemd.exec(5)): what is always let through, and what the lines add and take.</summary>
    private static HashSet<string> FindAllowed()
    {
        HashSet<string> allowed = [.. Expand("@default")];
        foreach (string line in Values("SystemCallFilter"))
        {
            IEnumerable<string> calls = line.TrimStart('~').Split(' ').SelectMany(Expand);
            if (line.StartsWith('~'))
            {
                allowed.ExceptWith(calls);
            }
            else
            {
                allowed.UnionWith(calls);
            }
        }

        return allowed;
    }

    private static IEnumerable<string> Expand(string name) => name[0] != '@'
        ? [name]
        : Command.Must(["systemd-analyze", "syscall-filter", "--no-pager", name]).Split('\n')
            .Skip(1)
            .Select(line => line.Trim())
            .Where(line => line.Length > 0 && line[0] != '#')
            .SelectMany(Expand);

    /// <summary>Does something with the units as they are installed, but for the paths, which have to be there.</summary>
    private static void WithUnits(Action<string> action)
    {
        string folder = Directory.CreateTempSubdirectory("wmgwd2-test-").FullName;
        try
        {
            foreach (string file in Directory.GetFiles(Path.Combine(ServiceBed.Scripts, "systemd")))
            {
                string unit = File.ReadAllText(file)
                    .Replace("/usr/sbin/wmgwd2", Binary.Path, StringComparison.Ordinal)
                    .Replace("/usr/lib/wmgwd2/", $"{ServiceBed.Scripts}/", StringComparison.Ordinal);
                File.WriteAllText(Path.Combine(folder, Path.GetFileName(file)), unit);
            }

            action(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex(@"Overall exposure level for \S+: ([0-9.]+)")]
    private static partial Regex Score();

    [GeneratedRegex(@"^[0-9]+ +(?:<\.\.\. )?([a-z][a-z0-9_]*)[( ]")]
    private static partial Regex Call();

    [GeneratedRegex(@"socket(?:pair)?\((AF_[A-Z0-9_]+)")]
    private static partial Regex Family();
}
