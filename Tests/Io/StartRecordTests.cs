using System;
using System.IO;
using System.Linq;
using Wmgwd2.Config;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Xunit;

namespace Wmgwd2.Tests.Io;

public sealed class StartRecordTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wmgwd2-tests-").FullName;

    private string Record => StartRecord.PathOf(With("vnis=1"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Who_starts_again_and_again_waits_longer_each_time()
    {
        double[] waits = [.. Enumerable.Range(0, 9).Select(start => Start(at: 10 * start))];
        Assert.Equal([0, 0, 3, 6, 12, 24, 48, 60, 60], waits);
    }

    [Fact]
    public void Who_ran_long_enough_comes_back_at_once()
    {
        Assert.Equal([0, 0, 3, 6], new double[] { 0, 1, 2, 3 }.Select(Start));

        // 120 s, after the 6 s that it waited.
        Assert.Equal([12, 0, 0, 3], new double[] { 128, 273, 274, 275 }.Select(Start));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("5")]
    [InlineData("5 x")]
    [InlineData("99999999999999999999 0")]
    [InlineData("0 9223372036854775807")]
    [InlineData("900000000000 30000000")]
    public void A_record_that_is_none_or_of_another_boot_is_no_start(string content)
    {
        File.WriteAllText(Record, content);
        Assert.Equal(0, Start(5));
        Assert.Equal(0, Start(6));
        Assert.Equal(3, Start(7));
    }

    [Fact]
    public void Where_nothing_can_be_written_there_is_no_wait()
    {
        using var record = new StartRecord(Path.Combine(_folder, "missing", "started"));
        Assert.Equal(TimeSpan.Zero, record.NoteStart(With("vnis=1"), new Instant(5)));
        record.NoteVnis(With("vnis=2").Vnis);
        record.NoteEnd();
    }

    [Fact]
    public void What_may_be_up_and_is_not_configured_any_more_is_found()
    {
        Assert.Null(StartRecord.FindForgotten(With("vnis=1")));
        using (var record = new StartRecord(Record))
        {
            record.NoteStart(With("vnis=1-10,16777215"), new Instant(5));
            Assert.Null(Find("vnis=1-16777215"));
            Assert.Equal("vrrp4-%d: 1-3,5-10", Find("vnis=4,16777215"));
            Assert.Equal("vrrp4-%d: 1-10,16777215", Find("vnis=1-16777215", "interface-pattern=gw%d"));

            // Read again, those that it no longer has too: it may have been in the way of holding them down.
            record.NoteVnis(With("vnis=12-13").Vnis);
            Assert.Equal("vrrp4-%d: 1-10,16777215", Find("vnis=12-13"));
            Assert.Equal("vrrp4-%d: 12-13", Find("vnis=1-11,16777215"));
        }

        // Whoever starts next has fenced all that, and remembers its own alone; a start that is soon waits all the same.
        using (var record = new StartRecord(Record))
        {
            Assert.Equal(TimeSpan.Zero, record.NoteStart(With("vnis=7", "interface-pattern=gw%d"), new Instant(6)));
            Assert.Equal("gw%d: 7", Find("vnis=8", "interface-pattern=gw%d"));
            record.NoteEnd();
            Assert.Null(Find("vnis=8"));
        }

        Assert.Equal(3, Start(7));
    }

    [Theory]
    [InlineData("5 0")]
    [InlineData("5 0\n")]
    [InlineData("5 0\nvrrp4-%d")]
    [InlineData("5 0\nvrrp4-%d 0")]
    [InlineData("5 0\nvrrp4 1-3")]
    [InlineData("5 0\nvrrp4-%d 1-3 x")]
    [InlineData("vrrp4-%d 1-3\n5 0")]
    public void A_record_that_names_no_interfaces_is_of_none(string content)
    {
        File.WriteAllText(Record, content);
        Assert.Null(Find("vnis=9"));
    }

    private Settings With(params string[] flags) =>
        TestSettings.Read([.. flags, $"control-socket={Path.Combine(_folder, "control")}"]);

    private string? Find(params string[] flags) => StartRecord.FindForgotten(With(flags)) is var (pattern, vnis) ? $"{pattern}: {vnis}" : null;

    private double Start(double at)
    {
        using var record = new StartRecord(Record);
        return record.NoteStart(With("vnis=1"), new Instant(0) + TimeSpan.FromSeconds(at)).TotalSeconds;
    }

    private double Start(int at) => Start((double)at);
}
