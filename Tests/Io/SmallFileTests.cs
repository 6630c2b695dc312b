using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Wmgwd2.Config;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Wmgwd2.Tests.Namespaces;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>Files that somebody names, and what else may be there: nothing takes long, nothing takes much.</summary>
public sealed class SmallFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wmgwd2-tests-").FullName;

    private string Place => Path.Combine(_folder, "file");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("grüße\n")]
    public void A_file_is_read_whole(string text)
    {
        File.WriteAllText(Place, text);
        Assert.Equal(text, SmallFile.Read(Place, 10));
        File.WriteAllText(Place, text, System.Text.Encoding.UTF8);
        Assert.Equal(text, SmallFile.Read(Place, 13));
        File.WriteAllText(Place, new string('x', 100_000));
        Assert.Equal(100_000, SmallFile.Read(Place, 100_000)!.Length);
    }

    [Fact]
    public void What_the_kernel_shows_as_a_file_of_no_length_is_read_too() =>
        Assert.StartsWith("Name:\t", SmallFile.Read("/proc/self/status", 100_000));

    [Fact]
    public void Nothing_and_the_empty_device_are_told_apart()
    {
        Assert.Null(SmallFile.Read(Place, 10));
        Assert.Null(SmallFile.Read("/dev/null/file", 10));
        Assert.Equal("", SmallFile.Read("/dev/null", 10));
    }

    [Fact(Timeout = 20_000)]
    public Task What_is_no_small_file_is_said_to_be_none_at_once() => OnItsOwnThread(() =>
    {
        File.WriteAllText(Place, new string('x', 11));
        AssertFailure("it is 11 bytes long; expected at most 10", Place);
        using (var sparse = new FileStream(Place, FileMode.Open))
        {
            sparse.SetLength(1L << 40);
        }

        AssertFailure("it is 1099511627776 bytes long; expected at most 10", Place);
        AssertFailure("it goes on after 10 bytes; expected no more", "/proc/self/status");
        AssertFailure("it is a folder; expected a file", _folder);
        AssertFailure("it is no regular file, but a device", "/dev/zero");
        AssertFailure("it is no regular file, but a pipe; that is read at a start alone", MakePipe("pipe"));
        using var socket = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        string path = Path.Combine(_folder, "socket");
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
        AssertFailure("it is no regular file, but a socket or a device", path);
    });

    [Fact(Timeout = 20_000)]
    public Task A_pipe_is_read_until_its_writer_ends() => OnItsOwnThread(() =>
    {
        string pipe = MakePipe("pipe");
        using Process writer = Process.Start("sh", ["-c", $"sleep 0.3; (echo one; sleep 0.3; head -c 200000 /dev/zero; echo two; sleep 0.3) >{pipe}"]);
        string text = SmallFile.Read(pipe, 1 << 20, TimeSpan.FromSeconds(15))!;
        Assert.Equal(200_008, text.Length);
        Assert.EndsWith("two\n", text, StringComparison.Ordinal);
        writer.WaitForExit();
    });

    [Fact(Timeout = 20_000)]
    public Task A_pipe_is_waited_for_so_long_and_read_so_far() => OnItsOwnThread(() =>
    {
        string pipe = MakePipe("pipe");
        var error = Assert.Throws<IOException>(() => SmallFile.Read(pipe, 10, TimeSpan.FromMilliseconds(200)));
        Assert.Contains("has not come to an end", error.Message, StringComparison.Ordinal);

        // Whoever writes without an end, fast or slowly.
        using Process endless = Process.Start("sh", ["-c", $"exec cat /dev/zero >{pipe}"]);
        error = Assert.Throws<IOException>(() => SmallFile.Read(pipe, 1 << 20, TimeSpan.FromSeconds(15)));
        Assert.Contains("goes on after 1048576 bytes", error.Message, StringComparison.Ordinal);
        endless.Kill();
        endless.WaitForExit();
        using Process slow = Process.Start("sh", ["-c", $"exec >{pipe}; while echo; do sleep 0.02; done 2>&-"]);
        error = Assert.Throws<IOException>(() => SmallFile.Read(pipe, 1 << 20, TimeSpan.FromMilliseconds(500)));
        Assert.Contains("has not come to an end", error.Message, StringComparison.Ordinal);
        slow.Kill();
        slow.WaitForExit();
    });

    [Fact(Timeout = 20_000)]
    public Task A_config_may_be_a_pipe_the_first_time_alone() => OnItsOwnThread(() =>
    {
        string pipe = MakePipe("pipe");
        ConfigFile config = SmallFile.ConfigAt(pipe)!;
        using Process writer = Process.Start("sh", ["-c", $"echo 'vnis = 7' >{pipe}"]);
        Assert.Equal("7", $"{SettingsReader.Read(config, [], out _)!.Vnis}");
        writer.WaitForExit();
        Assert.Null(SettingsReader.Read(config, [], out IReadOnlyList<string> errors));
        Assert.Equal([$"{pipe}: can't be read: it is no regular file, but a pipe; that is read at a start alone"], errors);
    });

    [Fact(Timeout = 20_000)]
    public Task A_uid_file_and_a_record_that_are_none_hold_nothing_up() => OnItsOwnThread(() =>
    {
        foreach (string path in (string[])[MakePipe("pipe"), MakeLink("/dev/zero")])
        {
            var logger = new RecordingLogger();
            NodeId drawn = UidFile.ReadOrDraw(path, logger);
            Assert.StartsWith(
                $"Warning: the uid {drawn} was drawn at random for this run only: {path} can't be written: it is no regular file, but a ",
                Assert.Single(logger.Lines), StringComparison.Ordinal);
            using var record = new StartRecord(path);
            Settings settings = TestSettings.Read("vnis=1");
            Assert.Equal(TimeSpan.Zero, record.NoteStart(settings, new Instant(5)));
            Assert.Equal(TimeSpan.Zero, record.NoteStart(settings, new Instant(6)));
            record.NoteEnd();
        }

        File.WriteAllText(Place, new string('7', 5000));
        var other = new RecordingLogger();
        UidFile.ReadOrDraw(Place, other);
        Assert.EndsWith("it is 5000 bytes long; expected at most 4096", Assert.Single(other.Lines), StringComparison.Ordinal);
    });

    private static void AssertFailure(string reason, string path) =>
        Assert.Equal(reason, Assert.Throws<IOException>(() => SmallFile.Read(path, 10)).Message);

    /// <summary>A test's limit is for one that waits, and not on the thread that counts.</summary>
    private static Task OnItsOwnThread(Action test) => Task.Factory.StartNew(test, TaskCreationOptions.LongRunning);

    private string MakePipe(string name)
    {
        string path = Path.Combine(_folder, name);
        Command.Must(["mkfifo", path]);
        return path;
    }

    private string MakeLink(string target)
    {
        string path = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(path, target);
        return path;
    }
}
