using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using Xunit;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>The published binary: what operators run, not the test host's build of it.</summary>
internal static class Binary
{
    /// <summary>Where the repository is.</summary>
    public static string RepositoryRoot { get; } = typeof(Binary).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>Its path. A test without it fails: a binary that nobody built is no reason to skip.</summary>
    public static string Path
    {
        get
        {
            string path = Environment.GetEnvironmentVariable("WMGWD2_BINARY") is { Length: > 0 } given
                ? given
                : System.IO.Path.Combine(RepositoryRoot, "dist", "wmgwd2");
            Assert.True(
                File.Exists(path), $"{path} is missing: run ./build.sh first, or set WMGWD2_BINARY to the published binary");
            return path;
        }
    }

    /// <summary>Runs it to its end.</summary>
    public static CommandResult Run(params string[] arguments) => Command.Run([Path, .. arguments]);

    /// <summary>Runs it to its end in a namespace.</summary>
    public static CommandResult RunIn(string name, params string[] arguments) =>
        RunIn(name, [], arguments);

    /// <summary>Runs it to its end in a namespace, by another program.</summary>
    public static CommandResult RunIn(string name, IReadOnlyList<string> by, params string[] arguments) =>
        Command.Run([.. NetworkNamespace.Within(name), .. by, Path, .. arguments]);
}
