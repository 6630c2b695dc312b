using System;
using System.Linq;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

public sealed class VniBitmapTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(63, 1)]
    [InlineData(64, 1)]
    [InlineData(65, 2)]
    [InlineData(200, 4)]
    public void Bitmap_behaves_like_an_array_of_bools(int count, int words)
    {
        var random = new Random(count);
        var bitmap = new VniBitmap(count);
        var model = new bool[count];
        Assert.Equal(words, bitmap.Words.Length);
        for (int step = 0; step < 300; step++)
        {
            if (count > 0)
            {
                int index = random.Next(count);
                bitmap[index] = model[index] = random.Next(2) == 0;
            }

            Assert.Equal(model, Enumerable.Range(0, count).Select(index => bitmap[index]));
            Assert.Equal(model.Count(set => set), bitmap.Count);
            for (int start = 0; start <= count + 64; start++)
            {
                Assert.Equal(start < count ? Array.IndexOf(model, true, start) : -1, bitmap.NextSet(start));
            }
        }

        bitmap.Clear();
        Assert.Equal((0, -1), (bitmap.Count, bitmap.NextSet(0)));
    }

    [Fact]
    public void Bit_of_an_index_has_its_place_in_the_words()
    {
        var bitmap = new VniBitmap(130) { [0] = true, [65] = true, [127] = true, [129] = true };

        Assert.Equal([1ul, (1ul << 1) | (1ul << 63), 1ul << 1], bitmap.Words.ToArray());
    }
}
