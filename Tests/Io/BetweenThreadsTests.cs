using System;
using System.Linq;
using System.Threading;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>What passes between threads: the mailbox, counters, a limit for log lines.</summary>
public sealed class BetweenThreadsTests
{
    private static readonly Instant Start = new(1_000_000_000);

    [Fact]
    public void Mailbox_has_the_latest_ownership()
    {
        using var mailbox = new OwnershipMailbox(TestSettings.Read("maxvni=130"));
        Assert.Equal([], Read(mailbox));

        var serving = new VniBitmap(130);
        int[] own = [0, 1, 63, 64, 127, 128, 129];
        Array.ForEach(own, index => serving[index] = true);
        mailbox.Publish(serving, Start);
        Assert.Equal(own, Read(mailbox));
        Assert.Equal(Start, mailbox.Decided);

        serving[0] = false;
        mailbox.Publish(serving, Start + TimeSpan.FromSeconds(1));
        Assert.Equal(own[1..], Read(mailbox));
        Assert.Equal(Start + TimeSpan.FromSeconds(1), mailbox.Decided);
    }

    [Fact]
    public void Mailbox_wakes_for_all_but_a_lease()
    {
        using var mailbox = new OwnershipMailbox(TestSettings.Read("maxvni=1"));
        using var poll = new EventPoll();
        poll.Add(mailbox.Wakeup.Descriptor, 7);
        Assert.False(IsWoken());
        mailbox.Renew(Start);
        Assert.False(IsWoken());
        Assert.Equal(Start, mailbox.LeaseEnds);

        mailbox.Publish(new VniBitmap(1), Start);
        Assert.True(IsWoken());
        mailbox.Announce();
        mailbox.Announce();
        Assert.True(IsWoken());
        Assert.Equal(2, mailbox.Announcements);
        Assert.False(mailbox.Closed);
        mailbox.Close();
        Assert.True(IsWoken());
        Assert.True(mailbox.Closed);

        // Any number of signals is one.
        bool IsWoken()
        {
            var ready = new Readiness[4];
            bool woken = poll.Wait(ready, 0) == 1 && ready[0] == new Readiness(7, true, false);
            mailbox.Wakeup.Acknowledge();
            return poll.Wait(ready, 0) == 0 && woken;
        }
    }

    [Fact]
    public void Reader_never_sees_a_word_that_was_not_written()
    {
        // Each word is all or nothing; which of the two, the writer changes as fast as it can.
        var all = new VniBitmap(256);
        all.Words.Fill(ulong.MaxValue);
        var nothing = new VniBitmap(256);
        using var mailbox = new OwnershipMailbox(TestSettings.Read("maxvni=256"));
        bool ended = false;
        var writer = new Thread(() =>
        {
            while (!Volatile.Read(ref ended))
            {
                mailbox.Publish(all, Start);
                mailbox.Publish(nothing, Start);
            }
        });
        writer.Start();
        var wanted = new VniBitmap(256);
        for (int i = 0; i < 20_000; i++)
        {
            mailbox.Latest.Read(wanted);
            Assert.All(wanted.Words.ToArray(), word => Assert.True(word is 0 or ulong.MaxValue));
        }

        Volatile.Write(ref ended, true);
        writer.Join();
    }

    [Fact]
    public void After_a_change_of_VNIs_what_was_published_holds_for_those_that_stay()
    {
        using var mailbox = new OwnershipMailbox(TestSettings.Read("vnis=1-10"));
        OwnershipMailbox.Edition before = mailbox.Latest;
        var serving = new VniBitmap(10);
        Array.ForEach([1, 4, 9], index => serving[index] = true);
        mailbox.Publish(serving, Start);
        mailbox.Yield(serving);

        mailbox.Change(TestSettings.Read("vnis=4-6,10,20"));

        Assert.NotSame(before, mailbox.Latest);
        var wanted = new VniBitmap(10);
        before.Read(wanted);
        Assert.Equal(serving.Words, wanted.Words);
        var now = new VniBitmap(5);
        mailbox.Latest.Read(now);
        Assert.Equal([0b01010ul], now.Words);
        mailbox.Latest.ReadYielding(now);
        Assert.Equal([0b01010ul], now.Words);
        Assert.Equal(1, mailbox.Yields);
    }

    [Fact]
    public void Counters_count_each_for_itself()
    {
        var counters = new Counters<KernelCounter>();
        counters.Add(KernelCounter.Repairs);
        counters.Add(KernelCounter.Repairs, 41);
        counters.Add(KernelCounter.Dumps, long.MaxValue);
        Assert.Equal(
            [(KernelCounter.Dumps, long.MaxValue), (KernelCounter.Repairs, 42)],
            Enum.GetValues<KernelCounter>().Where(counter => counters[counter] > 0).Select(counter => (counter, counters[counter])));
    }

    [Fact]
    public void So_many_lines_a_minute_are_let_through()
    {
        var limit = new RateLimit(2);
        double[] seconds = [0, 30, 59.9, 60, 119, 119.9, 120, 1000];
        Assert.Equal(
            [true, true, false, true, true, false, true, true],
            seconds.Select(second => limit.Allows(Start + TimeSpan.FromSeconds(second))));
    }

    private static int[] Read(OwnershipMailbox mailbox)
    {
        var wanted = new VniBitmap(130);
        mailbox.Latest.Read(wanted);
        return [.. Enumerable.Range(0, 130).Where(index => wanted[index])];
    }
}
