using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>Stations of a lab that ping the world each 10 ms: <c>ping -D -n -i 0.01 192.0.2.1</c>.</summary>
internal sealed partial class StationPings : IDisposable
{
    private readonly List<(uint Vni, Process Process, Thread Reader, List<DateTime> Replies)> _pings = [];

    public StationPings(FrrLab lab)
    {
        foreach (uint vni in lab.Vnis)
        {
            var process = new Process
            {
                StartInfo = Command.Describe(
                    [.. NetworkNamespace.Within(lab.NameOf($"st{vni}")), "ping", "-D", "-n", "-i", "0.01", "192.0.2.1"]),
            };
            process.Start();
            var replies = new List<DateTime>();
            var reader = new Thread(() => Read(process, replies));
            reader.Start();
            _pings.Add((vni, process, reader, replies));
        }
    }

    /// <summary>The longest time without a reply at each station, from one moment on to another.</summary>
    public IReadOnlyDictionary<uint, TimeSpan> LongestGaps(DateTime from, DateTime to) => _pings.ToDictionary(
        ping => ping.Vni,
        ping =>
        {
            lock (ping.Replies)
            {
                DateTime[] times = [from, .. ping.Replies.Where(time => time > from && time < to), to];
                return times.Zip(times.Skip(1)).Max(pair => pair.Second - pair.First);
            }
        });

    public void Dispose()
    {
        foreach ((uint _, Process process, Thread reader, List<DateTime> _) in _pings)
        {
            process.Kill();
            process.WaitForExit();
            reader.Join();
            process.Dispose();
        }
    }

    private static void Read(Process process, List<DateTime> replies)
    {
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (Reply().Match(line) is { Success: true } match)
            {
                lock (replies)
                {
                    replies.Add(DateTime.UnixEpoch.AddSeconds(double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)));
                }
            }
        }
    }

    [GeneratedRegex(@"^\[([0-9.]+)\] [0-9]+ bytes from .*ms$")]
    private static partial Regex Reply();
}
