using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Config;
using Wmgwd2.Core;
using Wmgwd2.Wire;

namespace Wmgwd2.Io;

/// <summary>What a fence did.</summary>
/// <param name="Held">How many interfaces are held down now.</param>
/// <param name="Changed">How many of them were not before.</param>
/// <param name="Missing">How many VNIs have no interface.</param>
/// <param name="Failures">A line for each interface that could not be held down; empty when all are.</param>
internal sealed record FenceReport(int Held, int Changed, int Missing, IReadOnlyList<string> Failures)
{
    /// <summary>The same of interfaces that were configured when the daemon was last started or told to read its config.</summary>
    public FenceReport? Forgotten { get; init; }

    /// <summary>The failures of both.</summary>
    public IReadOnlyList<string> AllFailures => [.. Failures, .. Forgotten?.Failures ?? []];
}

/// <summary>
/// Holds the interfaces of all configured VNIs down, once, whoever runs: before a daemon starts, after one has ended, and
/// for a supervisor when one was killed.
/// </summary>
internal sealed class Fence : IRouteObserver
{
    // The kernel is asked again whether it is so; a lower device that flaps meanwhile brings a carrier back.
    private const int Attempts = 5;

    private readonly VniSet _vnis;
    private readonly InterfacePattern _pattern;
    private readonly SortedDictionary<int, LinkState> _links = [];

    private Fence(VniSet vnis, InterfacePattern pattern)
    {
        _vnis = vnis;
        _pattern = pattern;
    }

    /// <summary>Holds down what a daemon with these settings may let up, and what it may have let up with others before.</summary>
    /// <exception cref="SystemCallException">The kernel doesn't even list the links.</exception>
    public static FenceReport Run(Settings settings)
    {
        FenceReport report = Run(settings.Vnis, settings.InterfacePattern);
        return StartRecord.FindForgotten(settings) is var (pattern, vnis) ? report with { Forgotten = Run(vnis, pattern) } : report;
    }

    /// <summary>Holds them down.</summary>
    /// <exception cref="SystemCallException">The kernel doesn't even list the links.</exception>
    public static FenceReport Run(VniSet vnis, InterfacePattern pattern)
    {
        var fence = new Fence(vnis, pattern);
        using var client = new RouteClient();
        var changed = new HashSet<int>();
        var failures = new SortedDictionary<int, string>();
        KernelCommand[] due = fence.FindUnquiet(client);
        for (int attempt = 0; attempt < Attempts && due.Length > 0; attempt++)
        {
            changed.UnionWith(due.Select(command => command.Index));
            fence.Execute(client, due, failures);
            due = fence.FindUnquiet(client);
        }

        // Only what the kernel shows at the end counts.
        IReadOnlyList<string> up = [.. due.Select(command => failures.GetValueOrDefault(
            command.Index, $"VNI {vnis[command.Index]}: {pattern.NameOf(vnis[command.Index])} comes up again and again"))];
        return new FenceReport(fence._links.Count - up.Count, changed.Count, vnis.Count - fence._links.Count, up);
    }

    void IRouteObserver.ObserveLink(in LinkMessage link)
    {
        if (_pattern.TryMatch(link.Name, out Vni vni) && _vnis.IndexOf(vni) is int index and >= 0)
        {
            _links[index] = link.State;
        }
    }

    private KernelCommand[] FindUnquiet(RouteClient client)
    {
        _links.Clear();
        client.DumpLinks(this);
        return
        [
            .. _links
                .Where(link => (link.Value.Conditions & (LinkConditions.Protodown | LinkConditions.LowerUp))
                    != LinkConditions.Protodown)
                .Select(link => new KernelCommand(KernelCommandKind.SetProtodown, link.Key, link.Value.Ifindex)),
        ];
    }

    private void Execute(RouteClient client, KernelCommand[] commands, SortedDictionary<int, string> failures)
    {
        foreach (KernelCommand[] batch in commands.Chunk(RouteClient.BatchSize))
        {
            ReadOnlySpan<int> results = client.Execute(batch, this);
            for (int i = 0; i < batch.Length; i++)
            {
                failures.Remove(batch[i].Index);
                if (results[i] != 0)
                {
                    string detail = client.GetErrorText(i) is { } text ? $": {text}" : "";
                    failures.Add(batch[i].Index, $"VNI {_vnis[batch[i].Index]}: {_pattern.NameOf(_vnis[batch[i].Index])} can't be held "
                        + $"down: {SystemCallException.Describe(results[i])}{detail}");
                }
            }
        }
    }
}
