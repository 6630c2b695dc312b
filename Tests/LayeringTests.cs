using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace Wmgwd2.Tests;

/// <summary>
/// The table of the folders in Src: what each may use. Reads the sources, without their comments and texts, and knows
/// names alone; so a name that is forbidden to a folder can't be used there for something else either.
/// </summary>
public sealed class LayeringTests
{
    private const string Project = "Wmgwd2";

    /// <summary>The project's other folders that a folder may use. Io, Cli and Program.cs may use all.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Core"] = [],
        ["Wire"] = ["Core"],
        ["Interop"] = [],
        ["Config"] = ["Core"],
        ["Status"] = ["Core"],
        ["Check"] = ["Core", "Status"],
    };

    /// <summary>
    /// What the pure folders may not even mention: sockets, files, clocks, randomness, the environment, the console,
    /// threads.
    /// </summary>
    private static readonly string[] Impure =
    [
        "System.Net", "System.IO", "System.Diagnostics", "System.Timers", "System.Security", "System.Reflection",
        "System.Threading.Tasks", "Microsoft", "LibraryImport", "DllImport",
        "Stopwatch", "DateTime", "DateTimeOffset", "TimeProvider", "TickCount", "TickCount64", "Random", "Guid",
        "Environment", "Console", "File", "Socket", "Thread", "ThreadPool", "Task", "ValueTask", "Timer", "Monitor",
        "Lock",
        "Interlocked", "lock", "async", "await", "unsafe",
    ];

    [Theory]
    [InlineData("Core")]
    [InlineData("Wire")]
    [InlineData("Interop")]
    [InlineData("Config")]
    [InlineData("Status")]
    [InlineData("Check")]
    public void Folder_uses_only_what_it_may(string folder)
    {
        IEnumerable<string> forbidden = ForbiddenTo(folder, FoldersOf(SourceRoot()), ReferenceTypesOf(Sources("Core")));

        Assert.Empty(
            from file in Sources(folder)
            from found in FindIn(File.ReadAllText(file), forbidden)
            select $"{Path.GetRelativePath(SourceRoot(), file)} uses {found}");
    }

    [Fact]
    public void Folder_is_the_namespace() => Assert.Empty(
        from file in Directory.EnumerateFiles(SourceRoot(), "*.cs", SearchOption.AllDirectories)
        let folder = Path.GetRelativePath(SourceRoot(), Path.GetDirectoryName(file)!)
        let expected = folder == "." ? Project : $"{Project}.{folder}"
        where !Regex.IsMatch(File.ReadAllText(file), $@"(?m)^namespace {Regex.Escape(expected)};")
        select file);

    /// <summary>
    /// The checker itself: each of these is found in a source that has it, and nothing is in one that has not.
    /// </summary>
    [Theory]
    [InlineData("Core", "using Wmgwd2.Interop;", "Interop")]
    [InlineData("Core", "using static Wmgwd2.Io.EventPoll;", "Io")]
    [InlineData("Core", "var a = new Wmgwd2.Wire.NetlinkReader(b);", "Wire")]
    [InlineData("Core", "int a = Interop.Libc.getpid();", "Interop")] // From within Wmgwd2.
    [InlineData("Core", "using global::Wmgwd2 . Config ;", "Config")]
    [InlineData("Core", "var a = DateTime.UtcNow;", "DateTime")]
    [InlineData("Core", "long a = Environment.TickCount64;", "Environment, TickCount64")]
    [InlineData("Core", "var a = System.Threading.Thread.CurrentThread;", "Thread")]
    [InlineData("Core", "using System.Net.Sockets;", "System.Net")]
    [InlineData("Core", "using System.Threading; int a = Volatile.Read(ref b);", "")]
    [InlineData("Core", "// Console \n /* Random\n */ int a;", "")]
    [InlineData("Core", "string a = \"Thread\" + @\"Task \"\" Guid\" + $\"Socket\"; char b = '\"'; int c = 1;", "")]
    [InlineData("Core", "string a = $\"{Random.Shared}\";", "Random")]
    [InlineData("Core", "string a = \"\"\"\n \"Console\" \n\"\"\"; Console.Write(a);", "Console")]
    [InlineData("Core", "char a = '\"'; Console.Write(a); // \"", "Console")]
    [InlineData("Core", "int Threads, TaskCount, randomness; a.Status = b.Wire;", "")]
    [InlineData("Wire", "using Wmgwd2.Core; Ipv4Address a;", "")]
    [InlineData("Wire", "using Wmgwd2.Core; Gateway a;", "Gateway")]
    [InlineData("Wire", "PeerTable a; InterfaceReconciler b; Ownership c;", "InterfaceReconciler, Ownership, PeerTable")]
    [InlineData("Interop", "using Wmgwd2.Core;", "Core")]
    [InlineData("Interop", "[LibraryImport(\"libc\")] static partial int getpid();", "")]
    [InlineData("Config", "using Wmgwd2.Core; using System.IO; VniSet a;", "")]
    [InlineData("Config", "using Wmgwd2.Io;", "Io")]
    [InlineData("Status", "using Wmgwd2.Wire; using Wmgwd2.Config;", "Config, Wire")]
    public void Checker_finds_in_a_source_of(string folder, string source, string found)
    {
        string[] folders = ["Core", "Wire", "Interop", "Config", "Status", "Io", "Cli"];
        string[] referenceTypes = ["Gateway", "PeerTable", "InterfaceReconciler", "Ownership", "VniSet"];

        IEnumerable<string> actual = FindIn(source, ForbiddenTo(folder, folders, referenceTypes));

        Assert.Equal(found, string.Join(", ", actual.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Checker_tells_reference_types_from_value_types() => Assert.Equal(
        ["Table", "IReader", "Entry"],
        ReferenceTypesIn(
            """
            public sealed class Table { public ref struct Enumerator { } private enum Mark { } }
            internal interface IReader { } public readonly record struct Vni(uint Value); public sealed record Entry(int A);
            /// <summary>A class of its own.</summary>
            """));

    [Fact]
    public void Checker_has_something_to_read()
    {
        Assert.True(Sources("Core").Length > 10 && Sources("Wire").Length > 5 && Sources("Interop").Length > 0);
        Assert.Contains("Gateway", ReferenceTypesOf(Sources("Core")));
        Assert.DoesNotContain("Ipv4Address", ReferenceTypesOf(Sources("Core")));
    }

    private static IEnumerable<string> ForbiddenTo(
        string folder, IEnumerable<string> folders, IEnumerable<string> coreReferenceTypes)
    {
        // As a namespace: whole, or from within Wmgwd2 without that, and then followed by a dot; but not as a member's
        // name.
        IEnumerable<string> forbidden = folders.Where(other => other != folder && !Allowed[folder].Contains(other));
        return folder switch
        {
            "Core" => [.. forbidden.Select(other => other + "."), .. Impure],
            "Wire" => [.. forbidden.Select(other => other + "."), .. Impure, .. coreReferenceTypes],
            _ => forbidden.Select(other => other + "."),
        };
    }

    private static IEnumerable<string> FindIn(string source, IEnumerable<string> forbidden)
    {
        string code = CodeOf(source);
        foreach (string each in forbidden)
        {
            string name = each.TrimEnd('.');
            string pattern = each != name
                ? $@"(?<![\w.]){Project}\.{name}\b|(?<![\w.]){name}\."
                : $@"(?<!\w){Regex.Escape(name)}\b";
            if (Regex.IsMatch(code, pattern))
            {
                yield return name;
            }
        }
    }

    /// <summary>
    /// A source without comments, texts and the space around dots; what is interpolated into a text stays.
    /// </summary>
    private static string CodeOf(string source)
    {
        const string Comment = @"//[^\n]*|/\*[\s\S]*?\*/";
        const string RawText = "\"\"\"[\\s\\S]*?\"\"\"";
        const string VerbatimText = "@\"(?:[^\"]|\"\")*\"";
        const string Interpolated = @"\$""(?<inner>(?:[^""\\]|\\.)*)""";
        const string Text = @"""(?:[^""\\\n]|\\.)*""|'(?:[^'\\\n]|\\.)+'";
        string code = Regex.Replace(
            source,
            $"{Comment}|{RawText}|{Interpolated}|{VerbatimText}|{Text}",
            text => string.Concat(Regex.Matches(text.Groups["inner"].Value, "{[^{}]*}").Select(hole => $" {hole.Value} ")));
        return Regex.Replace(Regex.Replace(code, @"\s*\.\s*", "."), "global::", "");
    }

    private static List<string> ReferenceTypesIn(string source) =>
    [
        .. Regex.Matches(
            CodeOf(source), @"\b(?:class|interface|delegate|record(?!\s+struct)(?:\s+class)?)\s+(?<name>[A-Z]\w*)")
            .Select(match => match.Groups["name"].Value),
    ];

    private static List<string> ReferenceTypesOf(string[] files) =>
        [.. files.SelectMany(file => ReferenceTypesIn(File.ReadAllText(file)))];

    private static IEnumerable<string> FoldersOf(string root) =>
        Directory.EnumerateDirectories(root).Select(path => Path.GetFileName(path));

    private static string[] Sources(string folder)
    {
        string path = Path.Combine(SourceRoot(), folder);
        return Directory.Exists(path) ? Directory.GetFiles(path, "*.cs", SearchOption.AllDirectories) : [];
    }

    private static string SourceRoot() => Path.Combine(
        typeof(LayeringTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "RepositoryRoot").Value!,
        "Src");
}
