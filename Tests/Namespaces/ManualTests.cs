using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Config;
using Wmgwd2.Tests.Configuration;
using Xunit;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>The manual pages against the help of the binary and the table of settings.</summary>
public sealed class ManualTests
{
    private const string SettingFlags = "Settings";
    private const string Waits = "A change waits for the next start.";

    private static readonly ManualPage Commands = ManualPage.Read("wmgwd2.8").Section("COMMANDS");

    [Fact]
    public void Every_command_has_a_section_and_no_other_has() => Assert.Equal(
        HelpText.Read().Commands.Append(SettingFlags).Order(), Commands.Subsections.Order());

    [Fact]
    public void What_stands_without_a_command_is_what_the_help_has() => Assert.Equal(
        HelpText.Read().Flags.Order(), Commands.Subsection(null).FlagItems.Order());

    [Fact]
    public void Every_flag_of_every_command_is_there_and_no_other_is()
    {
        IReadOnlyList<string> settings = Commands.Subsection(SettingFlags).FlagItems;
        foreach (string command in HelpText.Read().Commands)
        {
            ManualPage section = Commands.Subsection(command);
            IEnumerable<string> documented = section.FlagItems.Concat(section.RefersTo(SettingFlags) ? settings : []);
            IEnumerable<string> common = Commands.Subsection(null).FlagItems;
            Assert.Equal(
                Say(command, HelpText.Read(command).Flags.Where(flag => !common.Contains(flag))), Say(command, documented));
        }
    }

    [Fact]
    public void The_synopsis_has_every_command_with_its_flags()
    {
        var entries = ManualPage.Read("wmgwd2.8").Section("SYNOPSIS").SplitAt(".Nm")
            .SelectMany(entry => entry.CommandWords.Select(command => (Command: command, entry.OptionalFlags)))
            .ToDictionary(entry => entry.Command, entry => entry.OptionalFlags);
        Assert.Equal(HelpText.Read().Commands.Order(), entries.Keys.Order());
        foreach ((string command, IReadOnlyList<string> flags) in entries)
        {
            // Those of the settings are one word there, KEY.
            IEnumerable<string> settings = Commands.Subsection(command).RefersTo(SettingFlags)
                ? SettingKey.All.Select(key => $"--{key.Name} {key.Placeholder}") : [];
            Assert.Equal(
                Say(command, HelpText.Read(command).Flags.Except(settings).Where(flag => flag != "--help")),
                Say(command, flags));
        }
    }

    [Fact]
    public void Every_setting_has_its_placeholder_its_values_and_its_default()
    {
        IReadOnlyList<(string Key, string Text)> items = ManualPage.Read("wmgwd2.conf.5").Section("KEYS").KeyItems;
        Assert.Equal(SettingKey.All.Select(key => $"{key.Name} = {key.Placeholder}"), items.Select(item => item.Key));
        foreach ((SettingKey key, (_, string text)) in SettingKey.All.Zip(items))
        {
            Assert.Contains($"Value: {key.Expected}.", text);
            Assert.Contains($"Default: {(key.DefaultText.Length > 0 ? key.DefaultText : "none")}.", text);
            Assert.Equal($"{key.Name} {WaitsForTheNextStart(key)}", $"{key.Name} {text.Contains(Waits, StringComparison.Ordinal)}");
        }
    }

    /// <summary>Whether a reload leaves a key as it is: some value that it can have is compared with its default.</summary>
    private static bool WaitsForTheNextStart(SettingKey key)
    {
        Settings before = SettingsReader.Read(null, [], out _)!;
        SettingsChange[] changes =
        [
            .. SettingKeyTests.Valid.Where(row => (string)row[0] == key.Name)
                .Select(row => SettingsReader.Read(null, [new Assignment(key.Name, (string)row[1], "")], out _)!)
                .Select(settings => new SettingsChange(before, settings)),
        ];
        Assert.Contains(changes, change => change.Changed.Count + change.Left.Count > 0);
        return Array.Exists(changes, change => change.Left.Count > 0);
    }

    private static IEnumerable<string> Say(string command, IEnumerable<string> flags) =>
        flags.Order().Select(flag => $"{command} {flag}");
}
