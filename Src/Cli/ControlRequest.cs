using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Net.Sockets;
using System.Text;
using Wmgwd2.Config;
using Wmgwd2.Io;

namespace Wmgwd2.Cli;

/// <summary>The flags by which a command finds the daemon that it asks, and the asking.</summary>
internal sealed class ControlRequest
{
    private readonly Option<string> _config = new("--config")
    {
        Description = "The daemon's config file, for its control-socket.",
        HelpName = "FILE",
    };

    private readonly Option<string> _path;

    /// <param name="command">The command that has these flags.</param>
    public ControlRequest(Command command)
    {
        SettingKey key = SettingKey.Find("control-socket")!;
        _path = new Option<string>("--control-socket")
        {
            Description = $"{key.Help} [default: {key.DefaultText}]",
            HelpName = key.Placeholder,
        };
        command.Options.Add(_config);
        command.Options.Add(_path);
    }

    /// <summary>Finds the control socket that a command line names.</summary>
    /// <param name="result">The command line.</param>
    /// <returns>Its path; null when something is wrong, which was written to the errors.</returns>
    public string? FindSocket(ParseResult result)
    {
        Assignment[] flags = result.GetValue(_path) is { } given ? [new("control-socket", given, "--control-socket")] : [];
        var source = new SettingsSource(SmallFile.ConfigAt(result.GetValue(_config)), flags);
        return SettingOptions.ReadControlSocket(source, result.InvocationConfiguration.Error);
    }

    /// <summary>Asks the daemon that a command line names, and prints what it answers.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="request">One line.</param>
    /// <param name="follow">Whether the answer goes on until the daemon ends: that is a failure then.</param>
    /// <returns>The exit code; what went wrong was written to the errors.</returns>
    public int Print(ParseResult result, string request, bool follow = false)
    {
        if (FindSocket(result) is not { } path)
        {
            return ExitCode.Usage;
        }

        TextWriter errors = result.InvocationConfiguration.Error;
        try
        {
            using var answer = new ControlAnswer(path, request);
            if (!follow)
            {
                answer.Print();
                return ExitCode.Done;
            }

            if (!answer.TryFollow())
            {
                // Whoever reads has enough, as 'head' has.
                return ExitCode.Done;
            }

            errors.WriteLine($"{path}: {(answer.WasDropped
                ? "the daemon has dropped this reader: it is too slow"
                : "the daemon has ended")}");
        }
        catch (Exception error) when (error is ControlException or SystemCallException)
        {
            errors.WriteLine(error.Message);
        }

        return ExitCode.Failed;
    }
}

/// <summary>No daemon answers, or it refuses; the message says which and why.</summary>
internal sealed class ControlException(string message) : Exception(message);

/// <summary>What a daemon answers to one request.</summary>
internal sealed class ControlAnswer : IDisposable
{
    private const int TimeoutMilliseconds = 10_000;

    /// <summary>The longest head, and the longest that is wrong, in bytes: nobody has to wait for the end of a false daemon's.</summary>
    private const int TextLimit = 64 << 10;

    /// <summary>How much of an answer is held until it is there whole, in bytes; a longer one is passed on as it comes.</summary>
    private const int HoldLimit = 64 << 20;

    private readonly string _path;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly byte[] _buffer = new byte[16 << 10];
    private byte[] _lastLine = [];

