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
/// wrong before it gives up; touches nothing but the file that it reads.
/// </summary>
public static class SettingsReader
{
    /// <summary>Reads the settings: flags win over the file, the file over the defaults.</summary>
    /// <param name="file">The config file's path, or null for none.</param>
    /// <param name="flags">The flags that were given.</param>
    /// <param name="errors">One line for each thing that is wrong; empty when nothing is.</param>
    /// <returns>The settings, or null when anything is wrong.</returns>
    public static Settings? Read(string? file, IReadOnlyList<Assignment> flags, out IReadOnlyList<string> errors)
    {
        var found = new List<string>();
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

        errors = found;
        return found.Count == 0 ? draft.Finish() : null;
    }

    private static void Apply(SettingsDraft draft, IReadOnlyList<Assignment> assignments, List<string> errors)
    {
        var seen = new Dictionary<string, string>();
        foreach ((string name, string value, string origin) in assignments)
        {
            draft.Origin = origin;
            if (SettingKey.Find(name) is not { } key)
            {
                errors.Add($"{origin}: unknown key '{name}'; expected one of those that wmgwd2.conf.example documents");
            }
            else if (!seen.TryAdd(name, origin))
            {
                errors.Add($"{Where(name, origin)}: given before, at {seen[name]}; expected once");
            }
            else if (value.Any(char.IsControl) || !key.TryRead(draft, value))
            {
                errors.Add($"{Where(name, origin)}: '{value}' is not {key.Expected}");
            }
        }
    }

    private static string Where(string name, string origin) => origin == $"--{name}" ? origin : $"{origin}: {name}";

    private static List<Assignment> ReadFile(string file, List<string> errors)
    {
        var assignments = new List<Assignment>();
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            errors.Add($"{file}: can't be read: {error.Message}");
            return assignments;
        }

        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Split('#', 2)[0].Trim();
            string origin = $"{file}:{i + 1}";
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (line.Length > 0 && equals <= 0)
            {
                errors.Add($"{origin}: '{line}' is no setting; expected key = value");
            }
            else if (line.Length > 0)
            {
                assignments.Add(new Assignment(line[..equals].TrimEnd(), line[(equals + 1)..].TrimStart(), origin));
            }
        }

        return assignments;
    }
}
