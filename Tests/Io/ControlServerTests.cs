using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading;
using Microsoft.Extensions.Logging.Abstractions;
using Wmgwd2.Core;
using Wmgwd2.Interop;
using Wmgwd2.Io;
using Wmgwd2.Status;
using Wmgwd2.Tests.Namespaces;
using Wmgwd2.Tests.Status;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>The control socket as its clients see it, friendly ones and others.</summary>
public sealed class ControlServerTests : IDisposable
{
    // About 7 MB of JSON.
    private const int ManyVnis = 50_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("wmgwd2-test-").FullName;
    private readonly string _path;
    private StatusSnapshot _status = Snapshots.Active;
    private ControlServer? _server;
    private Thread? _thread;

    public ControlServerTests() => _path = Path.Combine(_folder, "control");

    public void Dispose()
    {
        Stop();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Status_is_answered_as_text_and_as_json()
    {
        Start();
        Assert.Equal("ok\n" + StatusText.Render(_status, 80), Ask("status text 80\n"));
        Assert.Equal("ok\n" + StatusText.Render(_status, 100), Ask("status text 100\r\n"));
        string json = Ask("status json\n");
        Assert.StartsWith("ok\n{", json, StringComparison.Ordinal);
        Assert.Equal("active", (string?)JsonNode.Parse(json[3..])!["state"]);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("stop\n")]
    [InlineData("status\n")]
    [InlineData("status json 1\n")]
    [InlineData("status text\n")]
    [InlineData("status text 0\n")]
    [InlineData("status text -5\n")]
    [InlineData("status text 99999999999\n")]
    [InlineData("status text 80 0\n")]
    [InlineData("status text 80 24 24\n")]
    [InlineData("status text 80 colour\n")]
    [InlineData("status text color\n")]
    [InlineData("status vni\n")]
    [InlineData("status vni 1\n")]
    [InlineData("status vni -1 json\n")]
    [InlineData("status vni 1 text\n")]
    [InlineData("status vni 1 text 0\n")]
    [InlineData("status vni 1 json 80\n")]
    [InlineData("status prometheus all\n")]
    [InlineData("monitor\n")]
    [InlineData("monitor xml\n")]
    [InlineData("monitor json all\n")]
    [InlineData("STATUS JSON\n")]
    [InlineData("\0\u00ff\ud83d\ude00 \u0001\n")]
    public void Anything_else_is_an_error(string request)
    {
        Start();
        Assert.StartsWith("error unknown request; expected 'status json', ", Ask(request), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(100_000)]
    public void Line_that_is_too_long_is_an_error(int length)
    {
        Start();
        Assert.Equal("error a request is one line of at most 128 bytes\n", Ask(new string('x', length)));
        Assert.StartsWith("error unknown request", Ask(new string('x', 127) + "\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Reload_answers_with_what_changed_or_with_what_is_wrong()
    {
        Start();
        Assert.Equal("ok\na: 1 -> 2\nb: 3 -> 4\n", Ask("reload\n"));
        _status = Large();
        Assert.Equal("error the config is not taken over:\na: 1 -> 2\nb: 3 -> 4\n", Ask("reload\n"));
    }

    [Fact]
    public void Drain_answers_with_what_there_is_to_know_of_it()
    {
        Start();
        Assert.Equal("ok\nno peer is alive\n", Ask("drain\n"));
        Assert.Equal("ok\n", Ask("undrain\n"));
    }

    [Fact]
    public void One_VNI_metrics_and_colours_are_answered()
    {
        Start();
        var vni = new VniExplanation(_status, 5);
        Assert.Equal("ok\n" + VniText.Render(vni, 80), Ask("status vni 200 text 80\n"));
        Assert.Equal("ok\n" + VniText.Render(vni, 80, Palette.Coloured), Ask("status vni 200 text 80 color\n"));
        Assert.StartsWith("ok\n{\"vni\":200,", Ask("status vni 200 json\n"), StringComparison.Ordinal);
        Assert.Equal("error VNI 6 is not configured; expected one of 1-5,200\n", Ask("status vni 6 json\n"));
        Assert.Equal("ok\n" + StatusText.Render(_status, 80, 12, Palette.Coloured), Ask("status text 80 12 color\n"));
        Assert.StartsWith("ok\n# HELP wmgwd2_info ", Ask("status prometheus\n"), StringComparison.Ordinal);
        Assert.Contains("wmgwd2_vni_served{vni=\"200\"} 1\n", Ask("status prometheus per-vni\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Those_who_follow_are_limited_and_keep_nobody_out()
    {
        Start();
        List<Socket> followers = [.. Enumerable.Range(0, 16).Select(_ => Connect())];
        foreach (Socket follower in followers)
        {
            follower.Send("monitor json\n"u8);
            Assert.Equal((byte)'o', ReadByte(follower));
        }

        Assert.StartsWith("error too many follow already", Ask("monitor text\n"), StringComparison.Ordinal);

        // As many as may ask, twice, say nothing; nobody who follows has to make room.
        List<Socket> silent = [.. Enumerable.Range(0, 128).Select(_ => Connect())];
        Assert.StartsWith("ok\n", Ask("status text 80\n"), StringComparison.Ordinal);
        Assert.All(followers, follower => Assert.True(!follower.Poll(0, SelectMode.SelectRead) || follower.Available > 0));

        // One that has gone makes room for another.
        followers[0].Dispose();
        Eventually.Holds("room", () =>
        {
            using Socket next = Connect();
            next.Send("monitor text no-initial\n"u8);
            return ReadByte(next) == 'o';
        });
        followers.ForEach(follower => follower.Dispose());
        silent.ForEach(client => client.Dispose());
    }

    [Fact]
    public void Clients_have_their_time_and_no_more_whatever_they_do_but_for_those_who_follow()
    {
        _status = Large();
        Start(TimeSpan.FromMilliseconds(300));
        using Socket silent = Connect();
        using Socket slow = Connect();
        using Socket deaf = Connect();
        using Socket follower = Connect();
        deaf.Send("status json\n"u8);
        follower.Send("monitor json\n"u8);
        Assert.Throws<SocketException>(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                slow.Send("s"u8);
                Thread.Sleep(50);
            }
        });
        Assert.Equal("", ReadAll(silent));
        Assert.DoesNotContain("}\n", ReadAll(deaf, out bool reset), StringComparison.Ordinal);
        Assert.True(reset, "what is cut off looks like an end");
        Assert.Equal((byte)'o', ReadByte(follower));
        Assert.False(follower.Poll(0, SelectMode.SelectError));
        Stop();
        Assert.EndsWith("\"event\":\"ended\"}\n", ReadAll(follower), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_follows_is_told_the_end()
    {
        Start();
        using Socket follower = Connect();
        follower.Send("monitor text no-initial\n"u8);
        Assert.Equal((byte)'o', ReadByte(follower));
        Stop();
        Assert.EndsWith("Z the daemon ends\n", ReadAll(follower, out bool reset), StringComparison.Ordinal);
        Assert.False(reset);
    }

    [Fact]
    public void Request_may_come_byte_by_byte_or_with_more_behind_it()
    {
        Start();
        using Socket client = Connect();
        foreach (byte letter in "status json\n"u8.ToArray())
        {
            client.Send([letter]);
        }

        Assert.StartsWith("ok\n{", ReadAll(client, out bool reset), StringComparison.Ordinal);
        Assert.False(reset);
        Assert.StartsWith("ok\n{", Ask("status json\nstatus json\nand so on"), StringComparison.Ordinal);
    }

    [Fact]
    public void Client_that_goes_away_harms_nobody()
    {
        _status = Large();
        Start();
        Connect().Dispose();
        foreach (string request in new[] { "", "stat", "status json\n" })
        {
            using Socket client = Connect();
            client.Send(Encoding.UTF8.GetBytes(request));
            client.Close();
        }

        Assert.StartsWith("ok\n", Ask("status text 80\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Client_that_does_not_read_its_huge_answer_holds_up_nobody_and_gets_it_whole_when_it_reads()
    {
        _status = Large();
        Start();
        using Socket slow = Connect();
        slow.Send("status json\n"u8);
        for (int i = 0; i < 10; i++)
        {
            Assert.StartsWith("ok\n", Ask("status text 80\n"), StringComparison.Ordinal);
        }

        Assert.Equal(ManyVnis, JsonNode.Parse(ReadAll(slow)[3..])!["vnis"]!.AsArray().Count);
    }

    [Fact]
    public void Clients_that_say_nothing_keep_nobody_out()
    {
        Start();
        List<Socket> silent = [.. Enumerable.Range(0, 200).Select(_ => Connect())];
        Assert.StartsWith("ok\n", Ask("status text 80\n"), StringComparison.Ordinal);

        // Those that came first had to make room.
        Assert.Equal("", ReadAll(silent[0]));
        silent.ForEach(client => client.Dispose());
        Assert.StartsWith("ok\n", Ask("status text 80\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Group_may_ask_and_others_may_not_and_nothing_is_left_behind()
    {
        Start();
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite,
            File.GetUnixFileMode(_path));
        Stop();
        Assert.False(File.Exists(_path));
    }

    [Fact]
    public void Stale_socket_is_replaced()
    {
        using (Socket stale = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // The library removes a socket's file by the name that it was bound to.
            stale.Bind(new UnixDomainSocketEndPoint(_path + ".bound"));
            File.Move(_path + ".bound", _path);
        }

        Assert.True(File.Exists(_path));
        Start();
        Assert.StartsWith("ok\n", Ask("status text 80\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Live_socket_is_not_replaced()
    {
        Start();
        AssertRefused($"{_path}: another daemon answers there; expected a control-socket of its own for each");
        Assert.StartsWith("ok\n", Ask("status text 80\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_socket_is_not_replaced()
    {
        File.WriteAllText(_path, "precious");
        AssertRefused($"{_path}: ");
        Assert.Equal("precious", File.ReadAllText(_path));

        File.Delete(_path);
        Directory.CreateDirectory(_path);
        AssertRefused($"{_path}: ");
        Directory.Delete(_path);

        File.WriteAllText(_path + ".link", "precious");
        File.CreateSymbolicLink(_path, _path + ".link");
        AssertRefused($"{_path}: ");
        Assert.Equal("precious", File.ReadAllText(_path));
    }

    [Fact]
    public void Socket_of_a_daemon_that_is_stopped_and_has_no_room_is_not_replaced_and_not_waited_for()
    {
        using var stopped = new UnixSocket();
        stopped.Bind(_path);
        stopped.Listen(0);
        var waiting = new List<UnixSocket>();
        int errno;
        do
        {
            waiting.Add(new UnixSocket());
            errno = waiting[^1].Connect(_path);
        }
        while (errno == 0);
        Assert.Equal(Errno.EAGAIN, errno);

        var start = new Thread(() => AssertRefused($"{_path}: another daemon answers there")) { IsBackground = true };
        start.Start();
        Assert.True(start.Join(TimeSpan.FromSeconds(10)), "it waits");
        waiting.ForEach(socket => socket.Dispose());
        Assert.True(File.Exists(_path));
    }

    [Fact]
    public void What_the_kernel_says_is_said()
    {
        string path = Path.Combine(_folder, "missing", "control");
        AssertRefused($"{path}: the control socket can't be opened: bind: No such file or directory (errno 2)", path);
        path = "/proc/wmgwd2-control";
        AssertRefused($"{path}: the control socket can't be opened: bind: No such file or directory (errno 2)", path);
        path = Path.Combine(_folder, new string('p', 300));
        AssertRefused($"{path}: ", path);
        path = _folder;
        AssertRefused($"{path}: is there and is no socket", path);
        path = Path.Combine(_folder, "dangling");
        File.CreateSymbolicLink(path, Path.Combine(_folder, "nowhere"));
        AssertRefused($"{path}: is there and is no socket", path);
    }

    private static string ReadAll(Socket client) => ReadAll(client, out _);

    /// <summary>Reads to the end.</summary>
    /// <param name="client">A client.</param>
    /// <param name="reset">Whether that was none.</param>
    private static string ReadAll(Socket client, out bool reset)
    {
        reset = false;
        using var all = new MemoryStream();
        byte[] buffer = new byte[100_000];
        try
        {
            for (int length; (length = client.Receive(buffer)) > 0;)
            {
                all.Write(buffer, 0, length);
            }
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            // What the server has not read is thrown away with the connection.
            reset = true;
        }

        return Encoding.UTF8.GetString(all.ToArray());
    }

    private static byte ReadByte(Socket client)
    {
        byte[] one = new byte[1];
        Assert.Equal(1, client.Receive(one));
        return one[0];
    }

    private static StatusSnapshot Large() => Snapshots.Active with
    {
        Vnis = Snapshots.Vnis($"1-{ManyVnis}"),
        Owners = new ushort[ManyVnis],
        StatusOf = _ => Snapshots.Serving,
    };

    private void Start(TimeSpan? clientTime = null)
    {
        _server = new ControlServer(_path, new Controlled(() => _status), NullLogger.Instance)
        {
            ClientTime = clientTime ?? TimeSpan.FromSeconds(10),
        };
        _thread = new Thread(() => _server.ServeUntilWoken(Instant.Never)) { IsBackground = true };
        _thread.Start();
    }

    private void Stop()
    {
        _server?.Wakeup.Signal();
        _thread?.Join();
        _server?.Dispose();
        _server = null;
    }

    private Socket Connect()
    {
        var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 5000 };
        client.Connect(new UnixDomainSocketEndPoint(_path));
        return client;
    }

    private string Ask(string request)
    {
        using Socket client = Connect();
        try
        {
            client.Send(Encoding.UTF8.GetBytes(request));
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.Shutdown or SocketError.ConnectionReset)
        {
            // Refused before all of it was said.
        }

        return ReadAll(client);
    }

    private void AssertRefused(string message, string? path = null)
    {
        Exception error = Assert.ThrowsAny<IOException>(
            () => new ControlServer(path ?? _path, new Controlled(() => _status), NullLogger.Instance));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    private sealed class Controlled(Func<StatusSnapshot> takeStatus) : IControlled
    {
        public StatusSnapshot TakeStatus() => takeStatus();

        public string RequestDrain(bool drain) => drain ? "no peer is alive\n" : "";

        public bool TryReload(out string report)
        {
            report = "a: 1 -> 2\nb: 3 -> 4\n";
            return takeStatus() == Snapshots.Active;
        }

        public EventFeed Events { get; } = new();

        public KernelView View { get; } = new(Snapshots.Active.Vnis, new InterfaceReconciler(
            Snapshots.Active.Vnis.Count, TimeSpan.FromMinutes(1), MonotonicClock.Now));

        public string? Describe(GatewayFaults faults) => FaultText.Describe(faults, null, null);
    }
}
