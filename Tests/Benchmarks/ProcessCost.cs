using System;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Wmgwd2.Benchmarks;

/// <summary>What a process, its threads and all that descends from it have cost so far.</summary>
/// <param name="TimeNs">When this was read.</param>
/// <param name="CpuNs">
/// How long its threads have run: nanoseconds of /proc/PID/task/TID/schedstat, for the ticks of /proc/PID/stat are too coarse
/// for a daemon that runs a thousandth of the time.
/// </param>
/// <param name="ResidentBytes">Resident memory, the sum of its processes' VmRSS.</param>
internal readonly record struct ProcessCost(long TimeNs, long CpuNs, long ResidentBytes)
{
    /// <summary>Reads what a process and all that descends from it have cost.</summary>
    public static ProcessCost Of(int root)
    {
        string[] folders = [.. ProcessTree.Of(root).Select(id => string.Create(CultureInfo.InvariantCulture, $"/proc/{id}"))];
        return new ProcessCost(WallClock.NowNs, folders.Sum(CpuNsOf), folders.Sum(ResidentBytesOf));
    }

    /// <summary>How much of one processor it took since an earlier reading: 1 is all of it.</summary>
    public double CoresSince(ProcessCost earlier) => (double)(CpuNs - earlier.CpuNs) / (TimeNs - earlier.TimeNs);

    private static long CpuNsOf(string folder) => OrZero(() => Directory.GetDirectories(Path.Combine(folder, "task")).Sum(
        task => OrZero(() => long.Parse(
            File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture))));

    // VmRSS is in units of 1,024 bytes, whatever it says.
    private static long ResidentBytesOf(string folder) => OrZero(() => File.ReadLines(Path.Combine(folder, "status"))
        .Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture)) * 1024);

    // A thread or a process may end between finding it and reading it.
    private static long OrZero(Func<long> read)
    {
        try
        {
            return read();
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
