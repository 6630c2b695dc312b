using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using Wmgwd2.Tests.Namespaces;

namespace Wmgwd2.Benchmarks;

/// <summary>This project's daemon, on a gateway of a lab.</summary>
internal sealed class Wmgwd2Gateway : IDisposable
{
    private readonly Lab _lab;
    private readonly int _gateway;
    private readonly string _configuration;
    private readonly string _controlSocket;

    /// <summary>Writes its configuration and starts it.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="gateway">Which gateway; its uid is that number.</param>
    /// <param name="interval">The advertisement interval.</param>
    public Wmgwd2Gateway(Lab lab, int gateway, TimeSpan interval)
    {
        _lab = lab;
        _gateway = gateway;
        string name = Path.Combine(lab.Folder, string.Create(CultureInfo.InvariantCulture, $"gw{gateway}"));
        _configuration = $"{name}.conf";
        _controlSocket = $"{name}.sock";

        // Or it would know that it is started again and again, and wait longer each time.
        File.Delete($"{_controlSocket}.started");
        File.WriteAllLines(
            _configuration,
            [
                string.Create(CultureInfo.InvariantCulture, $"uid = {gateway}"),
                string.Create(CultureInfo.InvariantCulture, $"vnis = 1-{lab.Vnis}"),
                string.Create(CultureInfo.InvariantCulture, $"interval = {interval.TotalMilliseconds}ms"),
                $"control-socket = {_controlSocket}",
            ]);
        Process = new GatewayProcess(lab, gateway, [Repository.Binary, "run", "--config", _configuration]);
    }

    /// <summary>Its process.</summary>
    public GatewayProcess Process { get; }

    /// <summary>Asks for its status, as an operator would; null when it doesn't answer.</summary>
    public DaemonStatus? TryStatus()
    {
        CommandResult result = Command.Run([Repository.Binary, "status", "--json", "--control-socket", _controlSocket]);
        return result.ExitCode == 0 ? DaemonStatus.Parse(result.Output) : null;
    }

    /// <summary>One of its counters.</summary>
    public long Count(string counter) => TryStatus() is { } status
        ? status.Counters[counter]
        : throw new InvalidOperationException($"wmgwd2 doesn't answer; log:\n{Process.LogTail}");

    /// <summary>How long an operator waits for its status.</summary>
    public TimeSpan TimeStatus()
    {
        long start = Stopwatch.GetTimestamp();
        Command.Must([Repository.Binary, "status", "--json", "--control-socket", _controlSocket]);
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Waits until it is active next to some peers, and everything that it owns, and nothing else, is operational.</summary>
    /// <exception cref="TimeoutException">It isn't, in time.</exception>
    public void WaitUntilServing(int peers, TimeSpan limit)
    {
        DaemonStatus? status = null;
        if (!Patience.WaitFor(() => IsServing(status = TryStatus(), peers) || !Process.Running, limit) || !Process.Running)
        {
            throw new TimeoutException($"wmgwd2 doesn't serve: {status?.State}; log:\n{Process.LogTail}");
        }
    }

    /// <summary>Holds all interfaces down, as a supervisor does when a daemon was killed.</summary>
    public void Fence() => Command.Must(
        [.. NetworkNamespace.Within(_lab.NamespaceOf(_gateway)), Repository.Binary, "fence", "--config", _configuration]);

    public void Dispose() => Process.Dispose();

    private static bool IsServing(DaemonStatus? status, int peers) => status is { State: "active" }
        && status.AlivePeers == peers
        && status.ServesItsShare;
}
