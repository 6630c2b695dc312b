using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>A manual page as it stands in scripts/man, in mdoc(7): what the tests need of it.</summary>
internal sealed partial class ManualPage
{
    private readonly string[] _lines;

    private ManualPage(IEnumerable<string> lines) => _lines = [.. lines];

    /// <summary>Reads a page.</summary>
    public static ManualPage Read(string name) => new(File.ReadLines(PathOf(name)));

    /// <summary>Where a page is.</summary>
    public static string PathOf(string name) => Path.Combine(Binary.RepositoryRoot, "scripts", "man", name);

    /// <summary>The names of its subsections, in their order.</summary>
    public IReadOnlyList<string> Subsections =>
        [.. _lines.Where(line => line.StartsWith(".Ss ", StringComparison.Ordinal)).Select(line => line[4..])];

    /// <summary>A section, up to the next one.</summary>
    public ManualPage Section(string name) => Between($".Sh {name}", ".Sh ");

    /// <summary>A subsection, up to the next one; or what stands before the first.</summary>
    public ManualPage Subsection(string? name) => name == null
        ? new(_lines.TakeWhile(line => !line.StartsWith(".Ss ", StringComparison.Ordinal)))
        : Between($".Ss {name}", ".Ss ");

    /// <summary>Whether it refers to a section.</summary>
    public bool RefersTo(string section) => _lines.Any(line => line.StartsWith($".Sx {section}", StringComparison.Ordinal));

    /// <summary>The parts that a macro begins, without it.</summary>
    public IEnumerable<ManualPage> SplitAt(string macro)
    {
        int[] starts = [.. Enumerable.Range(0, _lines.Length).Where(at => _lines[at] == macro), _lines.Length];
        return starts.Zip(starts.Skip(1), (first, next) => new ManualPage(_lines[(first + 1)..next]));
    }

    /// <summary>The flags that are items of its lists: <c>--config FILE</c>, <c>--json</c>.</summary>
    public IReadOnlyList<string> FlagItems => Flags(ItemFlag());

    /// <summary>The optional flags of a synopsis.</summary>
    public IReadOnlyList<string> OptionalFlags => Flags(OptionalFlag());

    /// <summary>The words that are commands.</summary>
    public IReadOnlyList<string> CommandWords =>
    [
        .. _lines.Select(line => CommandWord().Match(line)).Where(match => match.Success)
            .SelectMany(match => match.Groups[1].Value.Split(" | ")),
    ];

    /// <summary>Its items for keys, <c>key = PLACEHOLDER</c>, and what each says, as one line of plain words.</summary>
    public IReadOnlyList<(string Key, string Text)> KeyItems
    {
        get
        {
            var items = new List<(string Key, string Text)>();
            foreach (string line in _lines)
            {
                if (ItemKey().Match(line) is { Success: true } item)
                {
                    items.Add(($"{item.Groups[1].Value} = {item.Groups[2].Value}", ""));
                }
                else if (items.Count > 0)
                {
                    items[^1] = (items[^1].Key, $"{items[^1].Text} {line}".TrimStart());
                }
            }

            return items;
        }
    }

    private ManualPage Between(string first, string next) => new(_lines
        .SkipWhile(line => line != first).Skip(1)
        .TakeWhile(line => !line.StartsWith(next, StringComparison.Ordinal)));

    private string[] Flags(Regex pattern) =>
    [
        .. _lines.Select(line => pattern.Match(line)).Where(match => match.Success)
            .Select(match => $"--{match.Groups[1].Value} {match.Groups[2].Value}".TrimEnd()),
    ];

    [GeneratedRegex(@"^\.It Fl -([a-z][a-z0-9-]*)(?: Ar ([^ ]+))?")]
    private static partial Regex ItemFlag();

    [GeneratedRegex(@"^\.Op Fl -([a-z][a-z0-9-]*)(?: Ar ([^ ]+))?")]
    private static partial Regex OptionalFlag();

    [GeneratedRegex(@"^\.(?:Op )?Cm ([a-z| ]+)$")]
    private static partial Regex CommandWord();

    [GeneratedRegex(@"^\.It Cm ([a-z-]+) No = Ar ([^ ]+)$")]
    private static partial Regex ItemKey();
}
