using System;
using System.IO;
using System.Linq;
using Xunit;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>A test that makes network namespaces: skipped, with the reason, where that can't be done.</summary>
/// <param name="tools">Programs that it needs beside those that all need.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NamespaceFactAttribute(params string[] tools) : FactAttribute
{
    /// <inheritdoc/>
    public override string? Skip { get; set; } = Requirements.FindMissing(tools);
}

/// <summary>A test that takes no root, but programs that a machine may not have: skipped, with the reason, without them.</summary>
/// <param name="tools">The programs.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ToolFactAttribute(params string[] tools) : FactAttribute
{
    /// <inheritdoc/>
    public override string? Skip { get; set; } = Requirements.FindMissingTool(tools);
}

/// <summary>A theory that makes network namespaces: skipped, with the reason, where that can't be done.</summary>
/// <param name="tools">Programs that it needs beside those that all need.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NamespaceTheoryAttribute(params string[] tools) : TheoryAttribute
{
    /// <inheritdoc/>
    public override string? Skip { get; set; } = Requirements.FindMissing(tools);
}

/// <summary>A theory with other programs: skipped, with the reason, where one is missing.</summary>
/// <param name="tools">The programs.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ToolTheoryAttribute(params string[] tools) : TheoryAttribute
{
    /// <inheritdoc/>
    public override string? Skip { get; set; } = Requirements.FindMissingTool(tools);
}

/// <summary>What the machine must have.</summary>
internal static class Requirements
{
    private static readonly string[] Everywhere = ["ip", "nsenter", "env", "unshare"];
    private static readonly Lazy<string?> Common = new(FindCommon);

    /// <summary>Says what is missing; null when nothing is.</summary>
    public static string? FindMissing(string[] tools) => Common.Value ?? FindMissingTool(tools);

    private static string? FindCommon() => Linux.GetEffectiveUser() != 0
        ? "network namespaces take root"
        : FindMissingTool(Everywhere)
            ?? (Command.Run(["unshare", "--net", "true"]) is { ExitCode: not 0 } refused
                ? $"no network namespace can be made here: {refused.Errors.Trim()}"
                : null);

    /// <summary>Says which program is missing; null when none is.</summary>
    public static string? FindMissingTool(string[] tools)
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        string? missing = tools.FirstOrDefault(tool => !folders.Any(folder => File.Exists(Path.Combine(folder, tool))));
        return missing == null ? null : $"{missing} is missing";
    }
}
