using System;
using System.Diagnostics;
using System.Threading;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>
/// Measures how long this machine keeps a thread waiting that has nothing to do but to sleep: whoever reads of a bound that
/// was missed can see whether the machine alone can have done it.
/// </summary>
internal sealed class StallWatch : IDisposable
{
    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(5);

    private readonly Thread _thread;
    private long _longest;
    private volatile bool _ends;

    public StallWatch()
    {
        _thread = new Thread(Watch);
        _thread.Start();
    }

    /// <summary>The longest time that a nap was too long.</summary>
    public TimeSpan Longest => TimeSpan.FromTicks(Interlocked.Read(ref _longest));

    public void Dispose()
    {
        _ends = true;
        _thread.Join();
    }

    private void Watch()
    {
        while (!_ends)
        {
            long before = Stopwatch.GetTimestamp();
            Thread.Sleep(Nap);
            TimeSpan stalled = Stopwatch.GetElapsedTime(before) - Nap;
            if (stalled.Ticks > Interlocked.Read(ref _longest))
            {
                Interlocked.Exchange(ref _longest, stalled.Ticks);
            }
        }
    }
}
