using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>The explanation of one VNI as JSON. README.md documents the members.</summary>
public static class VniJson
{
    /// <summary>Writes an explanation.</summary>
    /// <param name="vni">The explanation.</param>
    /// <param name="destination">Where to.</param>
    public static void Write(VniExplanation vni, IBufferWriter<byte> destination)
    {
        StatusSnapshot status = vni.Status;
        using (var writer = new Utf8JsonWriter(destination))
        {
            writer.WriteStartObject();
            writer.WriteNumber("vni", vni.Vni.Value);
            writer.WriteString("interface", status.InterfacePattern.NameOf(vni.Vni));
            writer.WriteString("owner", vni.Owner);
            writer.WriteBoolean("owned", vni.IsOwned);
            writer.WriteString("condition", StatusSnapshot.NameOf(vni.Shown.Condition));
            StatusJson.WriteAge(writer, "since_s", status.Now, status.SinceOf(vni.Index));
            StatusJson.WriteAge(writer, "announced_s", status.Now, status.AnnouncedAtOf(vni.Index));
            writer.WriteString("problem", vni.Problem);
            writer.WriteString("state", status.StateName);
            WriteGateways(writer, vni);
            WriteKernel(writer, vni);
            writer.WriteEndObject();
        }

        destination.Write("\n"u8);
    }

    private static void WriteGateways(Utf8JsonWriter writer, VniExplanation vni)
    {
        writer.WriteStartArray("gateways");
        foreach (GatewayWeight gateway in vni.Gateways)
        {
            writer.WriteStartObject();
            writer.WriteString("uid", gateway.Uid.ToString());
            writer.WriteString("address", gateway.Address.ToString());

            // As uids: many readers of JSON have no 64 bits for a number.
            writer.WriteString("weight", gateway.Weight.ToString(CultureInfo.InvariantCulture));
            writer.WriteBoolean("own", gateway.IsOwn);
            writer.WriteBoolean("elected", gateway.IsElected);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteKernel(Utf8JsonWriter writer, VniExplanation vni)
    {
        InterfaceDetails details = vni.Status.DetailsOf(vni.Index);
        writer.WriteStartObject("kernel");
        writer.WriteNumber("ifindex", vni.Shown.Ifindex);
        writer.WriteBoolean("protodown", vni.Shown.Protodown);
        writer.WriteStartArray("protodown_reasons");
        for (uint reasons = vni.Status.ReasonsOf(vni.Index); reasons != 0; reasons &= reasons - 1)
        {
            writer.WriteNumberValue(BitOperations.TrailingZeroCount(reasons));
        }

        writer.WriteEndArray();
        writer.WriteBoolean("operational", vni.Shown.Operational);
        writer.WriteNumber("lower_ifindex", details.LowerIfindex);
        writer.WriteString("mac", details.HardwareAddressText);
        writer.WriteStartArray("addresses");
        foreach (Ipv4Address address in details.Addresses)
        {
            writer.WriteStringValue(address.ToString());
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
