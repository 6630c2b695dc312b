using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>
/// A gateway with three VNIs whose daemon a service manager is to run; with the config for it, and instead of the binary a script
/// that writes down what it is called for, and how many macvlans are held down then, before it becomes the binary.
/// </summary>
internal sealed class ServiceBed : IDisposable
{
    public const int Vnis = 3;

    private readonly TestNetwork _network;

    public ServiceBed(ITestOutputHelper output)
    {
        _network = new TestNetwork(output, 1, TestNetwork.Range(1, Vnis));
        Shim = WriteScript("wmgwd2", $"""
            #!/bin/sh
            [ "$1" = status ] || [ "$1" = reload ] || echo "$1 $(ip link | grep -c 'protodown on')" >>'{CallsFile}'
            exec '{Binary.Path}' "$@"
            """);
        File.WriteAllText(Config, $"""
            uid = 1
            vnis = 1-{Vnis}
            interval = 100ms
            control-socket = {Gateway.ControlSocket}

            """);
    }

    /// <summary>Where the service's files are in the repository.</summary>
    public static string Scripts => Path.Combine(Binary.RepositoryRoot, "scripts", "service");

    /// <summary>The gateway.</summary>
    public Gateway Gateway => _network[1];

    /// <summary>A folder for files.</summary>
    public string Folder => _network.Folder;

    /// <summary>What stands for the binary.</summary>
    public string Shim { get; }

    /// <summary>The config file.</summary>
    public string Config => Path.Combine(Folder, "wmgwd2.conf");

    /// <summary>What the binary was called for, and how many macvlans were held down then: <c>run 3</c>.</summary>
    public IReadOnlyList<string> Calls => File.Exists(CallsFile) ? File.ReadAllLines(CallsFile) : [];

    private string CallsFile => Path.Combine(Folder, "calls");

    /// <summary>Writes a file that can be executed.</summary>
    /// <returns>Its path.</returns>
    public string WriteScript(string name, string text)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>Copies a file of the service, with other paths in it than it is installed with.</summary>
    /// <returns>Its path.</returns>
    public string CopyScript(string source, string name, params (string Old, string New)[] paths) => WriteScript(name, paths.Aggregate(
        File.ReadAllText(Path.Combine(Scripts, source)).TrimEnd(), (text, path) => text.Replace(path.Old, path.New, StringComparison.Ordinal)));

    /// <summary>Runs a program in the gateway's namespace.</summary>
    public CommandResult Run(params string[] words) => Command.Run([.. NetworkNamespace.Within(Gateway.Name), .. words]);

    /// <summary>Starts a program in the gateway's namespace.</summary>
    public Daemon Start(params string[] words) => Gateway.StartBy([], words);

    /// <summary>Waits until the daemon serves everything.</summary>
    /// <param name="other">Another one than that process.</param>
    /// <returns>Its process id.</returns>
    public int WaitUntilServing(int other = 0) => Eventually.Get(
        "a daemon that serves",
        () => (Process: FindDaemon(), Served: Gateway.Served().Count(), Calls: string.Join(", ", Calls)),
        seen => seen.Process is { } process && process != other && seen.Served == Vnis && Answers()).Process!.Value;

    /// <summary>Kills the daemon.</summary>
    public static void Kill(int process) => Assert.Equal(0, Linux.Kill(process, Linux.SigKill));

    /// <summary>The process that is the binary, and not on its way to be.</summary>
    public int? FindDaemon() => Processes()
        .Where(process => new FileInfo($"/proc/{process}/exe").LinkTarget == Binary.Path)
        .Select(process => (int?)int.Parse(process, CultureInfo.InvariantCulture))
        .FirstOrDefault();

    public void Dispose()
    {
        // Whatever a test that failed left running holds the pipes that are read to their end.
        foreach (string process in Processes())
        {
            _ = Linux.Kill(int.Parse(process, CultureInfo.InvariantCulture), Linux.SigKill);
        }

        _network.Dispose();
    }

    /// <summary>Everything that runs in the gateway's namespace.</summary>
    public string[] Processes() =>
        Command.Must(["ip", "netns", "pids", Gateway.Name]).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private bool Answers() => Binary.Run("status", "--control-socket", Gateway.ControlSocket).ExitCode == 0;
}
