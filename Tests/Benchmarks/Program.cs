using System;
using System.Globalization;
using Wmgwd2.Benchmarks;

Interruption.Watch();
switch (args)
{
    case ["election"]:
        ElectionBenchmark.Run(Console.Out);
        return 0;
    case ["scale", .. var quick] when quick is [] or ["--quick"]:
        Lab.RemoveStale();
        ScaleBenchmark.Run(many: quick is [] ? 1000 : 100, Console.Out);
        return 0;
    case ["takeover", string vnis] when int.TryParse(vnis, CultureInfo.InvariantCulture, out int count):
        Lab.RemoveStale();
        using (var lab = new Lab(2, count))
        {
            TakeoverBenchmark.Run(lab, 100, Console.Out);
        }

        return 0;
    case ["steady", string vnis] when int.TryParse(vnis, CultureInfo.InvariantCulture, out int count):
        Lab.RemoveStale();
        using (var lab = new Lab(3, count))
        {
            SteadyBenchmark.Run(lab, TimeSpan.FromSeconds(1), 0.2, Console.Out);
        }

        return 0;
    case ["alone", string vnis] when int.TryParse(vnis, CultureInfo.InvariantCulture, out int count):
        Lab.RemoveStale();
        using (var lab = new Lab(1, count))
        {
            SteadyBenchmark.RunAlone(lab, count > 100 ? 14 : 9, Console.Out);
        }

        return 0;
    case ["peer"]:
        Lab.RemoveStale();
        PeerComparison.Run(Console.Out);
        return 0;
    default:
        Console.Error.WriteLine("usage: wmgwd2.Benchmarks election | scale [--quick] | takeover VNIS | steady VNIS | alone VNIS | peer; scripts/bench.sh runs it");
        return 2;
}
