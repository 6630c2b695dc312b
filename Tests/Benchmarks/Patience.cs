using System;
using System.Diagnostics;
using System.Threading;

namespace Wmgwd2.Benchmarks;

/// <summary>Waits with a limit: nothing here waits for ever.</summary>
internal static class Patience
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until a condition holds.</summary>
    /// <param name="condition">The condition, looked at some fifty times a second.</param>
    /// <param name="limit">How long at most.</param>
    /// <returns>Whether it held in time.</returns>
    public static bool WaitFor(Func<bool> condition, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > limit)
            {
                return false;
            }

            Thread.Sleep(Pause);
        }

        return true;
    }
}
