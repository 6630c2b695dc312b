using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;
using Wmgwd2.Tests.Namespaces;

namespace Wmgwd2.Benchmarks;

/// <summary>A program that makes gateways redundant, on the gateways of a lab: one that is compared.</summary>
/// <param name="lab">The lab.</param>
/// <param name="interval">From one advertisement to the next.</param>
internal abstract class Contender(Lab lab, TimeSpan interval)
{
    private const int DumpAttempts = 5;

    /// <summary>Its name.</summary>
    public abstract string Name { get; }

    /// <summary>Which packets it knows of its peers by.</summary>
    public abstract ControlPacketTest IsControlPacket { get; }

    /// <summary>The lab that it runs in.</summary>
    public Lab Lab { get; } = lab;

    /// <summary>From one advertisement to the next.</summary>
    public TimeSpan Interval { get; } = interval;

    /// <summary>Starts it on a gateway.</summary>
    public abstract GatewayProcess Start(int gateway);

    /// <summary>After it has ended, in whatever way: makes the gateway as it was before.</summary>
    public abstract void CleanUp(int gateway);

    /// <summary>The address by which stations know their gateway.</summary>
    public abstract Ipv4Address AddressOf(int vni);

    /// <summary>The VNIs that a gateway serves, as its kernel shows it: not what the program believes.</summary>
    public abstract IReadOnlySet<int> ServedBy(int gateway);

    /// <summary>What <c>ip</c> shows on a gateway, a line for each thing.</summary>
    /// <remarks>
    /// While interfaces change the kernel says that the dump may be inconsistent, and ip(8) fails. It is asked again then; when
    /// they go on changing, what it has shown is still the best there is.
    /// </remarks>
    protected IEnumerable<string> Show(int gateway, params string[] what)
    {
        CommandResult result = default!;
        for (int i = 0; i < DumpAttempts && result is not { ExitCode: 0, Errors: "" }; i++)
        {
            result = Lab.Run(gateway, ["ip", "-o", .. what]);
        }

        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>A number for each VNI of the lab.</summary>
    protected IEnumerable<int> Vnis => Enumerable.Range(1, Lab.Vnis);
}
