using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Wmgwd2.Config;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>What the shells complete, against the help of the binary.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class CompletionTests(ITestOutputHelper output)
{
    private static readonly string Folder = Path.Combine(Binary.RepositoryRoot, "scripts", "completion");

    /// <summary>What bash has readline do, without readline: the words of the line, of which the last is completed.</summary>
    private const string CompleteInBash =
        """
        source "$1" || exit 1
        shift
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _wmgwd2 "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        for reply in "${COMPREPLY[@]}"; do printf '%s\n' "$reply"; done
        """;

    /// <summary>The functions that zsh's own system has, which here say what they are asked for.</summary>
    private const string CompleteInZsh =
        """
        emulate zsh
        _arguments() { print -rl -- "$@" }
        _describe() { print -rl -- "${(@P)argv[-1]}" }
        compadd() { [[ $argv[-2] == -a ]] && print -rl -- "${(@P)argv[-1]}" }
        file=$1
        shift
        words=("$@")
        CURRENT=$#words
        functions[complete]="$(<$file)"
        complete
        """;

    [Fact]
    public void Bash_completes_every_command()
    {
        string[] commands = [.. HelpText.Read().Commands.Order()];
        Assert.Equal(commands, InBash("").Order());
        Assert.Equal(commands.Where(command => command.StartsWith('s')), InBash("s").Order());
        Assert.Equal([], InBash("nonsense"));
    }

    [Fact]
    public void Bash_completes_every_flag_of_every_command()
    {
        foreach (string command in HelpText.Read().Commands)
        {
            string[] flags = [.. HelpText.Read(command).FlagNames.Order()];
            Assert.Equal(flags, InBash(command, "").Order());
            Assert.Equal(flags.Where(flag => flag.StartsWith("--c", StringComparison.Ordinal)), InBash(command, "--c").Order());
        }
    }

    [Fact]
    public void Bash_completes_the_flags_of_run_where_no_command_stands()
    {
        IEnumerable<string> run = HelpText.Read("run").FlagNames;
        Assert.Equal(HelpText.Read().FlagNames.Union(run).Order(), InBash("-").Order());
        Assert.Equal(run.Except(["--uid"]).Order(), InBash("--uid", "7", "").Order());
        Assert.Equal(run.Except(["--uid"]).Order(), InBash("-uid", "7", "-").Order());
    }

    [Fact]
    public void Bash_does_not_complete_a_flag_again() => Assert.Equal(
        HelpText.Read("status").FlagNames.Except(["--json", "--config"]).Order(),
        InBash("status", "--json", "--config", "=", "file", "--").Order());

    [Fact]
    public void Bash_completes_the_values_that_can_be_counted()
    {
        foreach (SettingKey key in SettingKey.All.Where(key => key.Choices.Count > 0))
        {
            Assert.Equal(key.Choices.Order(), InBash("run", $"--{key.Name}", "").Order());
            Assert.Equal(key.Choices.Order(), InBash($"-{key.Name}", "").Order());
            Assert.Equal(key.Choices.Order(), InBash("fence", $"--{key.Name}", "=").Order());
            Assert.Equal([key.Choices[0]], InBash("run", $"--{key.Name}", "=", key.Choices[0]));
        }

        Assert.Equal([], InBash("run", "--uid", ""));
        Assert.Contains("lo", InBash("run", "--bind-interface", ""));
        Assert.Contains("eth0,lo", InBash("run", "--track-interface", "eth0,l"));
        Assert.Contains("root", InBash("run", "--user", "ro"));
        Assert.Equal(["all"], InBash("plan", "--show", ""));
        Assert.Equal(["all"], InBash("plan", "--show", "=", "a"));
        Assert.Equal([], InBash("plan", "--show", "5"));
    }

    [Fact]
    public void Bash_completes_files()
    {
        string folder = Directory.CreateTempSubdirectory("wmgwd2-tests-").FullName;
        try
        {
            string file = Path.Combine(folder, "a file.conf");
            File.WriteAllText(file, "");
            foreach (string command in new[] { "run", "status", "fence" })
            {
                Assert.Equal([file], InBash(command, "--config", $"{folder}/"));
                Assert.Equal([file], InBash(command, "--config", "=", $"{folder}/a"));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [NamespaceFact]
    public void The_VNIs_of_the_daemon_that_the_line_names_are_completed()
    {
        using var network = new TestNetwork(output, 1, 1, 2, 30);
        string socket = network[1].ControlSocket;
        string file = Path.Combine(network.Folder, "wmgwd2.conf");
        File.WriteAllText(file, $"control-socket = {socket}\n");
        string[] given = ["status", "--control-socket", socket, "--vni"];
        Assert.Equal([], InBash([.. given, ""]));
        network[1].Start(7).WaitUntilServing();

        Assert.Equal(["1", "2", "30"], InBash([.. given, ""]));
        Assert.Equal(["30"], InBash([.. given, "3"]));
        Assert.Equal(["1", "2", "30"], InBash("status", "--config", file, "--vni", "="));
        Assert.Equal(["30"], InBash("status", "--config", "=", file, "--vni", "=", "3"));
    }

    [Fact]
    public void Bash_completes_nothing_without_the_binary() => Assert.Equal(
        [], Lines(Command.Run(["bash", "-c", CompleteInBash, "bash", $"{Folder}/wmgwd2.bash", "/nonexistent/wmgwd2", ""])));

    [ToolFact("zsh")]
    public void Zsh_completes_every_command_and_every_flag()
    {
        IReadOnlyList<string> commands = HelpText.Read().Commands;
        Assert.Equal(commands, InZsh("").Select(line => line.Split(':')[0]));
        Assert.All(InZsh(""), line => Assert.True(line.Split(':')[1].Length > 10, line));
        foreach (string command in commands)
        {
            Assert.Equal(
                HelpText.Read(command).Flags.Select(flag => flag.Replace("--help", "(- *)--help", StringComparison.Ordinal)).Order(),
                InZsh(command, "-").Select(DescribeSpecification).Order());
        }
    }

    [ToolFact("zsh")]
    public void Zsh_completes_the_word_that_asks_for_a_whole_plan() =>
        Assert.EndsWith(":VNIS:(all)", Assert.Single(InZsh("plan", "-"), line => line.StartsWith("--show", StringComparison.Ordinal)));

    [ToolFact("zsh")]
    public void Zsh_finds_no_fault_with_its_script() =>
        Assert.Equal([], Lines(Command.Run(["zsh", "-n", $"{Folder}/_wmgwd2"])));

    /// <summary>Of <c>--flag=[what it means]:PLACEHOLDER:action</c> the flag and the placeholder.</summary>
    private static string DescribeSpecification(string text)
    {
        string[] parts = text.Replace("\\:", "", StringComparison.Ordinal).Split(':');
        string flag = parts[0].Split('[')[0];
        return parts.Length == 1 ? flag : $"{flag.TrimEnd('=')} {parts[1]}";
    }

    private static IReadOnlyList<string> InBash(params string[] words) => Lines(Command.Run(
        ["bash", "--norc", "--noprofile", "-c", CompleteInBash, "bash", $"{Folder}/wmgwd2.bash", Binary.Path, .. words]));

    private static IReadOnlyList<string> InZsh(params string[] words) => Lines(Command.Run(
        ["zsh", "-f", "-c", CompleteInZsh, "zsh", $"{Folder}/_wmgwd2", Binary.Path, .. words]));

    private static string[] Lines(CommandResult result)
    {
        Assert.Equal("", result.Errors);
        Assert.Equal(0, result.ExitCode);
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
