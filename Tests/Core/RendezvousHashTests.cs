using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

public sealed class RendezvousHashTests
{
    public static TheoryData<string> Vectors() => new(
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Vectors", "rendezvous.tsv")).Where(line => line[0] != '#'));

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Vector_gives_weight_and_owner(string line)
    {
        string[] fields = line.Split('\t');
        NodeId[] nodes = [.. fields[0].Split(',').Select(uid => new NodeId(ulong.Parse(uid, CultureInfo.InvariantCulture)))];
        var vni = new Vni(uint.Parse(fields[1], CultureInfo.InvariantCulture));
        ulong weight = ulong.Parse(fields[2], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var owner = new NodeId(ulong.Parse(fields[3], CultureInfo.InvariantCulture));

        Assert.Equal(weight, RendezvousHash.Weight(owner, vni));
        Assert.Equal(owner, Elect(nodes, vni));
        Assert.Equal(owner, Elect(Enumerable.Reverse(nodes), vni));
    }

    private static NodeId Elect(IEnumerable<NodeId> nodes, Vni vni)
    {
        var ownership = new Ownership(new VniSet([new VniRange(vni, vni)]), PeerTable.SlotCount);
        var bySlot = new Dictionary<int, NodeId>();
        foreach (NodeId node in nodes)
        {
            bySlot.Add(bySlot.Count, node);
            ownership.Add(bySlot.Count - 1, node);
        }

        return bySlot[ownership.Owners[0]];
    }
}
