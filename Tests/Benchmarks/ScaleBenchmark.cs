using System;
using System.IO;

namespace Wmgwd2.Benchmarks;

/// <summary>Everything that is to be reached with thousands of VNIs.</summary>
internal static class ScaleBenchmark
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Prints the table.</summary>
    /// <param name="many">How many VNIs the most measurements have: 1,000, or fewer to try them out.</param>
    /// <param name="output">Where the table goes.</param>
    public static void Run(int many, TextWriter output)
    {
        output.WriteLine(Reach.Heading);

        // Two gateways: a third would work for the survivor's frames, on the same processors, and not for the bare loop's.
        using (var lab = new Lab(2, many))
        {
            StartBenchmark.Run(lab, output);
            TakeoverBenchmark.Run(lab, 100, output);
        }

        using (var lab = new Lab(3, many))
        {
            SteadyBenchmark.Run(lab, Second, 0.2, output);
            SteadyBenchmark.Run(lab, Second / 20, 1, output);
            ChurnBenchmark.Run(lab, output);
            BurstBenchmark.Run(lab, output);
        }

        using (var lab = new Lab(1, many / 10))
        {
            SteadyBenchmark.RunAlone(lab, 9, output);
        }

        using (var lab = new Lab(2, 4 * many))
        {
            TakeoverBenchmark.Run(lab, 400, output);
            SteadyBenchmark.RunAlone(lab, 14, output);
        }
    }
}
