using System;
using Xunit;

namespace Wmgwd2.Tests.Cli;

/// <summary>Command lines of the first implementation, and the others, as this one's commands.</summary>
public sealed class NormalizeTests
{
    [Theory]
    [InlineData("", "run")]
    [InlineData("-uid 7", "run --uid 7")]
    [InlineData("-uid=7", "run --uid=7")]
    [InlineData("--uid 7", "run --uid 7")]
    [InlineData("--uid=7", "run --uid=7")]
    [InlineData("-uid 7 -minvni 1 -maxvni=100", "run --uid 7 --minvni 1 --maxvni=100")]
    [InlineData("--config FILE", "run --config FILE")]
    [InlineData("run -uid 7 --port 1", "run --uid 7 --port 1")]
    [InlineData("run --help", "run --help")]
    [InlineData("status", "status")]
    [InlineData("status --json -control-socket PATH", "status --json --control-socket PATH")]
    [InlineData("fence -vnis 1-3", "fence --vnis 1-3")]
    [InlineData("plan -vnis 1-3 --uids 7", "plan --vnis 1-3 --uids 7")]
    [InlineData("--help", "--help")]
    [InlineData("-h", "-h")]
    [InlineData("-?", "-?")]
    [InlineData("--version", "--version")]
    [InlineData("-nonsense 7", "-nonsense 7")]
    [InlineData("run -", "run -")]
    public void Command_line_is_normalized(string given, string normal) => Assert.Equal(
        normal, string.Join(' ', Program.Normalize(given.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
}
