using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace Wmgwd2.Benchmarks;

/// <summary>
/// What has to be removed when this program is told to end. A signal ends a .NET program without its finally blocks, so each
/// lab is entered here while it stands.
/// </summary>
internal static class Interruption
{
    private static readonly List<IDisposable> Standing = [];
    private static readonly List<PosixSignalRegistration> Registrations = [];

    /// <summary>From now on signals to end are acted on: everything that stands is removed first.</summary>
    public static void Watch()
    {
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            Registrations.Add(PosixSignalRegistration.Create(signal, End));
        }
    }

    /// <summary>Enters what has to be removed.</summary>
    public static void Add(IDisposable standing)
    {
        lock (Standing)
        {
            Standing.Add(standing);
        }
    }

    /// <summary>It has been removed.</summary>
    public static void Remove(IDisposable standing)
    {
        lock (Standing)
        {
            Standing.Remove(standing);
        }
    }

    private static void End(PosixSignalContext context)
    {
        context.Cancel = true;
        Console.Error.WriteLine("interrupted: removing the lab");
        IDisposable[] standing;
        lock (Standing)
        {
            standing = [.. Standing];
        }

        foreach (IDisposable each in standing)
        {
            each.Dispose();
        }

        Environment.Exit(130);
    }
}
