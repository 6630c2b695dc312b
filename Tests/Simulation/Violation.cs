using System;

namespace Wmgwd2.Tests.Simulation;

/// <summary>What the checkers check.</summary>
internal enum Check
{
    /// <summary>In a connected, settled cluster exactly one gateway serves each VNI, and that stays so.</summary>
    OneServes = 1,

    /// <summary>Nobody, or two, serve no longer than the fault's bound.</summary>
    Bounds = 2,

    /// <summary>Only the VNIs of a gateway that came or went move.</summary>
    Movement = 3,

    /// <summary>No announcement without ownership; and the last one is the owner's.</summary>
    Announcements = 4,

    /// <summary>After the last fault the cluster settles within the dead interval and two intervals.</summary>
    Settling = 5,

    /// <summary>What every gateway believes is what the rendezvous function says.</summary>
    Beliefs = 6,
}

/// <summary>A checker has found something.</summary>
internal sealed class ViolationException(Check check, string message) : Exception(message)
{
    public Check Check { get; } = check;
}
