using System;
using System.IO;
using System.Linq;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Xunit;

namespace Wmgwd2.Tests.Io;

public sealed class StartRecordTests : IDisposable
{
    private static readonly GatewayTiming Timing = new(TimeSpan.FromSeconds(1), 3);

    private readonly string _folder = Directory.CreateTempSubdirectory("wmgwd2-tests-").FullName;

    private string Record => Path.Combine(_folder, "started");

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
    public void Where_nothing_can_be_written_there_is_no_wait() => Assert.Equal(
        TimeSpan.Zero, StartRecord.Update(Path.Combine(_folder, "missing", "started"), Timing, new Instant(5)));

    private double Start(double at) =>
        StartRecord.Update(Record, Timing, new Instant(0) + TimeSpan.FromSeconds(at)).TotalSeconds;

    private double Start(int at) => Start((double)at);
}