    /// <summary>Asks.</summary>
    /// <param name="path">The control socket.</param>
    /// <param name="request">One line.</param>
    /// <exception cref="ControlException">No daemon answers, or it refuses.</exception>
    public ControlAnswer(string path, string request)
    {
        _path = path;
        _socket.ReceiveTimeout = TimeoutMilliseconds;
        _socket.SendTimeout = TimeoutMilliseconds;
        try
        {
            _socket.Connect(new UnixDomainSocketEndPoint(path));
            _socket.Send(Encoding.UTF8.GetBytes($"{request}\n"));
            if (ReadHead() is var head && head != "ok")
            {
                throw new ControlException($"{path}: {DescribeRefusal(head)}");
            }
        }
        catch (SocketException error)
        {
            _socket.Dispose();
            throw new ControlException($"{path}: {Describe(error)}");
        }
        catch (ControlException)
        {
            _socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Writes what is answered to standard output as it comes, to its end.</summary>
    /// <returns>False when nobody reads that; true when nothing comes any more.</returns>
    /// <exception cref="ControlException">It broke off.</exception>
    /// <exception cref="SystemCallException">It can't be written.</exception>
    public bool TryFollow()
    {
        while (StandardOutput.WaitFor((int)_socket.Handle))
        {
            int length = Receive(_buffer);
            if (length == 0)
            {
                return true;
            }

            NoteLastLine(_buffer.AsSpan(0, length));
            if (!StandardOutput.TryWrite(_buffer.AsSpan(0, length)))
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>
    /// Writes what is answered to standard output when it is there whole: the daemon has little patience, and whoever reads may
    /// need more.
    /// </summary>
    /// <exception cref="ControlException">It broke off.</exception>
    /// <exception cref="SystemCallException">It can't be written.</exception>
    public void Print()
    {
        using var held = new MemoryStream();
        bool wanted = true;
        for (int length; wanted && (length = Receive(_buffer)) > 0;)
        {
            held.Write(_buffer, 0, length);
            wanted = held.Length < HoldLimit || TryRelease(held);
        }

        _ = wanted && TryRelease(held);
    }

    private static bool TryRelease(MemoryStream held)
    {
        bool done = StandardOutput.TryWrite(held.GetBuffer().AsSpan(0, (int)held.Length));
        held.SetLength(0);
        return done;
    }

    /// <summary>Whether the last line says that this reader was dropped.</summary>
    public bool WasDropped =>
        _lastLine.AsSpan().IndexOf(" dropped: "u8) >= 0 || _lastLine.AsSpan().IndexOf("\"event\":\"dropped\""u8) >= 0;

    /// <summary>Copies what is answered, to its end.</summary>
    /// <exception cref="ControlException">It broke off.</exception>
    public void CopyTo(Stream output)
    {
        for (int length; (length = Receive(_buffer)) > 0;)
        {
            output.Write(_buffer, 0, length);
        }
    }

    /// <summary>Waits for something to come, and throws it away.</summary>
    /// <param name="time">How long at most.</param>
    /// <param name="ended">Whether nothing comes any more.</param>
    /// <returns>Whether anything came.</returns>
    public bool Skip(TimeSpan time, out bool ended)
    {
        bool any = false;
        ended = false;
        for (TimeSpan wait = time; !ended && _socket.Poll(wait, SelectMode.SelectRead); wait = TimeSpan.Zero)
        {
            ended = Receive(_buffer) == 0;
            any = true;
        }

        return any;
    }

    private void NoteLastLine(ReadOnlySpan<byte> part)
    {
        int start = part[..^1].LastIndexOf((byte)'\n') + 1;
        bool continues = start == 0 && _lastLine is not [] and not [.., (byte)'\n'];
        _lastLine = continues ? [.. _lastLine, .. part] : part[start..].ToArray();
    }

    private int Receive(Span<byte> buffer)
    {
        try
        {
            return _socket.Receive(buffer);
        }
        catch (SocketException error)
        {
            throw new ControlException($"{_path}: the daemon's answer broke off: {Reason(error)}");
        }
    }

    private string DescribeRefusal(string head)
    {
        const string Word = "error ";
        if (!head.StartsWith(Word, StringComparison.Ordinal))
        {
            return head.Length == 0 ? "the daemon gave no answer" : $"no answer of a daemon: '{head}'; expected another control-socket";
        }

        using var rest = new MemoryStream();
        for (int length; (length = _socket.Receive(_buffer)) > 0;)
        {
            rest.Write(_buffer, 0, length);
            CheckLimit(rest.Length);
        }

        string more = Encoding.UTF8.GetString(rest.GetBuffer().AsSpan(0, (int)rest.Length)).TrimEnd('\n');
        return more.Length > 0 ? $"{head[Word.Length..]}\n{more}" : head[Word.Length..];
    }

    private string Describe(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.AccessDenied => "permission denied; expected root, or a user who may write to the control socket",
        SocketError.WouldBlock or SocketError.TimedOut => string.Create(
            CultureInfo.InvariantCulture, $"a daemon is there and doesn't answer: {TimeoutMilliseconds / 1000} s were waited for it"),
        _ => $"no daemon answers: {(Path.Exists(_path) ? Reason(error) : "no such socket")}; "
            + "expected 'wmgwd2 run' with this control-socket",
    };

    /// <summary>The library's own message names the path once more.</summary>
    private static string Reason(SocketException error) => SystemCallException.Describe(error.NativeErrorCode);

    private void CheckLimit(long length)
    {
        if (length > TextLimit)
        {
            throw new ControlException(string.Create(
                CultureInfo.InvariantCulture, $"{_path}: no answer of a daemon: it has no end within {TextLimit} bytes"));
        }
    }

    // Byte by byte, so that nothing of what follows is taken; it is a few bytes.
    private string ReadHead()
    {
        var line = new MemoryStream();
        Span<byte> next = stackalloc byte[1];
        while (_socket.Receive(next) > 0 && next[0] != '\n')
        {
            line.Write(next);
            CheckLimit(line.Length);
        }

        return Encoding.UTF8.GetString(line.GetBuffer().AsSpan(0, (int)line.Length));
    }
}
