using System;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using Xunit;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>Waits for what must come, not for how fast: the machine is shared.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Observes until what is seen fulfils a condition; fails with what was seen last.</summary>
    /// <param name="expected">What is waited for, for the message.</param>
    /// <param name="observe">Observes.</param>
    /// <param name="condition">What must hold.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <returns>What was seen then.</returns>
    public static T Get<T>(string expected, Func<T> observe, Func<T, bool> condition, TimeSpan? timeout = null)
    {
        TimeSpan limit = timeout ?? Timeout;
        var watch = Stopwatch.StartNew();
        while (true)
        {
            T seen = observe();
            if (condition(seen))
            {
                return seen;
            }

            if (watch.Elapsed > limit)
            {
                Assert.Fail(string.Create(
                    CultureInfo.InvariantCulture, $"{expected}: not within {limit.TotalSeconds} s; seen last: {seen}"));
            }

            Thread.Sleep(Pause);
        }
    }

    /// <summary>Waits until a condition holds.</summary>
    public static void Holds(string expected, Func<bool> condition, TimeSpan? timeout = null) =>
        Get(expected, condition, holds => holds, timeout);

    /// <summary>Fails when a condition is broken at any time during a while.</summary>
    public static void Always<T>(string expected, TimeSpan duration, Func<T> observe, Func<T, bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < duration)
        {
            T seen = observe();
            Assert.True(condition(seen), $"{expected}: seen after {watch.Elapsed.TotalSeconds:0.00} s: {seen}");
            Thread.Sleep(Pause);
        }
    }
}
