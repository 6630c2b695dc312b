using System;
using System.IO;
using System.IO.Pipes;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using Microsoft.Extensions.Logging;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>The bytes that the log consists of: in a pipe, on a terminal, and when nobody reads them.</summary>
public sealed partial class StderrLoggerTests : IDisposable
{
    private const int ReadWrite = 2; // O_RDWR, asm-generic/fcntl.h
    private const int NoControllingTerminal = 0x100; // O_NOCTTY

    private static readonly Vni Vni = new(5);

    private readonly AnonymousPipeServerStream _reader = new(PipeDirection.In);
    private readonly EventPoll _poll = new();
    private readonly StderrLogger _logger;

    public StderrLoggerTests()
    {
        _logger = new StderrLogger(LogLevel.Debug, (int)_reader.ClientSafePipeHandle.DangerousGetHandle());
        _poll.Add((int)_reader.SafePipeHandle.DangerousGetHandle(), tag: 0);
    }

    public void Dispose()
    {
        _poll.Dispose();
        _reader.Dispose();
    }

    [Fact]
    public void Lines_have_the_priority_of_syslog()
    {
        Log.Announced(_logger, Vni);
        Log.NoProblem(_logger);
        Log.NotificationsLost(_logger);
        Log.Failed(_logger, "why");
        Log.ThreadFailed(_logger, new InvalidOperationException("first\nsecond"), "kernel");
        Assert.Equal(
            "<7>VNI 5: announced\n<6>no problem with any VNI any more\n<4>link notifications were lost; comparing everything\n"
            + "<3>wmgwd2 can't go on: why\n<2>the kernel thread failed; letting go of everything: "
            + "System.InvalidOperationException: first | second\n",
            Read());
    }

    [Fact]
    public void Line_breaks_of_all_kinds_are_replaced()
    {
        // Beside them what has bytes in common with them.
        const string Text = "\na\r\nb\rc\n\rd\fe\u0085f\u2028g\u2029h\u2027\u0084\u00c2\u00e2\u000b\n";
        Log.Failed(_logger, Text);
        Assert.Equal($"<3>wmgwd2 can't go on: {Text.ReplaceLineEndings(" | ")}\n", Read());
    }

    [Fact]
    public void Whoever_formats_by_itself_is_logged_too()
    {
        _logger.Log(LogLevel.Warning, default, 7, null, (state, _) => $"é {state}");
        new StderrLogger(LogLevel.Error).Log(LogLevel.Warning, default, 7, null, (_, _) => throw new InvalidOperationException());
        Assert.Equal("<4>é 7\n", Read());
    }

    [Fact]
    public void Line_takes_no_more_than_a_pipe_takes_at_once()
    {
        // Each line break becomes three bytes.
        Log.Failed(_logger, new string('\n', 2000));
        byte[] line = Encoding.UTF8.GetBytes(Read());
        Assert.Equal(4096, line.Length);
        Assert.EndsWith("…\n", Encoding.UTF8.GetString(line));
    }

    [Fact]
    public void Lines_without_room_are_lost_and_counted_in_the_next()
    {
        // Far more than a pipe holds: nobody reads meanwhile, and nobody waits.
        const int Written = 100;
        string text = new('x', 4000);
        for (int i = 0; i < Written; i++)
        {
            Log.Failed(_logger, text);
        }

        int read = Read().Split('\n').Length - 1;
        Assert.InRange(read, 1, Written - 1);
        Log.NoProblem(_logger);
        Log.NoProblem(_logger);
        Assert.Equal(
            $"<6>({Written - read} log lines lost before this one) no problem with any VNI any more\n"
            + "<6>no problem with any VNI any more\n",
            Read());
    }

    [Fact]
    public void Lines_of_two_threads_neither_mix_nor_allocate()
    {
        const int Lines = 5000;
        long allocated = 0;
        Thread[] writers =
        [
            .. Enumerable.Range(1, 2).Select(uid => new Thread(() =>
            {
                Log.PeerLeft(_logger, new NodeId((ulong)uid), default);
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 1; i < Lines; i++)
                {
                    Log.PeerLeft(_logger, new NodeId((ulong)uid), default);
                }

                Interlocked.Add(ref allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            })),
        ];
        Array.ForEach(writers, writer => writer.Start());
        var text = new StringBuilder();
        do
        {
            text.Append(Read());
        }
        while (!Array.TrueForAll(writers, writer => writer.Join(0)));

        text.Append(Read());
        string[] lines = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Matches(
            @"^<6>(\(\d+ log lines lost before this one\) )?peer [12] \(0\.0\.0\.0\) said goodbye$", line));
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Terminal_shows_time_and_severity()
    {
        int master = posix_openpt(ReadWrite | NoControllingTerminal);
        byte[] name = new byte[64];
        Assert.Equal(0, unlockpt(master));
        Assert.Equal(0, ptsname_r(master, name, (nuint)name.Length));
        using var output = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(master, ownsHandle: true), FileAccess.Read);
        using var terminal = File.OpenHandle(
            Encoding.ASCII.GetString(name).TrimEnd('\0'), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var logger = new StderrLogger(LogLevel.Debug, (int)terminal.DangerousGetHandle());
        Log.Announced(logger, Vni);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Log.NoProblem(logger);
        Log.NotificationsLost(logger);
        Log.Failed(logger, "why");
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Log.ThreadFailed(logger, new InvalidOperationException("what"), "kernel");
        using var reader = new StreamReader(output);
        foreach (string expected in new[]
        {
            "debug    VNI 5: announced", "info     no problem with any VNI any more",
            "warning  link notifications were lost; comparing everything", "error    wmgwd2 can't go on: why",
            "critical the kernel thread failed; letting go of everything: System.InvalidOperationException: what",
        })
        {
            Assert.Matches($@"^\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{{3}} {expected}$", reader.ReadLine());
        }
    }

    /// <summary>What is in the pipe by now.</summary>
    private string Read()
    {
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[64 << 10];
        while (_poll.Wait(new Readiness[1], 0) > 0)
        {
            bytes.Write(buffer, 0, _reader.Read(buffer));
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    [LibraryImport("libc")]
    private static partial int posix_openpt(int flags);

    [LibraryImport("libc")]
    private static partial int unlockpt(int fd);

    [LibraryImport("libc")]
    private static partial int ptsname_r(int fd, byte[] buffer, nuint length);
}
