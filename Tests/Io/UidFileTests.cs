using System;
using System.IO;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>A uid that is drawn once and kept.</summary>
public sealed class UidFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wmgwd2-test-").FullName;
    private readonly RecordingLogger _logger = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Uid_is_drawn_once_and_kept()
    {
        string path = Path.Combine(_folder, "made", "for", "it", "uid");
        NodeId drawn = UidFile.ReadOrDraw(path, _logger);
        Assert.NotEqual(0ul, drawn.Value);
        Assert.Equal($"{drawn}\n", File.ReadAllText(path));
        Assert.Equal([$"Information: the uid {drawn} was drawn at random and written to {path}"], _logger.Lines);

        Assert.Equal(drawn, UidFile.ReadOrDraw(path, _logger));
        Assert.Single(_logger.Lines);
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
        Assert.NotEqual(drawn, UidFile.ReadOrDraw(path + "2", _logger));
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData(" 0xff \n\n", 255)]
    public void Uid_that_is_there_is_read(string text, ulong uid)
    {
        string path = Path.Combine(_folder, "uid");
        File.WriteAllText(path, text);
        Assert.Equal(uid, UidFile.ReadOrDraw(path, _logger).Value);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("0", "0")]
    [InlineData("seven", "seven")]
    [InlineData("7\n8\n", @"7\n8")]
    [InlineData("\e[2J", @"\x1b[2J")]
    public void Anything_else_is_an_error_and_stays_as_it_is(string text, string shown)
    {
        string path = Path.Combine(_folder, "uid");
        File.WriteAllText(path, text);
        var error = Assert.Throws<InvalidDataException>(() => UidFile.ReadOrDraw(path, _logger));
        Assert.Equal(
            $"{path}:1: '{shown}' is not a number from 1 to 18446744073709551615, decimal or 0x hex; "
                + "remove the file to have one drawn",
            error.Message);
        Assert.Equal(text, File.ReadAllText(path));
    }

    [Fact]
    public void Where_it_can_not_be_written_it_is_for_this_run_only()
    {
        // Below a file nobody can make a folder, not even root.
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        string path = Path.Combine(_folder, "file", "uid");
        NodeId drawn = UidFile.ReadOrDraw(path, _logger);
        Assert.NotEqual(0ul, drawn.Value);
        Assert.StartsWith(
            $"Warning: the uid {drawn} was drawn at random for this run only: {path} can't be written: ",
            Assert.Single(_logger.Lines), StringComparison.Ordinal);
        Assert.NotEqual(drawn, UidFile.ReadOrDraw(path, _logger));
    }
}
