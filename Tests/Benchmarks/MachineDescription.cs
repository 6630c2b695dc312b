using System;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Wmgwd2.Benchmarks;

/// <summary>What figures were measured on: without it they mean little.</summary>
internal static class MachineDescription
{
    /// <summary>Processor, how many of them, kernel and date, in a line.</summary>
    public static string Line => string.Create(
        CultureInfo.InvariantCulture,
        $"{Model()}, {Environment.ProcessorCount} processors, Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}, "
        + $"{DateTime.UtcNow:yyyy-MM-dd}");

    // arm64 names no model there.
    private static string Model() => File.ReadLines("/proc/cpuinfo")
        .Where(line => line.StartsWith("model name", StringComparison.Ordinal))
        .Select(line => line[(line.IndexOf(':') + 2)..])
        .FirstOrDefault("unknown processor");
}
