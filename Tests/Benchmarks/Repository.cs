using System;
using System.IO;

namespace Wmgwd2.Benchmarks;

/// <summary>The repository that this program was published in: it measures that one's binary, in that one's lab.</summary>
internal static class Repository
{
    /// <summary>Its root: the nearest folder above this program that has scripts/lab.sh.</summary>
    public static string Root { get; } = Find();

    /// <summary>The script that makes the lab.</summary>
    public static string LabScript => Path.Combine(Root, "scripts", "lab.sh");

    /// <summary>The daemon: WMGWD2_BINARY, or what build.sh leaves.</summary>
    public static string Binary => Environment.GetEnvironmentVariable("WMGWD2_BINARY") is { Length: > 0 } given
        ? given
        : Path.Combine(Root, "dist", "wmgwd2");

    private static string Find()
    {
        for (string? folder = AppContext.BaseDirectory; folder != null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "scripts", "lab.sh")))
            {
                return folder;
            }
        }

        throw new FileNotFoundException("scripts/lab.sh is in no folder above this program; publish it inside the repository");
    }
}
