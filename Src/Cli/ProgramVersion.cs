using System.Reflection;

namespace Wmgwd2.Cli;

/// <summary>The version of this program, as the project file has it.</summary>
internal static class ProgramVersion
{
    public static string Text { get; } = typeof(ProgramVersion).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
