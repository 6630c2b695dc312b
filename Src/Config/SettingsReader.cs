using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Wmgwd2.Config;

/// <summary>A value that was given for a key, and where.</summary>
/// <param name="Key">The key, known or not.</param>
/// <param name="Value">The value as it stands there.</param>
/// <param name="Origin"><c>FILE:LINE</c>, or the flag.</param>
public readonly record struct Assignment(string Key, string Value, string Origin);

/// <summary>
/// Reads settings from a config file (<c>key = value</c> lines, <c>#</c> begins a comment) and from flags. Finds all that is
/// wrong before it gives up, and says of a file that is no config at all a hundred times what is wrong with it.
/// </summary>
public static partial class SettingsReader
{
    /// <summary>Reads the settings: flags win over the file, the file over the defaults.</summary>
    /// <param name="file">The config file, or null for none.</param>
    /// <param name="flags">The flags that were given.</param>
    /// <param name="errors">One line for each thing that is wrong; empty when nothing is.</param>
    /// <returns>The settings, or null when anything is wrong.</returns>
    public static Settings? Read(ConfigFile? file, IReadOnlyList<Assignment> flags, out IReadOnlyList<string> errors)
    {
        var found = new ErrorList();
        var draft = new SettingsDraft();
        foreach (SettingKey key in SettingKey.All)
        {
            if (key.DefaultText.Length > 0 && !key.TryRead(draft, key.DefaultText))
            {
                throw new InvalidOperationException($"The default of {key.Name} is no value for it.");
            }
        }

        draft.Layer = 1;
        Apply(draft, file == null ? [] : ReadFile(file, found), found);
        draft.Layer = 2;
        Apply(draft, flags, found);
        if (draft.FindConflict() is { } conflict)
        {
            found.Add(conflict);
        }

        errors = found.Lines;
        return errors.Count == 0 ? draft.Finish() : null;
    }

    private static void Apply(SettingsDraft draft, IEnumerable<Assignment> assignments, ErrorList errors)
    {
        var seen = new Dictionary<string, string>();
        foreach ((string name, string value, string origin) in assignments)
        {
            draft.Origin = origin;
            if (SettingKey.Find(name) is not { } key)
            {
                errors.Add($"{origin}: unknown key {QuotedText.Of(name)}; expected one of those that wmgwd2.conf.example documents");
            }
            else if (!seen.TryAdd(name, origin))
            {
                errors.Add($"{Where(name, origin)}: given before, at {seen[name]}; expected once");
            }
            else if (value.Any(char.IsControl) || !key.TryRead(draft, value))
            {
                errors.Add($"{Where(name, origin)}: {QuotedText.Of(value)} is not {key.Expected}");
            }
        }
    }

    private static string Where(string name, string origin) => origin == $"--{name}" ? origin : $"{origin}: {name}";

    private static IEnumerable<Assignment> ReadFile(ConfigFile file, ErrorList errors)
    {
        string text;
        try
        {
            text = file.ReadText();
        }
        catch (IOException error)
        {
            errors.Add($"{file.Path}: can't be read: {error.Message}");
            return [];
        }

        foreach (Assignment line in LinesOf(text, file.Path, settings: false))
        {
            errors.Add($"{line.Origin}: {QuotedText.Of(line.Value)} is no setting; expected key = value");
        }

        // One after the other: a list of them would be many times as large as a file that is no config.
        return LinesOf(text, file.Path, settings: true);
    }

    /// <summary>The lines of a config file that hold a setting; or those that hold something else, which has no key.</summary>
    private static IEnumerable<Assignment> LinesOf(string text, string path, bool settings)
    {
        using var reader = new StringReader(text);
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            int comment = line.IndexOf('#', StringComparison.Ordinal);
            line = (comment < 0 ? line : line[..comment]).Trim();
            int sign = line.IndexOf('=', StringComparison.Ordinal);
            if (line.Length > 0 && sign > 0 == settings)
            {
                yield return new Assignment(
                    settings ? line[..sign].TrimEnd() : "", settings ? line[(sign + 1)..].TrimStart() : line, $"{path}:{number}");
            }
        }
    }
}
