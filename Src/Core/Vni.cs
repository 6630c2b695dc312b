using System.Globalization;

namespace Wmgwd2.Core;

/// <summary>A VXLAN network identifier: 24 bits (RFC 7348, section 5); 0 is not used here.</summary>
/// <param name="Value">The identifier, <see cref="Minimum"/> to <see cref="Maximum"/>.</param>
public readonly record struct Vni(uint Value)
{
    /// <summary>The lowest VNI that can be configured.</summary>
    public const uint Minimum = 1;

    /// <summary>The highest VNI: 2^24 - 1.</summary>
    public const uint Maximum = (1u << 24) - 1;

    /// <summary>The identifier in decimal.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
