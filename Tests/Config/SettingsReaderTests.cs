using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Wmgwd2.Config;
using Wmgwd2.Io;
using Xunit;

namespace Wmgwd2.Tests.Configuration;

/// <summary>The config file, the flags, and what they make together.</summary>
public sealed class SettingsReaderTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void File_has_comments_spaces_and_empty_values()
    {
        Settings settings = ReadValid("""
            # a comment, with key = value
              uid = 7  # seven
            	port=4000

            allow =
            vnis = 1-3, 5   #,7
            uid-file = /a b=c
            """);
        Assert.Equal(7ul, settings.Uid?.Value);
        Assert.Equal(4000, settings.Port);
        Assert.Empty(settings.Allow);
        Assert.Equal("1-3,5", settings.Vnis.ToString());
        Assert.Equal("/a b=c", settings.UidFile);
    }

    [Fact]
    public void All_errors_are_found_at_once_each_with_its_place() => AssertErrors(
        """
        # a file with much that is wrong
        port = 0
        interval = 5ms
        colour = red
        nonsense
        = 7
        dead-after = 3
        dead-after = 4
        """,
        ["--interval=5ms", "--uid=1", "--uid=2"],
        $"{_file}:5: 'nonsense' is no setting; expected key = value",
        $"{_file}:6: '= 7' is no setting; expected key = value",
        $"{_file}:2: port: '0' is not a UDP port from 1 to 65535",
        $"{_file}:3: interval: '5ms' is not a time from 10ms to 60s, as in 50ms or 1s",
        $"{_file}:4: unknown key 'colour'; expected one of those that wmgwd2.conf.example documents",
        $"{_file}:8: dead-after: given before, at {_file}:7; expected once",
        "--interval: '5ms' is not a time from 10ms to 60s, as in 50ms or 1s",
        "--uid: given before, at --uid; expected once");

    [Theory]
    [InlineData("/run/other.sock", "log-level = loud\nnonsense\nuid = 1\nuid = 2\ncontrol-socket = /run/other.sock\nminvni = 9\nmaxvni = 3")]
    [InlineData("/run/wmgwd2.sock", "log-level = loud")]
    [InlineData("/run/wmgwd2.sock", "nonsense")]
    [InlineData(null, "control-socket =\nlog-level = loud", "FILE:1: control-socket: '' is not a path of at most 107 bytes")]
    [InlineData(null, "control-socket = /a\nlog-level = loud\ncontrol-socket = /b", "FILE:3: control-socket: given before, at FILE:1; expected once")]
    public void Control_socket_is_found_whatever_else_is_wrong(string? expected, string content, params string[] errors)
    {
        File.WriteAllText(_file, content);
        Assert.Equal(expected, SettingsReader.ReadControlSocket(SmallFile.ConfigAt(_file), null, out IReadOnlyList<string> found));
        Assert.Equal(errors.Select(error => error.Replace("FILE", _file, StringComparison.Ordinal)), found);

        var flag = new Assignment("control-socket", "/flag", "--control-socket");
        Assert.Equal(expected == null ? null : "/flag", SettingsReader.ReadControlSocket(SmallFile.ConfigAt(_file), flag, out _));
        Assert.Equal("/flag", SettingsReader.ReadControlSocket(null, flag, out _));
        Assert.Null(SettingsReader.ReadControlSocket(null, flag with { Value = "" }, out found));
        Assert.Equal(["--control-socket: '' is not a path of at most 107 bytes"], found);
        Assert.Null(SettingsReader.ReadControlSocket(SmallFile.ConfigAt("/nonexistent/a:1"), null, out found));
        Assert.StartsWith("/nonexistent/a:1: can't be read: ", Assert.Single(found), StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_can_not_be_read_is_an_error()
    {
        foreach (string file in new[] { "/nowhere/at.all", Path.GetTempPath(), "" })
        {
            Assert.Null(SettingsReader.Read(SmallFile.ConfigAt(file), [], out IReadOnlyList<string> errors));
            Assert.StartsWith($"{file}: can't be read: ", Assert.Single(errors), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Of_what_is_no_config_at_all_errors_are_few_and_short()
    {
        string long80 = new('x', 80);
        AssertErrors(
            $"port = {new string('x', 1 << 20)}\n{new string('x', 1 << 20)}\n{new string('y', 1 << 20)} = 1", [],
            $"{_file}:2: '{long80}…' is no setting; expected key = value",
            $"{_file}:1: port: '{long80}…' is not a UDP port from 1 to 65535",
            $"{_file}:3: unknown key '{new string('y', 80)}…'; expected one of those that wmgwd2.conf.example documents");

        File.WriteAllText(_file, string.Concat(Enumerable.Repeat("x\ny = 1\n", 100_000)));
        Assert.Null(SettingsReader.Read(SmallFile.ConfigAt(_file), [], out IReadOnlyList<string> errors));
        Assert.Equal(101, errors.Count);
        Assert.Equal($"{_file}:199: 'x' is no setting; expected key = value", errors[99]);
        Assert.Equal("and 199900 more", errors[100]);
    }

    [Fact]
    public void What_terminals_obey_is_shown_and_not_passed_on() => AssertErrors(
        "port = \e[2J\n\e]0;title\a\nco\blour = red", ["--port=1\n2"],
        $@"{_file}:2: '\x1b]0;title\x07' is no setting; expected key = value",
        $@"{_file}:1: port: '\x1b[2J' is not a UDP port from 1 to 65535",
        $@"{_file}:3: unknown key 'co\x08lour'; expected one of those that wmgwd2.conf.example documents",
        @"--port: '1\n2' is not a UDP port from 1 to 65535");

    [Fact]
    public void Flags_win_over_the_file_and_the_file_over_the_defaults()
    {
        Settings settings = ReadValid("port = 4000\ndead-after = 5", "--port=5000");
        Assert.Equal(5000, settings.Port);
        Assert.Equal(5, settings.Timing.DeadAfter);
        Assert.Equal(TimeSpan.FromSeconds(1), settings.Timing.Interval);
        Assert.Equal(TimeSpan.FromSeconds(5), settings.Timing.DeadInterval);
    }

    [Theory]
    [InlineData("", "", "1-100")]
    [InlineData("minvni = 5", "", "5-100")]
    [InlineData("maxvni = 5", "--minvni=2", "2-5")]
    [InlineData("vnis = 7,9", "", "7,9")]
    [InlineData("vnis = 7,9", "--vnis=8", "8")]
    [InlineData("vnis = 7,9", "--maxvni=20", "1-20")]
    [InlineData("minvni = 5\nmaxvni = 6", "--vnis=7,9", "7,9")]
    public void Vnis_or_bounds_whichever_was_given_last(string file, string flag, string vnis) =>
        Assert.Equal(vnis, ReadValid(file, flag).Vnis.ToString());

    [Fact]
    public void Conflicts_are_errors_where_the_last_value_stands()
    {
        AssertErrors("vnis = 1-3\nminvni = 2", [],
            $"{_file}:2: vnis stands beside minvni or maxvni; expected either vnis or the other two");
        AssertErrors("", ["--maxvni=2", "--vnis=1-3", "--port=0"],
            "--port: '0' is not a UDP port from 1 to 65535",
            "--vnis: vnis stands beside minvni or maxvni; expected either vnis or the other two");
        AssertErrors("minvni = 50", ["--maxvni=10"],
            "--maxvni: minvni '50' is above maxvni '10'; expected the lower one first");
    }

    [Fact]
    public void Names_must_have_room_for_the_highest_VNI()
    {
        Assert.Equal("fits-exactly%d", ReadValid("maxvni = 999", "--interface-pattern=fits-exactly%d").InterfacePattern.ToString());
        AssertErrors("maxvni = 1000", ["--interface-pattern=fits-exactly%d"],
            "--interface-pattern: interface-pattern 'fits-exactly%d' makes 'fits-exactly1000' of VNI 1000; expected at most 15 characters");
        AssertErrors("interface-pattern = not-with-100-%d", [],
            $"{_file}:1: interface-pattern 'not-with-100-%d' makes 'not-with-100-100' of VNI 100; expected at most 15 characters");
    }

    private static Assignment[] Flags(IEnumerable<string> flags) =>
    [
        .. flags.Where(flag => flag.Length > 0)
            .Select(flag => flag.Split('=', 2))
            .Select(parts => new Assignment(parts[0][2..], parts[1], parts[0])),
    ];

    private Settings ReadValid(string file, params string[] flags)
    {
        File.WriteAllText(_file, file);
        Settings? settings = SettingsReader.Read(SmallFile.ConfigAt(_file), Flags(flags), out IReadOnlyList<string> errors);
        Assert.Equal([], errors);
        return settings!;
    }

    private void AssertErrors(string file, string[] flags, params string[] expected)
    {
        File.WriteAllText(_file, file);
        Assert.Null(SettingsReader.Read(SmallFile.ConfigAt(_file), Flags(flags), out IReadOnlyList<string> errors));
        Assert.Equal(expected, errors);
    }
}
