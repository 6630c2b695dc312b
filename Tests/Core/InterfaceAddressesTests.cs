using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

public sealed class InterfaceAddressesTests
{
    private const int Count = 5;

    [Fact]
    public void Addresses_behave_like_sets()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            var addresses = new InterfaceAddresses(Count);
            HashSet<uint>[] model = [.. Enumerable.Range(0, Count).Select(_ => new HashSet<uint>())];
            for (int step = 0; step < 300; step++)
            {
                int index = random.Next(Count);
                uint value = (uint)random.Next(8);
                switch (random.Next(12))
                {
                    case < 6:
                        Assert.Equal(model[index].Add(value), addresses.Add(index, new Ipv4Address(value)));
                        break;
                    case < 10:
                        addresses.Remove(index, new Ipv4Address(value));
                        model[index].Remove(value);
                        break;
                    case 10:
                        addresses.Clear(index);
                        model[index].Clear();
                        break;
                    case 11:
                        Dump(random, addresses, model);
                        break;
                }

                AssertEqual(model, addresses);
            }
        }
    }

    [Fact]
    public void Many_addresses_fit()
    {
        var addresses = new InterfaceAddresses(Count);
        foreach (uint value in Enumerable.Range(0, 1000).Select(value => (uint)value))
        {
            addresses.Add((int)value % Count, new Ipv4Address(value));
        }

        for (int index = 0; index < Count; index++)
        {
            Assert.Equal(
                Enumerable.Range(0, 1000).Where(value => value % Count == index).Select(value => (uint)value),
                Of(addresses, index).Order());
        }
    }

    /// <summary>Shows some of the addresses, and some new ones, while others come and go in between.</summary>
    private static void Dump(Random random, InterfaceAddresses addresses, HashSet<uint>[] model)
    {
        addresses.BeginDump();
        for (int index = 0; index < Count; index++)
        {
            uint[] shown = [.. Enumerable.Range(0, 8).Where(_ => random.Next(2) == 0).Select(value => (uint)value)];
            bool anyGone = model[index].Except(shown).Any();
            foreach (uint value in shown)
            {
                Assert.Equal(model[index].Add(value), addresses.Add(index, new Ipv4Address(value)));
            }

            Assert.Equal(anyGone, addresses.EndDump(index));
            model[index] = [.. shown];
        }
    }

    private static void AssertEqual(HashSet<uint>[] model, InterfaceAddresses addresses)
    {
        for (int index = 0; index < Count; index++)
        {
            Assert.Equal(model[index].Order(), Of(addresses, index).Order());
            Assert.Equal(model[index].Count == 0, addresses.IsEmpty(index));
        }
    }

    private static List<uint> Of(InterfaceAddresses addresses, int index)
    {
        var list = new List<uint>();
        foreach (Ipv4Address address in addresses.Of(index))
        {
            list.Add(address.Value);
        }

        return list;
    }

    [Fact]
    public void Copy_of_another_thread_is_one_that_there_was()
    {
        // Interface 0 has addresses 1 to 8 or none of them, interface 1 any; the nodes of both are the same ones.
        var addresses = new InterfaceAddresses(2);
        bool ended = false;
        var writer = new System.Threading.Thread(() =>
        {
            while (!System.Threading.Volatile.Read(ref ended))
            {
                for (uint value = 1; value <= 8; value++)
                {
                    addresses.Add(0, new Ipv4Address(value));
                }

                addresses.Clear(0);
                for (uint value = 101; value <= 108; value++)
                {
                    addresses.Add(1, new Ipv4Address(value));
                }

                addresses.Clear(1);
            }
        });
        writer.Start();
        var copy = new Ipv4Address[16];
        int copied = 0;

        // The writer is at it nearly all the time: many tries in a row may see nothing whole.
        var watch = Stopwatch.StartNew();
        for (int tries = 0; tries < 200_000 || (copied == 0 && watch.Elapsed < TimeSpan.FromSeconds(30)); tries++)
        {
            if (addresses.TryCopy(0, copy, out int count))
            {
                copied++;

                // Added at the front, one by one; taken from the front.
                Assert.InRange(count, 0, 8);
                for (int at = 1; at < count; at++)
                {
                    Assert.Equal(copy[at - 1].Value - 1, copy[at].Value);
                }

                Assert.All(copy[..count], address => Assert.InRange(address.Value, 1u, 8u));
            }
        }

        System.Threading.Volatile.Write(ref ended, true);
        writer.Join();
        Assert.True(copied > 0);
        Assert.True(addresses.TryCopy(0, copy, out int last) && last == 0);
    }

    [Fact]
    public void Copy_has_as_many_as_there_is_room_for()
    {
        var addresses = new InterfaceAddresses(1);
        for (uint value = 1; value <= 100; value++)
        {
            addresses.Add(0, new Ipv4Address(value));
        }

        var copy = new Ipv4Address[32];
        Assert.True(addresses.TryCopy(0, copy, out int count));
        Assert.Equal(32, count);
    }
}
