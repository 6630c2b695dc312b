using System;
using System.CommandLine;
using System.IO;
using System.Net.Sockets;
using System.Text;
using Wmgwd2.Config;

namespace Wmgwd2.Cli;

/// <summary><c>wmgwd2 status</c>.</summary>
internal static class StatusCommand
{
    private const int DefaultColumns = 80;
    private const int TimeoutMilliseconds = 10_000;

    public static Command Create()
    {
        var command = new Command("status",
            """
            Show who owns which VNI: this gateway, its peers, the VNIs of each, and every VNI that is wrong.

            Asks the daemon on this machine. What is said of interfaces is what the kernel showed.
            """);
        var json = new Option<bool>("--json") { Description = "As JSON; README.md documents the members." };
        command.Options.Add(json);
        SettingKey key = SettingKey.Find("control-socket")!;
        var config = new Option<string>("--config")
        {
            Description = "The daemon's config file, for its control-socket.",
            HelpName = "FILE",
        };
        var path = new Option<string>("--control-socket")
        {
            Description = $"{key.Help} [default: {key.DefaultText}]",
            HelpName = key.Placeholder,
        };
        command.Options.Add(config);
        command.Options.Add(path);
        command.SetAction(result =>
        {
            TextWriter errors = result.InvocationConfiguration.Error;
            Assignment[] flags = result.GetValue(path) is { } given ? [new("control-socket", given, "--control-socket")] : [];
            Settings? settings = SettingsReader.Read(result.GetValue(config), flags, out var found);
            foreach (string error in found)
            {
                errors.WriteLine(error);
            }

            return settings == null ? ExitCode.Usage : Ask(settings.ControlSocket, result.GetValue(json), errors);
        });
        return command;
    }

    private static int Ask(string path, bool json, TextWriter errors)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.ReceiveTimeout = TimeoutMilliseconds;
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            socket.Send(Encoding.UTF8.GetBytes(json ? "status json\n" : $"status text {Columns()}\n"));
            using var stream = new BufferedStream(new NetworkStream(socket));
            string head = ReadLine(stream);
            if (head == "ok")
            {
                using Stream output = Console.OpenStandardOutput();
                stream.CopyTo(output);
                return ExitCode.Done;
            }

            errors.WriteLine($"{path}: {(head.Length > 0 ? head : "the daemon gave no answer")}");
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

    private static int Columns()
    {
        try
        {
            return Console.IsOutputRedirected || Console.WindowWidth <= 0 ? DefaultColumns : Console.WindowWidth;
        }
        catch (IOException)
        {
            return DefaultColumns;
        }
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
