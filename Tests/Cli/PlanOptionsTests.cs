using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using Wmgwd2.Cli;
using Wmgwd2.Core;
using Wmgwd2.Status;
using Xunit;

namespace Wmgwd2.Tests.Cli;

/// <summary>The flags of <c>wmgwd2 plan</c>: what they mean, and what is said of wrong ones.</summary>
public sealed class PlanOptionsTests
{
    private const string Number = "a number from 1 to 18446744073709551615, decimal or 0x hex";
    private const string Uid = Number + "; expected a list of those, as in 7,8,0x9";

    [Theory]
    [InlineData("", "--uids: missing; expected the uids of the gateways, as in 7,8,0x9, or --pick N to have some drawn")]
    [InlineData("--uids 1,0", "--uids: '0' is not " + Uid)]
    [InlineData("--uids 1,seven,2", "--uids: 'seven' is not " + Uid)]
    [InlineData("--uids 1,,2", "--uids: '' is not " + Uid)]
    [InlineData("--uids 1,18446744073709551616", "--uids: '18446744073709551616' is not " + Uid)]
    [InlineData("--uids 10,0xA", "--uids: '0xA' is given twice; expected each gateway's own uid")]
    [InlineData("--uids 1,2 --join 3,2", "--join: '2' is in --uids too; expected gateways that are not there yet")]
    [InlineData("--uids 1,2 --join 3,3", "--join: '3' is given twice; expected each gateway's own uid")]
    [InlineData("--uids 1,2 --join x", "--join: 'x' is not " + Uid)]
    [InlineData("--join 3", "--uids: missing; expected the uids of the gateways, as in 7,8,0x9, or --pick N to have some drawn")]
    [InlineData("--pick 0", "--pick: '0' is not a number from 1 to 256")]
    [InlineData("--pick 257", "--pick: '257' is not a number from 1 to 256")]
    [InlineData("--pick few", "--pick: 'few' is not a number from 1 to 256")]
    [InlineData("--pick 256 --uids 1", "--pick: '256' makes 257 gateways in all; expected at most 256")]
    [InlineData("--uids 1 --pick 2 --join 3", "--join: '3' stands beside --pick; expected one of the two")]
    [InlineData("--pick 2 --seed 0", "--seed: '0' is not " + Number)]
    [InlineData("--uids 1 --seed 5", "--seed: '5' stands without --pick; expected both or neither")]
    [InlineData("--pick 2 --show 5", "--show: '5' stands beside --pick; expected all, or --uids with the uids drawn")]
    [InlineData("--uids 1 --show 5-3", "--show: '5-3' is neither all nor VNIs from 1 to 16777215 and ranges of them, the lower end first, as in 1-100,200,300-310")]
    [InlineData("--uids 1 --show 100-101", "--show: '100-101' is not among the VNIs of this plan; expected some of 1-100")]
    [InlineData("--uids 1 --show 5-10 --vnis 1-5,10-14", "--show: '5-10' is not among the VNIs of this plan; expected some of 1-5,10-14")]
    [InlineData("--uids 1 --show 7 --vnis 1-5,10-14", "--show: '7' is not among the VNIs of this plan; expected some of 1-5,10-14")]
    [InlineData("--uids 1 --vnis 0", "--vnis: '0' is not VNIs from 1 to 16777215 and ranges of them, the lower end first, as in 1-100,200,300-310")]
    [InlineData("--uids 1 --interval 5ms", "--interval: '5ms' is not a time from 10ms to 60s, as in 50ms or 1s")]
    [InlineData("--uids 1 --minvni 9 --maxvni 3", "--maxvni: minvni '9' is above maxvni '3'; expected the lower one first")]
    [InlineData("--uids 1 --config /nonexistent/wmgwd2.conf", "/nonexistent/wmgwd2.conf: can't be read")]
    public void Wrong_flags_are_named_with_value_and_what_was_expected(string line, string expected)
    {
        (PlanRequest? request, string errors) = Read(line);
        Assert.Null(request);
        Assert.StartsWith(expected, errors);
        Assert.Single(errors, letter => letter == '\n');
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        (_, string errors) = Read("--uids 0,x,1,1 --join 1 --pick 0 --show 5-3 --vnis 0");
        Assert.Equal(7, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void More_gateways_than_there_can_be_are_refused()
    {
        string most = string.Join(',', Enumerable.Range(1, 256));
        Assert.Equal(256, Read($"--uids {most}").Request!.Gateways.Length);
        Assert.Equal(
            $"--uids: '{most[..60]}…' makes 257 gateways in all; expected at most 256\n", Read($"--uids {most},257").Errors);
        Assert.Equal("--join: '257' makes 257 gateways in all; expected at most 256\n", Read($"--uids {most} --join 257").Errors);
    }

    [Fact]
    public void Values_arrive()
    {
        PlanRequest request = Read("--uids 7,0x10 --join 3,2 --vnis 5-9 --interval 50ms --dead-after 5 --handover-lead 0ms "
            + "--show 6,8 --json").Request!;
        Assert.Equal([new NodeId(7), new NodeId(16)], request.Gateways);
        Assert.Equal([new NodeId(3), new NodeId(2)], request.Joiners);
        Assert.Equal("5-9", request.Settings.Vnis.ToString());
        Assert.Equal(TimeSpan.FromMilliseconds(250), request.Settings.Timing.DeadInterval);
        Assert.Equal("6,8", request.Shown!.ToString());
        Assert.True(request.Json);
        Assert.False(request.ShowAll);
        Assert.Null(request.Seed);

        PlanRequest pick = Read("--uids 7 --pick 2 --seed 0x10 --show all").Request!;
        Assert.Equal((2, 16ul, true), (pick.Pick, pick.Seed, pick.ShowAll));
        Assert.Null(pick.Shown);
        Assert.Equal("1-100", pick.Settings.Vnis.ToString());
    }

    [Theory]
    [InlineData("LANG=en_US.UTF-8 TERM=xterm", true, true, true)]
    [InlineData("LANG=en_US.utf8 TERM=xterm", true, true, true)]
    [InlineData("LANG=en_US.UTF-8 TERM=xterm", false, true, false)]
    [InlineData("LANG=C TERM=xterm", true, false, true)]
    [InlineData("TERM=xterm", true, false, true)]
    [InlineData("LANG=en_US.UTF-8 LC_ALL=C TERM=xterm", true, false, true)]
    [InlineData("LANG=C LC_CTYPE=C.UTF-8 TERM=xterm", true, true, true)]
    [InlineData("LANG=en_US.UTF-8 LC_ALL= TERM=xterm", true, true, true)]
    [InlineData("LANG=en_US.UTF-8 TERM=linux", true, false, true)]
    [InlineData("LANG=en_US.UTF-8 TERM=dumb", true, false, false)]
    [InlineData("LANG=en_US.UTF-8", true, true, false)]
    [InlineData("LANG=C.UTF-8 TERM=xterm NO_COLOR=1", true, true, false)]
    [InlineData("LANG=C.UTF-8 TERM=xterm NO_COLOR=", true, true, true)]
    public void Bars_and_colours_follow_the_environment(string environment, bool terminal, bool unicode, bool color)
    {
        var variables = environment.Split(' ').Select(each => each.Split('=')).ToDictionary(each => each[0], each => each[1]);
        PlanStyle style = PlanOutput.ChooseStyle(99, terminal, variables.GetValueOrDefault);
        Assert.Equal((99, unicode, color ? Palette.Coloured : Palette.Plain), (style.Columns, style.Unicode, style.Palette));
    }

    [Fact]
    public void Progress_is_drawn_from_one_second_on_and_removed()
    {
        long now = 5000;
        var drawn = new StringWriter();
        using (var bar = new ProgressBar(drawn, terminal: true, () => now))
        {
            now += 999;
            bar.Report(1, 100);
            Assert.Equal("", drawn.ToString());
            now += 1;
            bar.Report(50, 100);
            bar.Report(51, 100);
            Assert.Equal("\r[####################....................]  50 %", drawn.ToString());
            now += 100;
            bar.Report(100, 100);
        }

        Assert.EndsWith("\r[########################################] 100 %\r\e[K", drawn.ToString());
    }

    [Theory]
    [InlineData(true, 900)]
    [InlineData(false, 9000)]
    public void What_is_quick_or_no_terminal_shows_no_progress(bool terminal, int milliseconds)
    {
        long now = 0;
        var drawn = new StringWriter();
        using (var bar = new ProgressBar(drawn, terminal, () => now))
        {
            now = milliseconds;
            bar.Report(1, 2);
        }

        Assert.Equal("", drawn.ToString());
    }

    private static (PlanRequest? Request, string Errors) Read(string line)
    {
        var command = new Command("plan");
        var options = new PlanOptions(command);
        var errors = new StringWriter();
        PlanRequest? request = options.Read(command.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)), errors);
        return (request, errors.ToString());
    }
}
