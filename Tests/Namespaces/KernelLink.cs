using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>A link as <c>ip -j -d link</c> shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Ifindex">Its index.</param>
/// <param name="Protodown">Whether it is held down.</param>
/// <param name="LowerUp">Whether it has a carrier.</param>
/// <param name="OperationalState">UP, DOWN, LOWERLAYERDOWN, ...</param>
internal sealed record KernelLink(string Name, int Ifindex, bool Protodown, bool LowerUp, string OperationalState)
{
    /// <summary>Whether it serves: no protodown, a carrier, operational.</summary>
    public bool Serves => !Protodown && LowerUp && OperationalState == "UP";

    /// <summary>
    /// Whether it is as an interface that isn't owned must be: held down, and without a carrier. The operational state
    /// follows the carrier a moment later, once the kernel's link watch has had rtnl.
    /// </summary>
    public bool Quiet => Protodown && !LowerUp;

    /// <summary>All links of a namespace.</summary>
    public static IReadOnlyList<KernelLink> List(string name)
    {
        using JsonDocument document = JsonDocument.Parse(Command.Must(["ip", "-n", name, "-j", "-d", "link", "show"]));
        return [.. document.RootElement.EnumerateArray().Select(Read)];
    }

    private static KernelLink Read(JsonElement link) => new(
        link.GetProperty("ifname").GetString()!,
        link.GetProperty("ifindex").GetInt32(),
        link.TryGetProperty("proto_down", out JsonElement down) && down.GetBoolean(),
        link.GetProperty("flags").EnumerateArray().Any(flag => flag.GetString() == "LOWER_UP"),
        link.GetProperty("operstate").GetString()!);
}
