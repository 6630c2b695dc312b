using System;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>From an interpolated string to the logger.</summary>
public sealed class LogLineTests
{
    private readonly RecordingLogger _logger = new();

    [Fact]
    public void Every_kind_of_value_is_written_as_its_text_is()
    {
        var uid = new NodeId(ulong.MaxValue);
        var vni = new Vni(Vni.Maximum);
        var address = new Ipv4Address(0xc0a80a01);
        Write(_logger, LogLevel.Warning, $"{uid} {vni} {address} {-1} {long.MaxValue} {1e21} {0.1 + 0.2} {1234.56:0.0} {"é"}.");
        Assert.Equal(
            $"Warning: {uid} {vni} {address} -1 9223372036854775807 1E+21 0.30000000000000004 1234.6 é.",
            Assert.Single(_logger.Lines));
    }

    [Fact]
    public void Nothing_is_formatted_for_a_level_that_is_not_wanted()
    {
        Write(_logger, LogLevel.Debug, $"{new Unwanted()}");
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public void Line_that_is_too_long_is_cut_and_marked()
    {
        Write(_logger, LogLevel.Information, $"{new string('é', LogLine.Limit)}, {1}");
        string line = Assert.Single(_logger.Lines)["Information: ".Length..];
        Assert.Equal(new string('é', (LogLine.Limit - 3) / 2) + "…", line);

        // The next one is another line.
        Write(_logger, LogLevel.Information, $"short");
        Assert.Equal("Information: short", _logger.Lines[1]);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(0x0a00010bu)]
    [InlineData(uint.MaxValue)]
    public void Values_of_the_core_need_as_much_room_as_their_text(uint value)
    {
        Check(new NodeId(value));
        Check(new Vni(value));
        Check(new Ipv4Address(value));
    }

    private static void Check<T>(T value)
        where T : IUtf8SpanFormattable
    {
        byte[] expected = Encoding.ASCII.GetBytes(value.ToString()!);
        byte[] room = new byte[expected.Length];
        Assert.True(value.TryFormat(room, out int length, default, null));
        Assert.Equal(expected, room[..length]);
        Assert.False(value.TryFormat(room.AsSpan(1), out _, default, null));
    }

    private static void Write(
        ILogger logger, LogLevel level, [InterpolatedStringHandlerArgument(nameof(logger), nameof(level))] ref LogLine line) =>
        line.WriteTo(logger, level, exception: null);

    private readonly struct Unwanted : IUtf8SpanFormattable
    {
        public bool TryFormat(
            Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
            throw new InvalidOperationException("Nobody wants to know.");
    }
}
