using System;
using System.Collections.Generic;
using System.Linq;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>A gateway's kernel shows a macvlan operational from now on, or no longer.</summary>
internal readonly record struct ServiceChange(TimeSpan Time, int Gateway, uint Vni, bool Serves);

/// <summary>A gateway's address announcement was on the wire.</summary>
internal readonly record struct AnnouncementSeen(TimeSpan Time, int Gateway, uint Vni);

/// <summary>The times of the soak's daemons, and the bounds that follow from them.</summary>
internal static class SoakTimes
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    public static readonly TimeSpan Dead = 3 * Interval;

    /// <summary>What this machine may take for whatever the protocol has do at once: it is shared and has few cores.</summary>
    public static readonly TimeSpan Allowance = TimeSpan.FromMilliseconds(500);

    /// <summary>A gateway that went silent is noticed, and what it had is taken up.</summary>
    public static readonly TimeSpan Detection = Dead + Allowance;

    /// <summary>Who serves what a joiner takes withdraws its routes for that long before.</summary>
    public static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(200);

    /// <summary>A gateway listens and takes its share.</summary>
    public static readonly TimeSpan Join = Dead + Interval + Lead + Allowance;

    /// <summary>A gateway that still lives is heard again.</summary>
    public static readonly TimeSpan Hearing = Interval + Allowance;

    /// <summary>
    /// A gateway that leaves serves what an heir doesn't confirm, one that is dead itself, until 20 ms after the dead interval.
    /// </summary>
    public static readonly TimeSpan Handover = Dead + TimeSpan.FromMilliseconds(20) + Allowance;

    /// <summary>No gateway that listens takes anything up sooner; a little less than it listens, for the clocks' sake.</summary>
    public static readonly TimeSpan SoonestJoin = 0.95 * Dead;

    /// <summary>A gateway that found the network gone looks for it again each second.</summary>
    public static readonly TimeSpan NetworkRetry = TimeSpan.FromSeconds(1);
}

/// <summary>Who takes part, and who is deaf to whom.</summary>
internal sealed class ClusterState(int gateways)
{
    /// <summary>Whether a gateway takes part in the election.</summary>
    public bool[] Active { get; } = new bool[gateways];

    /// <summary>Whether the first does not hear the second.</summary>
    public bool[,] Deaf { get; } = new bool[gateways, gateways];

    public ClusterState Copy()
    {
        var copy = new ClusterState(Active.Length);
        Active.CopyTo(copy.Active, 0);
        Array.Copy(Deaf, copy.Deaf, Deaf.Length);
        return copy;
    }
}

/// <summary>
/// A change of the <see cref="ClusterState"/> that a fault brings about. From its beginning until a gateway's deadline that
/// gateway may act by the old state or by the new one; from then on by the new one only.
/// </summary>
/// <param name="kind">What the report calls it.</param>
/// <param name="from">When it can show at the soonest.</param>
/// <param name="deadlines">By when each gateway must act by it.</param>
/// <param name="apply">Makes it.</param>
internal sealed class ClusterChange(string kind, TimeSpan from, TimeSpan[] deadlines, Action<ClusterState> apply)
{
    public string Kind => kind;

    public TimeSpan From => from;

    public TimeSpan[] Deadlines => deadlines;

    public TimeSpan LastDeadline => deadlines.Max();

    /// <summary>How long nobody may serve a VNI for it, and how long two may.</summary>
    public TimeSpan MaxNone { get; init; } = SoakTimes.Allowance;

    public TimeSpan MaxTwo { get; init; } = SoakTimes.Allowance;

    public void Apply(ClusterState state) => apply(state);
}

/// <summary>
/// Something that is done to one gateway, so that for a while what its kernel shows is not its daemon's doing: its links
/// are broken, its process stands still, somebody else sets protodown.
/// </summary>
/// <param name="kind">What the report calls it.</param>
/// <param name="gateway">The gateway.</param>
/// <param name="vnis">Which VNIs; null for all.</param>
/// <param name="from">When it begins.</param>
internal sealed class Disturbance(string kind, int gateway, IReadOnlyCollection<uint>? vnis, TimeSpan from)
{
    public string Kind => kind;

    public int Gateway => gateway;

    public TimeSpan From => from;

    /// <summary>When the cause is over, or its mending begins; from then on the daemon has the allowance.</summary>
    public TimeSpan Over { get; set; } = TimeSpan.MaxValue;

    public TimeSpan Until => Over == TimeSpan.MaxValue ? Over : Over + SoakTimes.Allowance;

    /// <summary>Whether it is a process that stands still: it can't let go; else links that are broken, which can't serve.</summary>
    public bool Stopped { get; init; }

    public bool Concerns(uint vni) => vnis == null || vnis.Contains(vni);
}
