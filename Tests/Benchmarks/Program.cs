using System;
using Wmgwd2.Benchmarks;

switch (args)
{
    case ["election"]:
        ElectionBenchmark.Run(Console.Out);
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
