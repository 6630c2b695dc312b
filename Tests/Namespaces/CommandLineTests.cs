using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>Whatever is wrong with a command line or a file is said before anything is touched.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class CommandLineTests(CommandLineTests.Stage stage, ITestOutputHelper output)
    : IClassFixture<CommandLineTests.Stage>
{
    private const string Number = "a number from 1 to 18446744073709551615, decimal or 0x hex";

    [NamespaceTheory]
    [InlineData("uid = 0", "FILE:1: uid: '0' is not " + Number)]
    [InlineData("uid = 18446744073709551616", "FILE:1: uid: '18446744073709551616' is not " + Number)]
    [InlineData("uid = seven", "FILE:1: uid: 'seven' is not " + Number)]
    [InlineData("uid = -1", "FILE:1: uid: '-1' is not " + Number)]
    [InlineData("uid = 0x", "FILE:1: uid: '0x' is not " + Number)]
    [InlineData("uid = 1 2", "FILE:1: uid: '1 2' is not " + Number)]
    [InlineData("uid =", "FILE:1: uid: '' is not " + Number)]
    [InlineData("\n# a comment\n\tuid = x # and another", "FILE:3: uid: 'x' is not " + Number)]
    [InlineData("uid-file =", "FILE:1: uid-file: '' is not a path")]
    [InlineData("vnis = 0", "FILE:1: vnis: '0' is not VNIs from 1 to 16777215")]
    [InlineData("vnis = 16777216", "FILE:1: vnis: '16777216' is not VNIs")]
    [InlineData("vnis = 5-3", "FILE:1: vnis: '5-3' is not VNIs")]
    [InlineData("vnis = 1,,2", "FILE:1: vnis: '1,,2' is not VNIs")]
    [InlineData("vnis = 1-", "FILE:1: vnis: '1-' is not VNIs")]
    [InlineData("vnis = 1-2-3", "FILE:1: vnis: '1-2-3' is not VNIs")]
    [InlineData("vnis =", "FILE:1: vnis: '' is not VNIs")]
    [InlineData("minvni = 0", "FILE:1: minvni: '0' is not a VNI from 1 to 16777215")]
    [InlineData("maxvni = 16777216", "FILE:1: maxvni: '16777216' is not a VNI from 1 to 16777215")]
    [InlineData("minvni = 5\nmaxvni = 4", "FILE:2: minvni '5' is above maxvni '4'")]
    [InlineData("minvni = 101", "FILE:1: minvni '101' is above maxvni '100'")]
    [InlineData("vnis = 1-4\nmaxvni = 4", "FILE:2: vnis stands beside minvni or maxvni")]
    [InlineData("interval = 5ms", "FILE:1: interval: '5ms' is not a time from 10ms to 60s")]
    [InlineData("interval = 61s", "FILE:1: interval: '61s' is not a time")]
    [InlineData("interval = 1", "FILE:1: interval: '1' is not a time")]
    [InlineData("interval = 1 s", "FILE:1: interval: '1 s' is not a time")]
    [InlineData("interval = -1s", "FILE:1: interval: '-1s' is not a time")]
    [InlineData("interval = 1e3ms", "FILE:1: interval: '1e3ms' is not a time")]
    [InlineData("interval = 99999999999999999999999999999999s", "FILE:1: interval: '99999999999999999999999999999999s' is not a time")]
    [InlineData("dead-after = 1", "FILE:1: dead-after: '1' is not a number from 2 to 100")]
    [InlineData("dead-after = 101", "FILE:1: dead-after: '101' is not a number from 2 to 100")]
    [InlineData("dead-after = 3.5", "FILE:1: dead-after: '3.5' is not a number from 2 to 100")]
    [InlineData("broadcast = 10.0.1", "FILE:1: broadcast: '10.0.1' is not an IPv4 address")]
    [InlineData("broadcast = 10.0.1.256", "FILE:1: broadcast: '10.0.1.256' is not an IPv4 address")]
    [InlineData("broadcast = fabric.example", "FILE:1: broadcast: 'fabric.example' is not an IPv4 address")]
    [InlineData("port = 0", "FILE:1: port: '0' is not a UDP port from 1 to 65535")]
    [InlineData("port = 65536", "FILE:1: port: '65536' is not a UDP port from 1 to 65535")]
    [InlineData("bind-interface = a234567890123456", "FILE:1: bind-interface: 'a234567890123456' is not the name of an interface")]
    [InlineData("allow = 10.0.1.11,", "FILE:1: allow: '10.0.1.11,' is not IPv4 addresses")]
    [InlineData("allow = 10.0.1.11 10.0.1.12", "FILE:1: allow: '10.0.1.11 10.0.1.12' is not IPv4 addresses")]
    [InlineData("interface-pattern = vrrp4", "FILE:1: interface-pattern: 'vrrp4' is not an interface name with one %d")]
    [InlineData("interface-pattern = %d-%d", "FILE:1: interface-pattern: '%d-%d' is not an interface name with one %d")]
    [InlineData("interface-pattern = a/%d", "FILE:1: interface-pattern: 'a/%d' is not an interface name with one %d")]
    [InlineData("interface-pattern = thirteen-long%d", "interface-pattern 'thirteen-long%d' makes 'thirteen-long100' of VNI 100")]
    [InlineData("arp-interval = 999ms", "FILE:1: arp-interval: '999ms' is not a time from 1s to 1h")]
    [InlineData("arp-interval = 61m", "FILE:1: arp-interval: '61m' is not a time from 1s to 1h")]
    [InlineData("announce = all", "FILE:1: announce: 'all' is not reply, request or both")]
    [InlineData("announce = Both", "FILE:1: announce: 'Both' is not reply, request or both")]
    [InlineData("log-level = trace", "FILE:1: log-level: 'trace' is not debug, info, warning or error")]
    [InlineData("control-socket =", "FILE:1: control-socket: '' is not a path of at most 107 bytes")]
    [InlineData("intervall = 1s", "FILE:1: unknown key 'intervall'")]
    [InlineData("UID = 1", "FILE:1: unknown key 'UID'")]
    [InlineData("uid = 1\nuid = 2", "FILE:2: uid: given before, at FILE:1")]
    [InlineData("uid 7", "FILE:1: 'uid 7' is no setting; expected key = value")]
    [InlineData("= 7", "FILE:1: '= 7' is no setting; expected key = value")]
    [InlineData("\u0000\u0001\u0002", "FILE:1:")]
    public void A_malformed_file_is_refused_with_file_and_line(string content, string expected)
    {
        string file = stage.Write("wmgwd2.conf", content);

        Check(expected.Replace("FILE", file, StringComparison.Ordinal), "run", "--config", file);
    }

    [NamespaceFact]
    public void A_path_that_is_too_long_for_a_socket_is_refused()
    {
        // 107 characters, but 214 bytes.
        string wide = new('\u00e9', 107);
        string file = stage.Write("wmgwd2.conf", $"control-socket = /{new string('s', 107)}");
        Check($"{file}:1: control-socket: ", "run", "--config", file);
        Check("--control-socket: ", "run", "--control-socket", wide);
        Check("--control-socket: ", "status", "--control-socket", wide);
    }

    [NamespaceFact]
    public void All_that_is_wrong_is_said_at_once()
    {
        string file = stage.Write("wmgwd2.conf", "uid = 0\nport = 3000\nport = 3001\nnonsense\ninterval = soon\n");
        CommandResult result = Check($"{file}:1: ", "run", "--config", file, "--dead-after", "0");
        Assert.Contains($"{file}:3: port: given before, at {file}:2", result.Errors);
        Assert.Contains($"{file}:4: ", result.Errors);
        Assert.Contains($"{file}:5: interval: ", result.Errors);
        Assert.Contains("--dead-after: '0' is not a number from 2 to 100", result.Errors);
    }

    [NamespaceTheory]
    [InlineData("--uid: '0' is not " + Number, "run", "--uid", "0")]
    [InlineData("--uid: '0' is not " + Number, "-uid", "0")]
    [InlineData("--uid: '0' is not " + Number, "-uid=0")]
    [InlineData("--minvni: '-1' is not a VNI", "run", "--minvni=-1")]
    [InlineData("--uid", "run", "--uid")]
    [InlineData("--uid", "run", "--uid", "1", "--uid", "2")]
    [InlineData("bogus", "bogus")]
    [InlineData("bogus", "run", "bogus")]
    [InlineData("'@/etc/hostname'", "@/etc/hostname")] // No file that further words would be in.
    [InlineData("--uid: '@/etc/hostname' is not " + Number, "run", "--uid", "@/etc/hostname")]
    [InlineData("'[suggest:-1]': expected [suggest:N]", "[suggest:-1]", "run")]
    [InlineData("'[suggest:999999999999]': expected [suggest:N]", "[suggest:999999999999]", "run")]
    [InlineData("'[suggest:x]': expected [suggest:N]", "[suggest:x]")]
    [InlineData("--bogus", "run", "--bogus", "1")]
    [InlineData("-bogus", "-bogus", "1")]
    [InlineData("minvni '9' is above maxvni '3'", "-minvni", "9", "-maxvni", "3")]
    [InlineData("/nonexistent/wmgwd2.conf: can't be read", "run", "--config", "/nonexistent/wmgwd2.conf")]
    [InlineData("/proc: can't be read", "run", "--config", "/proc")]
    [InlineData("can't be read", "run", "--config", "")]
    [InlineData("--vnis: '0' is not VNIs", "fence", "--vnis", "0")]
    [InlineData("--interval", "status", "--interval", "1s")]
    [InlineData("--interval: '5ms' is not a time", "check", "--interval", "5ms", "--json")]
    [InlineData("--vni: '0' is not a VNI from 1 to 16777215", "status", "--vni", "0")]
    [InlineData("--vni: '5x' is not a VNI", "status", "--vni", "5x", "--json")]
    [InlineData("--json stands beside --watch; expected one of them", "status", "--watch", "--json")]
    [InlineData("--prometheus stands beside another form", "status", "--prometheus", "--vni", "5")]
    [InlineData("--per-vni stands without --prometheus", "status", "--per-vni")]
    [InlineData("--watch stands beside --vni, and this is no terminal", "status", "--watch", "--vni", "5")]
    [InlineData("--interval", "monitor", "--interval", "1s")]
    [InlineData("/nonexistent/wmgwd2.conf: can't be read", "fence", "--config", "/nonexistent/wmgwd2.conf")]
    [InlineData("/nonexistent/wmgwd2.conf: can't be read", "status", "--config", "/nonexistent/wmgwd2.conf")]
    public void A_malformed_command_line_is_refused(string expected, params string[] arguments) =>
        Check(expected, arguments);

    [NamespaceFact]
    public void Version_and_help_are_no_errors()
    {
        CommandResult version = Binary.Run("--version");
        Assert.Equal(0, version.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+\n$", version.Output);
        foreach (string[] arguments in new[] { ["--help"], ["-h"], ["run", "--help"], ["status", "--help"], ["check", "--help"], new[] { "fence", "-h" } })
        {
            CommandResult help = Binary.Run(arguments);
            Assert.Equal(0, help.ExitCode);
            Assert.Equal("", help.Errors);
            Assert.Contains("Usage:", help.Output);
        }

        CommandResult run = Binary.Run("run", "--help");
        foreach (string key in Config.SettingKey.All.Select(key => key.Name))
        {
            Assert.Contains($"--{key} ", run.Output);
        }
    }

    [NamespaceFact]
    public void Flags_of_the_first_implementation_start_it()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 5));
        Daemon daemon = network[1].StartBy([],
        [
            Binary.Path, "-uid", "7", "-minvni", "1", "-maxvni", "3", "--interval", "100ms",
            "--control-socket", network[1].ControlSocket,
        ]);

        DaemonStatus status = daemon.WaitUntilServing();
        Assert.Equal(7ul, status.Uid);
        Assert.Equal([1u, 2, 3], status.Owned);
        Assert.Equal(3, status.Vnis.Count);
        Assert.Equal([1u, 2, 3], network[1].Served());
    }

    [NamespaceFact]
    public void Flags_win_over_the_file()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 5));
        string file = Path.Combine(network.Folder, "wmgwd2.conf");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture,
            $"# Windows line ends, a byte order mark and odd spaces\r\n uid=0x10 \r\n\tvnis = 1 - 3, 5\r\n"
            + $"interval\t=\t100ms#\r\nallow =\r\ncontrol-socket = {network[1].ControlSocket}\r\n"), Encoding.UTF8);
        Daemon fromFile = network[1].StartBy([], [Binary.Path, "--config", file]);
        DaemonStatus status = fromFile.WaitUntilServing();
        Assert.Equal(16ul, status.Uid);
        Assert.Equal([1u, 2, 3, 5], status.Owned);
        Assert.Equal(0, Binary.Run("status", "--config", file).ExitCode);
        Assert.Equal(0, fromFile.Terminate());

        Daemon fromFlags = network[1].StartBy([], [Binary.Path, "run", "--config", file, "-uid", "9", "--maxvni", "2"]);
        DaemonStatus flags = fromFlags.WaitUntilServing();
        Assert.Equal(9ul, flags.Uid);
        Assert.Equal([1u, 2], flags.Owned);
    }

    private CommandResult Check(string expected, params string[] arguments)
    {
        KernelLink before = stage.Serve();
        CommandResult result = Binary.RunIn(stage.Network[1].Name, arguments);
        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.Contains(expected, result.Errors);
        Assert.Equal("", result.Output);
        Assert.DoesNotContain("   at ", result.Errors); // No stack trace.

        // Nothing was touched: up it was, up it is.
        Assert.Equal(before, stage.Network[1].Links().Single(link => link.Name == "vrrp4-1"));
        return result;
    }

    /// <summary>One interface that is up, which a run that begins would hold down.</summary>
    public sealed class Stage : IDisposable
    {
        public Stage()
        {
            if (Requirements.FindMissing([]) != null)
            {
                // Whoever would use it is skipped.
                return;
            }

            Network = new TestNetwork(new Nowhere(), 1, 1);
        }

        internal TestNetwork Network { get; } = null!;

        public void Dispose() => Network?.Dispose();

        /// <summary>Has the interface up, whatever the test before has left.</summary>
        internal KernelLink Serve()
        {
            if (Network[1].Macvlans()[1] is not { Serves: true })
            {
                Network[1].Ip("link set vrrp4-1 protodown off");
            }

            return Eventually.Get("up", () => Network[1].Macvlans()[1], link => link.Serves);
        }

        internal string Write(string name, string content)
        {
            string file = Path.Combine(Network.Folder, name);
            File.WriteAllText(file, content);
            return file;
        }

        private sealed class Nowhere : ITestOutputHelper
        {
            public void WriteLine(string message)
            {
            }

            public void WriteLine(string format, params object[] args)
            {
            }
        }
    }
}
