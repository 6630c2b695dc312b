using System;
using System.Globalization;
using Wmgwd2.Benchmarks;

switch (args)
{
    case ["election"]:
        ElectionBenchmark.Run(Console.Out);
        return 0;
    case ["takeover", string vnis]:
        Interruption.Watch();
        using (var lab = new Lab(2, int.Parse(vnis, CultureInfo.InvariantCulture)))
        {
            TakeoverBenchmark.Run(lab, 100, Console.Out);
        }

        return 0;
    case ["scale"]:
        Interruption.Watch();
        ScaleBenchmark.Run(many: 1000, Console.Out);
        return 0;
    case ["scale", "--quick"]:
        Interruption.Watch();
        ScaleBenchmark.Run(many: 100, Console.Out);
        return 0;
    default:
        Console.Error.WriteLine("usage: wmgwd2.Benchmarks election; scripts/bench.sh runs all of it");
        return 2;
}
