using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using Wmgwd2.Config;
using Wmgwd2.Io;

namespace Wmgwd2.Cli;

/// <summary>The flags that are settings, and --config: every key of the config file is a flag.</summary>
internal sealed class SettingOptions
{
    private readonly Option<string> _config = new("--config")
    {
        Description = "The config file: key = value lines, the keys named as these flags.",
        HelpName = "FILE",
    };

    private readonly Dictionary<string, Option<string>> _options;

    /// <param name="command">The command that has these flags.</param>
    /// <param name="keys">The keys that are its flags.</param>
    public SettingOptions(Command command, IEnumerable<SettingKey> keys)
    {
        command.Options.Add(_config);
        _options = keys.ToDictionary(key => key.Name, Describe);
        foreach (Option<string> option in _options.Values)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Reads the settings that a command line gives.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="errors">Is told what is wrong, a line each.</param>
    /// <returns>The settings, or null when anything is wrong.</returns>
    public Settings? Read(ParseResult result, TextWriter errors) => Read(SourceOf(result), errors);

    /// <summary>Reads settings, and tells what is wrong with them, a line each.</summary>
    public static Settings? Read(SettingsSource source, TextWriter errors)
    {
        Settings? settings = source.Read(out IReadOnlyList<string> found);
        Tell(found, errors);
        return settings;
    }

    /// <summary>Reads where the control socket is, whatever else is wrong, and tells what is wrong with that.</summary>
    public static string? ReadControlSocket(SettingsSource source, TextWriter errors)
    {
        string? path = source.ReadControlSocket(out IReadOnlyList<string> found);
        Tell(found, errors);
        return path;
    }

    /// <summary>Where a command line says that the settings are.</summary>
    public SettingsSource SourceOf(ParseResult result)
    {
        Assignment[] flags =
        [
            .. _options
                .Where(option => result.GetResult(option.Value) is { Implicit: false })
                .Select(option => new Assignment(option.Key, result.GetValue(option.Value) ?? "", $"--{option.Key}")),
        ];
        return new SettingsSource(SmallFile.ConfigAt(result.GetValue(_config)), flags);
    }

    private static void Tell(IReadOnlyList<string> found, TextWriter errors)
    {
        foreach (string error in found)
        {
            errors.WriteLine(error);
        }
    }

    private static Option<string> Describe(SettingKey key)
    {
        var option = new Option<string>($"--{key.Name}")
        {
            Description = key.DefaultText.Length > 0 ? $"{key.Help} [default: {key.DefaultText}]" : key.Help,
            HelpName = key.Placeholder,
        };
        option.CompletionSources.Add([.. key.Choices]);
        return option;
    }
}
