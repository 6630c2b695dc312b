using System.Globalization;
using System.IO;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>An exception that escapes a thread: nothing stays up. A tracer makes the thread's next wait fail.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class EscapedExceptionTests(ITestOutputHelper output)
{
    [NamespaceTheory("strace")]
    [InlineData("cluster")]
    [InlineData("kernel")]
    public void Everything_is_let_go_of_and_the_exit_code_says_so(string thread)
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        Gateway gateway = network[1];
        Daemon daemon = gateway.Start(1);
        daemon.WaitUntilServing();

        Command.Run(
            ["timeout", "5", "strace", "-e", "trace=epoll_wait", "-e", "inject=epoll_wait:error=EBADF", "-p", FindThread(daemon, thread)]);

        Assert.Equal(1, daemon.WaitForExit());
        Assert.Contains($"the {thread} thread failed", daemon.LogText);
        Assert.True(gateway.AllQuiet());
    }

    // A thread has its name from what started it, cut to 15 characters.
    private static string FindThread(Daemon daemon, string name) => Directory
        .GetDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{daemon.Id}/task"))
        .Single(task => File.ReadAllText(Path.Combine(task, "comm")).Trim() == name)
        .Split('/')[^1];
}
