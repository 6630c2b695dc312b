using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

public sealed class VniSetTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("7", "7", 1)]
    [InlineData("1-100", "1-100", 100)]
    [InlineData("300-310,1-100,200", "1-100,200,300-310", 112)]
    [InlineData("1,2,3", "1-3", 3)] // They touch.
    [InlineData("1-5,4-9", "1-9", 9)] // They overlap.
    [InlineData("1-9,4-5", "1-9", 9)] // One lies within the other.
    [InlineData("4-5,1-9,9", "1-9", 9)]
    [InlineData("1-5,7-9", "1-5,7-9", 8)] // They don't touch.
    [InlineData("1,1,1", "1", 1)]
    [InlineData("16777215,1-16777214", "1-16777215", 16777215)]
    public void Ranges_are_merged(string ranges, string merged, int count)
    {
        VniSet set = Parse(ranges);

        Assert.Equal(merged, set.ToString());
        Assert.Equal(count, set.Count);
        Assert.Equal(count, set.Ranges.ToArray().Sum(range => range.Count));
    }

    [Theory]
    [InlineData("1-10", "", "1-10", "1-10")]
    [InlineData("", "1-10", "", "1-10")]
    [InlineData("1-10", "1-10", "", "1-10")]
    [InlineData("1-10", "1,5,10", "2-4,6-9", "1-10")]
    [InlineData("1-10,20-30", "5-25", "1-4,26-30", "1-30")]
    [InlineData("1-10,20-30", "11-19,31", "1-10,20-30", "1-31")]
    [InlineData("3,5,7", "1-6", "7", "1-7")]
    [InlineData("1-16777215", "16777215", "1-16777214", "1-16777215")]
    [InlineData("1-16777215", "1", "2-16777215", "1-16777215")]
    public void Sets_can_be_joined_and_taken_away(string one, string other, string without, string joined)
    {
        Assert.Equal(without, Parse(one).Except(Parse(other)).ToString());
        Assert.Equal(joined, Parse(one).Union(Parse(other)).ToString());
    }

    [Theory]
    [InlineData("", 3, "")]
    [InlineData("7", 3, "0:7-7")]
    [InlineData("1-3", 3, "0:1-3")]
    [InlineData("1-7,9,11-13", 3, "0:1-3 3:4-6 6:7-7 7:9-9 8:11-13")]
    [InlineData("16777214-16777215", 64, "0:16777214-16777215")]
    public void Blocks_are_no_longer_than_that_and_within_a_range(string ranges, int length, string expected)
    {
        var blocks = new List<string>();
        foreach (VniBlock block in Parse(ranges).InBlocksOf(length))
        {
            Assert.Equal(block.First, block[0]);
            blocks.Add($"{block.Index}:{block.First}-{block[block.Count - 1]}");
        }

        Assert.Equal(expected, string.Join(' ', blocks));
    }

    [Fact]
    public void Index_and_vni_are_each_others_inverse_and_agree_with_a_plain_set()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var plain = new SortedSet<uint>();
            var ranges = new List<VniRange>();
            for (int i = random.Next(1, 10); i > 0; i--)
            {
                uint first = (uint)random.Next(1, 200);
                uint last = first + (uint)random.Next(10);
                ranges.Add(new VniRange(new Vni(first), new Vni(last)));
                plain.UnionWith(Enumerable.Range((int)first, (int)(last - first + 1)).Select(value => (uint)value));
            }

            var set = new VniSet(ranges);
            uint[] sorted = [.. plain];
            Assert.Equal(sorted, Enumerable.Range(0, set.Count).Select(index => set[index].Value));
            for (uint value = 0; value < 220; value++)
            {
                Assert.Equal(plain.Contains(value) ? Array.IndexOf(sorted, value) : -1, set.IndexOf(new Vni(value)));
            }
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public void Index_outside_the_set_is_a_mistake_of_the_caller(int index) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Parse("5-6,9")[index]);

    internal static VniSet Parse(string ranges) => new(
        from range in ranges.Split(',', StringSplitOptions.RemoveEmptyEntries)
        let ends = range.Split('-').Select(uint.Parse).ToArray()
        select new VniRange(new Vni(ends[0]), new Vni(ends[^1])));
}
