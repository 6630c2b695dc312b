using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Wmgwd2.Core;

/// <summary>The interfaces without whose carrier a gateway can't serve, and what the kernel showed of each, by its name.</summary>
/// <param name="names">Their names.</param>
public sealed class TrackedInterfaces(IEnumerable<string> names)
{
    private readonly Tracked[] _tracked = [.. names.Select(name => new Tracked(name))];

    /// <summary>Whether anything has changed since this was set to false.</summary>
    public bool Changed { get; set; } = true;

    /// <summary>How many there are.</summary>
    public int Count => _tracked.Length;

    /// <summary>The ifindex that one of them has; 0 while it is missing.</summary>
    public int GetIfindex(int at) => _tracked[at].Ifindex;

    /// <summary>A link is so.</summary>
    public void ObserveLink(ReadOnlySpan<byte> name, in LinkState state)
    {
        foreach (Tracked tracked in _tracked)
        {
            if (name.SequenceEqual(tracked.Name))
            {
                tracked.Shown = true;
                Set(tracked, state.Ifindex, state.Operational);
            }
            else if (tracked.Ifindex == state.Ifindex)
            {
                // It has another name now.
                Set(tracked, 0, false);
            }
        }
    }

    /// <summary>A link is gone.</summary>
    public void ObserveLinkGone(int ifindex)
    {
        foreach (Tracked tracked in _tracked)
        {
            if (tracked.Ifindex == ifindex)
            {
                Set(tracked, 0, false);
            }
        }
    }

    /// <summary>All links there are follow.</summary>
    public void BeginDump()
    {
        foreach (Tracked tracked in _tracked)
        {
            tracked.Shown = false;
        }
    }

    /// <summary>Those were all.</summary>
    public void EndDump()
    {
        foreach (Tracked tracked in _tracked)
        {
            if (!tracked.Shown)
            {
                Set(tracked, 0, false);
            }
        }
    }

    /// <summary>Which of them are not as they should be, or null when all are.</summary>
    public string? Describe()
    {
        IEnumerable<string> lost = _tracked.Where(tracked => !tracked.Operational).Select(tracked =>
            $"{Encoding.ASCII.GetString(tracked.Name)} {(tracked.Ifindex == 0 ? "is missing" : "has no carrier")}");
        string words = string.Join(", ", lost);
        return words.Length == 0 ? null : words;
    }

    private void Set(Tracked tracked, int ifindex, bool operational)
    {
        Changed |= tracked.Ifindex != ifindex || tracked.Operational != operational;
        (tracked.Ifindex, tracked.Operational) = (ifindex, operational);
    }

    private sealed class Tracked(string name)
    {
        public byte[] Name { get; } = Encoding.ASCII.GetBytes(name);

        public int Ifindex { get; set; }

        public bool Operational { get; set; }

        public bool Shown { get; set; }
    }
}
