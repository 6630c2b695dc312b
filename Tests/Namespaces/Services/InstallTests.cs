using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>scripts/install.sh, into a folder.</summary>
public sealed class InstallTests : IDisposable
{
    private static readonly string[] Everywhere =
    [
        "/etc/wmgwd2/wmgwd2.conf", "PREFIX/lib/wmgwd2/installed", "PREFIX/lib/wmgwd2/wmgwd2-fenced", "PREFIX/sbin/wmgwd2",
        "PREFIX/share/doc/wmgwd2/README.md", "PREFIX/share/doc/wmgwd2/wmgwd2.conf.example",
    ];

    private static readonly Dictionary<string, string[]> Services = new()
    {
        [""] = [],
        ["systemd"] =
        [
            "/etc/systemd/system/wmgwd2-metrics.service", "/etc/systemd/system/wmgwd2-metrics.timer", "/etc/systemd/system/wmgwd2.service",
            "PREFIX/lib/wmgwd2/wmgwd2-metrics",
        ],
        ["runit"] =
        [
            "/etc/sv/wmgwd2/check", "/etc/sv/wmgwd2/finish", "/etc/sv/wmgwd2/log/run", "/etc/sv/wmgwd2/run",
        ],
        ["openrc"] = ["/etc/conf.d/wmgwd2", "/etc/init.d/wmgwd2"],
        ["procd"] = ["/etc/init.d/wmgwd2"],
        ["sysv"] = ["/etc/init.d/wmgwd2"],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("wmgwd2-test-").FullName;

    private static string Script => Path.Combine(Binary.RepositoryRoot, "scripts", "install.sh");

    private string Root => Path.Combine(_folder, "root");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("", "/usr/local")]
    [InlineData("systemd", "/usr/local")]
    [InlineData("systemd", "/opt/wmgwd2", "--prefix", "/opt/wmgwd2/")]
    [InlineData("runit", "/usr/local")]
    [InlineData("openrc", "/usr", "--prefix", "/usr")]
    [InlineData("procd", "/usr")]
    [InlineData("sysv", "/usr/local")]
    public void What_is_needed_is_there_and_names_the_prefix_and_goes_again(string service, string prefix, params string[] flags)
    {
        string[] words = service.Length == 0 ? flags : ["--service", service, .. flags];
        string[] expected = [.. Everywhere.Concat(Services[service]).Select(path => path.Replace("PREFIX", prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

        string said = Install(words);
        Assert.Equal(expected, Installed().Where(path => !IsDocument(path)));
        foreach (string path in expected.Where(path => !path.EndsWith("/installed", StringComparison.Ordinal)))
        {
            Assert.Contains($"\n  {path}\n", said);
        }

        Assert.Contains(
            $"Next:\n  edit /etc/wmgwd2/wmgwd2.conf\n  {prefix}/sbin/wmgwd2 check --config /etc/wmgwd2/wmgwd2.conf\n", said);
        string manual = $"{prefix}/share/man/man8/wmgwd2.8";
        Assert.Contains($"\n.Pa {prefix}/share/doc/wmgwd2/README.md\n", File.ReadAllText(Root + manual));
        foreach (string path in expected.Append(manual).Where(path => !path.EndsWith("/sbin/wmgwd2", StringComparison.Ordinal)
            && !path.EndsWith("/README.md", StringComparison.Ordinal)))
        {
            Assert.Empty(NamesOfOtherPrefixes(File.ReadAllText(Root + path), prefix));
        }

        // Whatever is executed can be; whatever is there is left, and said.
        foreach (string path in expected)
        {
            bool program = path.Contains("/sbin/", StringComparison.Ordinal) || path.Contains("/lib/wmgwd2/wmgwd2-", StringComparison.Ordinal)
                || path.Contains("/sv/", StringComparison.Ordinal) || path.Contains("/init.d/", StringComparison.Ordinal);
            Assert.Equal(program, File.GetUnixFileMode(Root + path).HasFlag(UnixFileMode.UserExecute));
        }

        File.WriteAllText($"{Root}/etc/wmgwd2/wmgwd2.conf", "mine");
        string again = Install(words);
        Assert.Equal("mine", File.ReadAllText($"{Root}/etc/wmgwd2/wmgwd2.conf"));
        Assert.Contains("\n  /etc/wmgwd2/wmgwd2.conf (yours; left as it is)\n", again);
        Assert.Contains($"\n  {prefix}/sbin/wmgwd2 (as it was)\n", again);
        Assert.Equal(expected, Installed().Where(path => !IsDocument(path)));

        Directory.CreateDirectory($"{Root}/var/lib/wmgwd2");
        File.WriteAllText($"{Root}/var/lib/wmgwd2/uid", "7");
        CommandResult removed = Run(["--uninstall", "--destdir", Root, "--prefix", prefix]);
        Assert.True(removed.ExitCode == 0, removed.ToString());
        string[] left = ["/etc/wmgwd2/wmgwd2.conf", "/var/lib/wmgwd2/uid"];
        Assert.Equal(service == "openrc" ? ["/etc/conf.d/wmgwd2", .. left] : left, Installed());
        Assert.Contains("Left:\n  /etc/wmgwd2/wmgwd2.conf\n  /var/lib/wmgwd2\n", removed.Output);
        Assert.False(Directory.Exists($"{Root}{prefix}/lib/wmgwd2"));
        Assert.Equal(1, Run(["--uninstall", "--destdir", Root, "--prefix", prefix]).ExitCode);
    }

    /// <summary>Of what README.md has put onto a router, and as it has it installed there.</summary>
    [Fact]
    public void README_shows_what_is_said()
    {
        string readme = File.ReadAllText(Path.Combine(Binary.RepositoryRoot, "README.md"));
        Match shown = Regex.Match(
            readme, @"\ntar c (?<files>.*) \| ssh router tar x -C /tmp\nssh router /tmp/scripts/install.sh (?<flags>--service systemd) "
                + @"[^`]*```\n\n```\n(?<said>[^`]*)```");
        string router = Directory.CreateDirectory(Path.Combine(_folder, "tmp")).FullName;
        Command.Must(["env", "-C", Binary.RepositoryRoot, "cp", "-r", "--parents", .. shown.Groups["files"].Value.Split(' '), router]);
        string said = Command.Must(
            ["env", "LC_ALL=C", $"{router}/scripts/install.sh", .. shown.Groups["flags"].Value.Split(' '), "--destdir", Root]);
        Assert.Equal(shown.Groups["said"].Value, said.Replace($"Installed below {Root}:", "Installed:", StringComparison.Ordinal));
    }

    [Fact]
    public void Another_service_is_added_and_all_goes_together()
    {
        Install("--service", "runit");
        Install("--service", "sysv");
        Assert.Superset(Services["runit"].Select(path => path.Replace("PREFIX", "/usr/local", StringComparison.Ordinal)).ToHashSet(), Installed().ToHashSet());
        Assert.Equal(0, Run(["--uninstall", "--destdir", Root]).ExitCode);
        Assert.Equal(["/etc/wmgwd2/wmgwd2.conf"], Installed());
    }

    [Fact]
    public void Unpacked_archive_is_enough()
    {
        // No repository around it: the script, the services, the binary and the example.
        string archive = Path.Combine(_folder, "archive");
        Directory.CreateDirectory(archive);
        Command.Must(["cp", "-r", Script, ServiceBed.Scripts, Path.Combine(Binary.RepositoryRoot, "wmgwd2.conf.example"), archive]);
        CommandResult without = Command.Run([$"{archive}/install.sh", "--destdir", Root]);
        Assert.Equal(1, without.ExitCode);
        Assert.Contains("no binary beside this script", without.Errors);
        Assert.False(Directory.Exists(Root));

        // And documents, where they are; not a README that is somebody else's.
        File.WriteAllText(Path.Combine(_folder, "README.md"), "# Something else\n");
        File.WriteAllText($"{archive}/wmgwd2", "#!/bin/sh\n");
        foreach (string document in new[] { "man/wmgwd2.8", "man/wmgwd2.conf.5", "completion/wmgwd2.bash", "completion/_wmgwd2", "completion/README.md" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName($"{archive}/{document}")!);
            File.WriteAllText($"{archive}/{document}", document);
        }

        CommandResult installed = Command.Run([$"{archive}/install.sh", "--destdir", Root, "--service", "procd"]);
        Assert.True(installed.ExitCode == 0, installed.ToString());
        Assert.Equal(
            [
                "/usr/share/bash-completion/completions/wmgwd2", "/usr/share/man/man5/wmgwd2.conf.5", "/usr/share/man/man8/wmgwd2.8",
                "/usr/share/zsh/site-functions/_wmgwd2",
            ],
            Installed().Where(IsDocument));
        CommandResult removed = Command.Run([$"{archive}/install.sh", "--uninstall", "--prefix", "/usr", "--destdir", Root]);
        Assert.True(removed.ExitCode == 0, removed.ToString());
        Assert.Equal(["/etc/wmgwd2/wmgwd2.conf"], Installed());
    }

    [Theory]
    [InlineData(0, "Usage: install.sh", "--help")]
    [InlineData(2, "--service 'upstart' is not systemd, runit, openrc, procd or sysv", "--service", "upstart")]
    [InlineData(2, "--service needs a value", "--service")]
    [InlineData(2, "unknown argument 'systemd'", "systemd")]
    [InlineData(2, "--prefix 'usr' is not an absolute path", "--prefix", "usr")]
    [InlineData(2, "--prefix '/a|b' is not an absolute path", "--prefix", "/a|b")]
    [InlineData(2, "it takes neither --service nor --binary", "--uninstall", "--service", "runit")]
    [InlineData(1, "--binary /nowhere: no such file", "--binary", "/nowhere")]
    public void Usage_is_told(int exit, string message, params string[] words)
    {
        CommandResult result = Run([.. words, .. words.Length > 1 && words[0] != "--uninstall" ? new[] { "--destdir", Root } : []]);
        Assert.Equal(exit, result.ExitCode);
        Assert.Contains(message, exit == 0 ? result.Output : result.Errors);
        Assert.False(Directory.Exists(Root));
    }

    /// <summary>Whether it is a page or completion, which the repository may have or not.</summary>
    private static bool IsDocument(string path) => path.Contains("/share/", StringComparison.Ordinal) && !path.Contains("/share/doc/", StringComparison.Ordinal);

    private static IEnumerable<string> NamesOfOtherPrefixes(string text, string prefix) =>
        Regex.Matches(text, "[a-z0-9/]*/(sbin/wmgwd2|lib/wmgwd2/wmgwd2-[a-z]+)")
            .Select(match => match.Value)
            .Where(path => !path.StartsWith($"{prefix}/sbin/", StringComparison.Ordinal)
                && !path.StartsWith($"{prefix}/lib/", StringComparison.Ordinal));

    private static CommandResult Run(string[] words) => Command.Run([Script, .. words]);

    private string Install(params string[] words)
    {
        CommandResult result = Run([.. words, "--destdir", Root, "--binary", Binary.Path]);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }

    private IEnumerable<string> Installed() => Directory.GetFiles(Root, "*", SearchOption.AllDirectories)
        .Select(path => path[Root.Length..])
        .Order(StringComparer.Ordinal);
}
