using System;
using System.Globalization;
using System.IO;
using System.Linq;
using Xunit;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>A systemd that runs until it is disposed of.</summary>
internal sealed class BootedSystemd : IDisposable
{
    private readonly string _folder;
    private readonly string _group = $"{NetworkNamespace.NewPrefix()}systemd";
    private readonly Daemon _starter;
    private readonly string _init;

    /// <param name="name">The network namespace that it runs in.</param>
    /// <param name="folder">A folder for its files.</param>
    /// <param name="prepare">Writes what is laid over this machine's files.</param>
    public BootedSystemd(string name, string folder, Action<string> prepare)
    {
        _folder = folder;
        Directory.CreateDirectory(Path.Combine(folder, "over"));
        string root = Directory.CreateDirectory(Path.Combine(folder, "root")).FullName;
        Directory.CreateDirectory(Path.Combine(root, "etc", "systemd", "system"));
        prepare(root);
        string script = Path.Combine(Binary.RepositoryRoot, "Tests", "Namespaces", "Services", "boot-systemd.sh");
        _starter = new Daemon(name, "", [.. NetworkNamespace.Within(name), script, folder, _group]);
        try
        {
            _init = Eventually.Get(
                "systemd",
                () => Children().FirstOrDefault(child => File.ReadAllText($"/proc/{child}/comm") == "systemd\n") ?? "",
                child => (child.Length > 0 && Run("systemctl", "is-active", "default.target").ExitCode == 0) || !_starter.Running,
                TimeSpan.FromSeconds(10));
            Assert.True(_starter.Running, "It has ended.");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What it said.</summary>
    public string Console => File.Exists($"{_folder}/console") ? File.ReadAllText($"{_folder}/console") : "";

    /// <summary>Runs a program where it runs.</summary>
    public CommandResult Run(params string[] words) => Command.Run(
    [
        "nsenter", "--target", Children().FirstOrDefault() ?? "0", "--mount", "--pid", "--net", "--uts", "--ipc", "--", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
        .. words,
    ]);

    /// <summary>Runs a program that must end with that.</summary>
    public string Must(int exit, params string[] words)
    {
        CommandResult result = Run(words);
        Assert.True(result.ExitCode == exit, $"{string.Join(' ', words)}: {result}\n{Journal()}\n{Console}");
        return result.Output;
    }

    /// <summary>A property of the service.</summary>
    public string Show(string property) => Must(0, "systemctl", "show", "--property", property, "--value", "wmgwd2").Trim();

    /// <summary>Waits until the service was started again so often, and is ready.</summary>
    public void WaitForRestarts(int count) => Eventually.Get(
        $"{count} restarts", () => $"{Show("NRestarts")} {Show("ActiveState")}", seen => seen == $"{count} active");

    /// <summary>Waits for a line of the service's journal.</summary>
    public void WaitForJournal(string part, int count) => Eventually.Get(
        $"{count} times '{part}'", Journal, journal => journal.Split('\n').Count(line => line.Contains(part, StringComparison.Ordinal)) == count);

    public void Dispose()
    {
        foreach (string child in Children())
        {
            _ = Linux.Kill(int.Parse(child, CultureInfo.InvariantCulture), Linux.SigKill);
        }

        _starter.Dispose();
        foreach (string hierarchy in new[] { "/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified" })
        {
            RemoveGroup(Path.Combine(hierarchy, _group));
        }
    }

    private static void RemoveGroup(string group)
    {
        if (!Directory.Exists(group))
        {
            return;
        }

        foreach (string part in Directory.GetDirectories(group))
        {
            RemoveGroup(part);
        }

        // Processes that were killed are in it for a moment more; files in it don't count.
        Eventually.Holds($"{group} is removed", () => Command.Run(["rmdir", group]).ExitCode == 0);
    }

    private string Journal() => Run("journalctl", "--no-pager", "--unit", "wmgwd2", "--output", "cat").Output;

    /// <summary>The first process of its namespaces: the child of unshare, which became what was started.</summary>
    private string[] Children()
    {
        string path = $"/proc/{_starter.Id}/task/{_starter.Id}/children";
        return File.Exists(path) ? File.ReadAllText(path).Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
    }
}

/// <summary>A test with systemd as an init: skipped, with the reason, where it can't be booted.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SystemdFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Missing = new(FindMissing);

    /// <inheritdoc/>
    public override string? Skip { get; set; } = Missing.Value;

    private static string? FindMissing()
    {
        if (Requirements.FindMissing(["systemctl", "journalctl", "pivot_root"]) is { } missing)
        {
            return missing;
        }

        string folder = Directory.CreateTempSubdirectory("wmgwd2-test-").FullName;
        string name = $"{NetworkNamespace.NewPrefix()}boot";
        try
        {
            NetworkNamespace.Add([name]);
            using var systemd = new BootedSystemd(name, folder, _ => { });
            return null;
        }
        catch (Exception error)
        {
            return $"systemd can't be booted in namespaces here: {error.Message.Split('\n')[0]}";
        }
        finally
        {
            NetworkNamespace.RemoveAll(name);
            Directory.Delete(folder, recursive: true);
        }
    }
}
