using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>A change of a link as the kernel told it.</summary>
internal sealed record LinkChange(DateTime Time, string Name, bool Protodown, bool LowerUp);

/// <summary>Hears every change of a link in a namespace: <c>ip -ts -o -d monitor link</c>.</summary>
internal sealed partial class LinkMonitor : IDisposable
{
    private readonly Process _process;
    private readonly Thread _reader;
    private readonly List<LinkChange> _changes = [];
    private volatile bool _hears;

    public LinkMonitor(string name)
    {
        _process = new Process
        {
            StartInfo = Command.Describe(["ip", "-n", name, "-ts", "-o", "-d", "monitor", "link"]),
        };
        _process.StartInfo.Environment["TZ"] = "UTC";
        _process.Start();
        _reader = new Thread(Read);
        _reader.Start();

        // It hears from some moment on; a change that harms nobody says when.
        Eventually.Holds("ip monitor hears", () =>
        {
            NetworkNamespace.Ip(name, "link set lo alias listening");
            return _hears;
        });
    }

    /// <summary>The changes so far of a link.</summary>
    public IReadOnlyList<LinkChange> Of(string link)
    {
        lock (_changes)
        {
            return [.. _changes.Where(change => change.Name == link)];
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _reader.Join();
        _process.Dispose();
    }

    private void Read()
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            _hears = true;
            if (Line().Match(line) is { Success: true } match)
            {
                lock (_changes)
                {
                    _changes.Add(new LinkChange(
                        DateTime.Parse(match.Groups["time"].Value, CultureInfo.InvariantCulture),
                        match.Groups["name"].Value,
                        line.Contains(" protodown on ", StringComparison.Ordinal),
                        match.Groups["flags"].Value.Split(',').Contains("LOWER_UP")));
                }
            }
        }
    }

    [GeneratedRegex(@"^\[(?<time>[^\]]+)\] *[0-9]+: (?<name>[^:@]+)[:@].*?<(?<flags>[^>]*)>")]
    private static partial Regex Line();
}
