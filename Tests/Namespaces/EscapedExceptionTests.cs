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
            ["timeout", "5", "strace", "-e", "trace=epoll_wait", "-e", "inject=epoll_wait:error=EBADF", "-p", daemon.FindThread(thread)]);

        Assert.Equal(1, daemon.WaitForExit());
        Assert.Contains($"the {thread} thread failed", daemon.LogText);
        Assert.True(gateway.AllQuiet());
    }
}
