using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

public sealed class DelayQueueTests
{
    [Fact]
    public void Queue_behaves_like_a_list_in_order()
    {
        const int Capacity = 12;
        for (int seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var queue = new DelayQueue(Capacity);
            var model = new List<(int Entry, Instant Due)>();
            var now = new Instant(0);
            for (int step = 0; step < 500; step++)
            {
                int entry = random.Next(Capacity);
                switch (random.Next(4))
                {
                    case 0:
                        now += TimeSpan.FromMilliseconds(random.Next(3));
                        break;
                    case 1:
                        Instant due = now + TimeSpan.FromMilliseconds(10);
                        queue.Append(entry, due);
                        model.RemoveAll(queued => queued.Entry == entry);
                        model.Add((entry, due));
                        break;
                    case 2:
                        queue.Remove(entry);
                        model.RemoveAll(queued => queued.Entry == entry);
                        break;
                    case 3:
                        bool expected = model.Count > 0 && model[0].Due <= now;
                        Assert.Equal(expected, queue.TryTake(now, out int taken));
                        if (expected)
                        {
                            Assert.Equal(model[0].Entry, taken);
                            model.RemoveAt(0);
                        }

                        break;
                }

                Assert.Equal(model.Count, queue.Count);
                Assert.Equal(model.Count == 0, queue.IsEmpty);
                Assert.Equal(model.Count == 0 ? Instant.Never : model[0].Due, queue.NextDue);
                Assert.Equal(
                    model.Select(queued => queued.Entry).Order(), Enumerable.Range(0, Capacity).Where(queue.Contains));
            }
        }
    }

    [Fact]
    public void Entry_is_taken_at_the_instant_at_which_it_is_due_and_not_before()
    {
        var queue = new DelayQueue(1);
        queue.Append(0, new Instant(10));

        Assert.False(queue.TryTake(new Instant(9), out _));
        Assert.True(queue.TryTake(new Instant(10), out int entry));
        Assert.Equal(0, entry);
        Assert.False(queue.TryTake(Instant.Never, out _));
    }
}
