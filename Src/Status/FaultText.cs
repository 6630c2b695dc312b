using System.Collections.Generic;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>Words why a gateway can't serve.</summary>
public static class FaultText
{
    /// <summary>Words the causes of a fault.</summary>
    /// <param name="faults">The causes.</param>
    /// <param name="trackedInterface">What is wrong with the tracked interfaces, where that is known.</param>
    /// <param name="trackedFile">What the tracked file says, where that is known.</param>
    /// <returns>The words; null when there is no cause.</returns>
    public static string? Describe(GatewayFaults faults, string? trackedInterface, string? trackedFile)
    {
        var words = new List<string>();
        if (faults.HasFlag(GatewayFaults.DuplicateUid))
        {
            words.Add("another gateway, with a lower address, has the same uid");
        }

        if (faults.HasFlag(GatewayFaults.NoNetwork))
        {
            words.Add("the cluster's network isn't there");
        }

        if (faults.HasFlag(GatewayFaults.TrackedInterface))
        {
            words.Add($"tracked interface: {trackedInterface ?? "there again"}");
        }

        if (faults.HasFlag(GatewayFaults.TrackedFile))
        {
            words.Add($"tracked file: {trackedFile ?? "well again"}");
        }

        if (faults.HasFlag(GatewayFaults.KernelStuck))
        {
            words.Add("the kernel doesn't answer");
        }

        return words.Count == 0 ? null : string.Join("; ", words);
    }
}
