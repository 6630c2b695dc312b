using System;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using Wmgwd2.Cli;
using Wmgwd2.Io;
using Xunit;

namespace Wmgwd2.Tests.Cli;

/// <summary>What a command says of daemons that answer wrongly or not at all.</summary>
public sealed class ControlAnswerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wmgwd2-test-").FullName;
    private readonly string _path;
    private readonly UnixSocket _listener = new();

    public ControlAnswerTests() => _path = Path.Combine(_folder, "control");

    public void Dispose()
    {
        _listener.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("error why\n", "why")]
    [InlineData("error über\nzwei\n\nvier\n", "über\nzwei\n\nvier")]
    [InlineData("", "the daemon gave no answer")]
    [InlineData("nonsense\n", "no answer of a daemon: 'nonsense'; expected another control-socket")]
    public void Refusal_is_said_without_the_words_of_the_protocol(string answer, string expected) =>
        Assert.Equal($"{_path}: {expected}", Refuse(client => client.Send(Encoding.UTF8.GetBytes(answer))));

    [Theory]
    [InlineData("")]
    [InlineData("error ")]
    [InlineData("error why\n")]
    public void Answer_without_an_end_is_not_read_for_ever(string begin) => Assert.Equal(
        $"{_path}: no answer of a daemon: it has no end within 65536 bytes",
        Refuse(client =>
        {
            client.Send(Encoding.UTF8.GetBytes(begin));
            try
            {
                while (client.Poll(-1, SelectMode.SelectWrite))
                {
                    client.Send("more and more"u8);
                }
            }
            catch (SocketException)
            {
                // Nobody reads.
            }
        }));

    [Fact]
    public void Answer_that_is_cut_off_is_no_whole_one()
    {
        // What was asked stays unread.
        Serve(client => client.Send("ok\nhalf"u8), read: false);
        using var answer = new ControlAnswer(_path, "status json");
        using var whole = new MemoryStream();
        ControlException error = Assert.Throws<ControlException>(() => answer.CopyTo(whole));
        Assert.Equal($"{_path}: the daemon's answer broke off: Connection reset by peer (errno 104)", error.Message);
        Assert.Equal("half", Encoding.UTF8.GetString(whole.ToArray()));
    }

    [Fact]
    public void Path_stands_once_in_what_is_said()
    {
        const string Expected = "; expected 'wmgwd2 run' with this control-socket";
        Assert.Equal($"{_path}: no daemon answers: no such socket{Expected}", Fail());
        _listener.Bind(_path);
        Assert.Equal($"{_path}: no daemon answers: Connection refused (errno 111){Expected}", Fail());
    }

    [Fact]
    public void Daemon_that_stands_still_is_one()
    {
        _listener.Bind(_path);
        _listener.Listen(1);
        Assert.Equal($"{_path}: a daemon is there and doesn't answer: 10 s were waited for it", Fail());
    }

    private string Fail() => Assert.Throws<ControlException>(() => new ControlAnswer(_path, "status json")).Message;

    private string Refuse(Action<Socket> answer)
    {
        Serve(answer, read: true);
        return Fail();
    }

    private void Serve(Action<Socket> answer, bool read)
    {
        _listener.Bind(_path);
        _listener.Listen(1);
        var server = new Thread(() =>
        {
            Socket? client;
            while ((client = _listener.Accept(out _)) == null)
            {
                Thread.Sleep(1);
            }

            client.Blocking = true;
            client.Poll(-1, SelectMode.SelectRead);
            if (read)
            {
                client.Receive(new byte[100]);
            }

            answer(client);
            client.Dispose();
        }) { IsBackground = true };
        server.Start();
    }
}
