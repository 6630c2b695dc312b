using System.Globalization;

namespace Wmgwd2.Core;

/// <summary>The uid of a gateway: 64 bits, unique in its cluster, never 0.</summary>
/// <param name="Value">The uid as it stands, big-endian, in an advertisement.</param>
public readonly record struct NodeId(ulong Value)
{
    /// <summary>The uid in decimal, as every text of this program writes it.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
