using System;
using System.Globalization;
using System.IO;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>What the published binary is started with may be closed, or full.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class StandardStreamsTests(ITestOutputHelper output)
{
    private static readonly string[] Plan = ["plan", "--uids", "1,2", "--minvni", "1", "--maxvni", "10"];

    public static TheoryData<string, string, string[]> Unwritable
    {
        get
        {
            var data = new TheoryData<string, string, string[]>();
            foreach ((string redirection, string error) in (ReadOnlySpan<(string, string)>)[(">/dev/full", "No space left on device (errno 28)"), (">&-", "Bad file descriptor (errno 9)")])
            {
                foreach (string[] words in (ReadOnlySpan<string[]>)
                    [["--help"], ["--version"], ["run", "--help"], Plan, [.. Plan, "--json"], ["check", "--uid", "1"]])
                {
                    data.Add(redirection, error, words);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Unwritable))]
    public void What_cannot_be_written_is_said(string redirection, string error, string[] words)
    {
        CommandResult result = Run(redirection, words);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal($"write to standard output: {error}\n", result.Errors);
    }

    [Theory]
    [InlineData("2>/dev/full")]
    [InlineData("2>&-")]
    [InlineData(">&- 2>&-")]
    public void Whom_nobody_can_tell_ends_all_the_same(string redirection)
    {
        Assert.Equal(2, Run(redirection, "run", "--colour").ExitCode);
        Assert.Equal(1, Run(redirection, "status", "--control-socket", "/nowhere").ExitCode);
    }

    [NamespaceFact]
    public void A_daemon_that_is_given_no_streams_serves_and_opens_nothing_in_their_place()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        Gateway gateway = network[1];
        Daemon daemon = gateway.StartBy(
            ["sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh"], [Binary.Path, "run", "--uid", "1", .. gateway.Usual()]);
        daemon.WaitUntilServing();
        Assert.Equal(network.Vnis, gateway.Served());
        Assert.All(Enumerable.Range(0, 3), descriptor => Assert.Contains(
            File.ResolveLinkTarget(string.Create(CultureInfo.InvariantCulture, $"/proc/{daemon.Id}/fd/{descriptor}"), false)!.FullName,

            // The runtime's own, which it opens before anything of this program runs, and reads alone.
            (string[])["/dev/null", "/dev/urandom"]));
        Assert.Equal(0, daemon.Terminate());
        Assert.True(gateway.AllQuiet());
    }

    private static CommandResult Run(string redirection, params string[] words) =>
        Command.Run(["sh", "-c", $"exec \"$@\" {redirection}", "sh", Binary.Path, .. words]);
}
