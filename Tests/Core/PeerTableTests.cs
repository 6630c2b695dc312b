using System;
using System.Linq;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

public sealed class PeerTableTests
{
    private static readonly TimeSpan DeadInterval = TimeSpan.FromSeconds(3);

    [Fact]
    public void Slots_are_given_out_in_order_then_that_of_who_is_silent_longest()
    {
        var table = new PeerTable(new NodeId(1));
        foreach (int slot in Enumerable.Range(1, PeerTable.PeerLimit))
        {
            Assert.Equal(slot, table.Allocate(new NodeId((ulong)slot + 1)));
            table.SetAlive(slot, true);
            table.Touch(slot, default, new Instant(1000 - slot), DeadInterval);
        }

        Assert.Equal(-1, table.Allocate(new NodeId(1000)));
        Assert.Equal(-1, table.Find(new NodeId(1000)));
        table.SetAlive(7, false);
        table.SetAlive(9, false);
        Assert.Equal(9, table.Allocate(new NodeId(1000)));
        Assert.Equal(9, table.Find(new NodeId(1000)));
        Assert.Equal(-1, table.Find(new NodeId(10)));
    }

    [Fact]
    public void Next_expiry_is_the_earliest_of_the_live_peers()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var table = new PeerTable(new NodeId(1));
            for (int step = 0; step < 600; step++)
            {
                int slot = step % 2 == 0 ? table.Allocate(new NodeId((ulong)step + 2)) : random.Next(1, PeerTable.SlotCount);
                if (slot > 0 && table[slot].Uid.Value != 0)
                {
                    table.Touch(slot, default, new Instant(random.Next(1, 1_000_000)), DeadInterval);
                    table.SetAlive(slot, random.Next(4) != 0);
                }

                Instant expected = Enumerable.Range(1, PeerTable.PeerLimit).Where(each => table[each].Alive)
                    .Select(each => table[each].ExpiresAt).DefaultIfEmpty(Instant.Never).Min();
                Assert.Equal(expected, table.NextExpiry);
            }
        }
    }
}
