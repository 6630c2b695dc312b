using System;

namespace Wmgwd2.Core;

/// <summary>What the kernel showed of one link.</summary>
/// <param name="Ifindex">The link's index.</param>
/// <param name="LowerIfindex">The index of the device it stands on (IFLA_LINK); 0 when it has none in this namespace.</param>
/// <param name="Conditions">Its conditions.</param>
/// <param name="HardwareAddress">Its MAC address, the first byte on the wire being the highest of 48 bits.</param>
/// <param name="ProtodownReasons">Who holds it down, a bit for each (IFLA_PROTO_DOWN_REASON).</param>
public readonly record struct LinkState(
    int Ifindex, int LowerIfindex, LinkConditions Conditions, ulong HardwareAddress, uint ProtodownReasons)
{
    /// <summary>Whether it carries traffic: set up, with a carrier, and the kernel's operational state says so.</summary>
    public bool Operational => Conditions.HasFlag(
        LinkConditions.AdministrativelyUp | LinkConditions.LowerUp | LinkConditions.OperationallyUp);
}

/// <summary>The conditions of a link that matter here.</summary>
[Flags]
public enum LinkConditions
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>Set up by the operator: IFF_UP.</summary>
    AdministrativelyUp = 1,

    /// <summary>Has a carrier, so that it can send and answers ARP: IFF_LOWER_UP.</summary>
    LowerUp = 2,

    /// <summary>The operational state (RFC 2863) is up, or, where the driver keeps none, unknown.</summary>
    OperationallyUp = 4,

    /// <summary>Held down by a protocol: IFLA_PROTO_DOWN.</summary>
    Protodown = 8,
}
