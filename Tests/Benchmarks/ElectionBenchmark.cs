using System.IO;
using Wmgwd2.Core;

namespace Wmgwd2.Benchmarks;

/// <summary>What the election costs.</summary>
internal static class ElectionBenchmark
{
    public static void Run(TextWriter output) => output.WriteLine(RendezvousHash.Weight(new NodeId(1), new Vni(1)));
}
