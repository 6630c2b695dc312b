using System.CommandLine;
using System.IO;
using System.Net.Sockets;
using System.Text;
using Wmgwd2.Config;

namespace Wmgwd2.Cli;

/// <summary>The flags by which a command finds the daemon that it asks, and the asking.</summary>
internal sealed class ControlRequest
{
    private const int TimeoutMilliseconds = 10_000;

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

    /// <summary>Asks the daemon that a command line names.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="request">One line.</param>
    /// <param name="output">Receives the document that is answered.</param>
    /// <returns>The exit code; what went wrong was written to the errors.</returns>
    public int Ask(ParseResult result, string request, Stream output)
    {
        TextWriter errors = result.InvocationConfiguration.Error;
        Assignment[] flags = result.GetValue(_path) is { } given ? [new("control-socket", given, "--control-socket")] : [];
        Settings? settings = SettingsReader.Read(result.GetValue(_config), flags, out var found);
        foreach (string error in found)
        {
            errors.WriteLine(error);
        }

        return settings == null ? ExitCode.Usage : Ask(settings.ControlSocket, request, output, errors);
    }

    private static int Ask(string path, string request, Stream output, TextWriter errors)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.ReceiveTimeout = TimeoutMilliseconds;
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            socket.Send(Encoding.UTF8.GetBytes($"{request}\n"));
            using var stream = new BufferedStream(new NetworkStream(socket));
            string head = ReadLine(stream);
            if (head == "ok")
            {
                stream.CopyTo(output);
                return ExitCode.Done;
            }

            errors.WriteLine($"{path}: {(head.Length > 0 ? head : "the daemon gave no answer")}");
            for (string more = ReadLine(stream); more.Length > 0; more = ReadLine(stream))
            {
                errors.WriteLine(more);
            }
        }
        catch (SocketException error)
        {
            string reason = File.Exists(path) ? error.Message : "no such socket";
            errors.WriteLine($"{path}: no daemon answers: {reason}; expected 'wmgwd2 run' with this control-socket");
        }
        catch (IOException error)
        {
            errors.WriteLine($"{path}: the daemon's answer broke off: {error.Message}");
        }

        return ExitCode.Failed;
    }

    private static string ReadLine(Stream stream)
    {
        var line = new StringBuilder();
        for (int next; (next = stream.ReadByte()) is >= 0 and not '\n';)
        {
            line.Append((char)next);
        }

        return line.ToString();
    }
}
