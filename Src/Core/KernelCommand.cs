using System;

namespace Wmgwd2.Core;

/// <summary>What the reconciler wants the kernel to do.</summary>
public enum KernelCommandKind
{
    /// <summary>Hold the interface down: protodown on.</summary>
    SetProtodown,

    /// <summary>Let the interface go up: protodown off.</summary>
    ClearProtodown,

    /// <summary>Ask for the state of a link: the lower device of the VNI's interface.</summary>
    QueryLink,

    /// <summary>Have the bridge learn from its port that the VNI's interface sends into.</summary>
    SetLearning,

    /// <summary>Have the bridge forget what it learned from that port, and learn no more.</summary>
    ClearLearning,

    /// <summary>Announce each IPv4 address of the interface once.</summary>
    Announce,
}

/// <summary>One command.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Index">The index of the VNI.</param>
/// <param name="Ifindex">The link to do it to.</param>
public readonly record struct KernelCommand(KernelCommandKind Kind, int Index, int Ifindex);

/// <summary>What became of a command.</summary>
public enum KernelResult
{
    /// <summary>Done.</summary>
    Done,

    /// <summary>There is no such link any more (ENODEV).</summary>
    Gone,

    /// <summary>Others hold the link down too (EBUSY).</summary>
    Blocked,

    /// <summary>Any other error.</summary>
    Refused,
}

/// <summary>VNIs that moved together, once the kernel shows them where they belong.</summary>
/// <param name="Taken">How many this gateway was to take over.</param>
/// <param name="Released">How many it was to let go.</param>
/// <param name="Failed">How many of them have a problem instead.</param>
/// <param name="Duration">From the decision to the last first announcement or release.</param>
public readonly record struct Movement(int Taken, int Released, int Failed, TimeSpan Duration);
