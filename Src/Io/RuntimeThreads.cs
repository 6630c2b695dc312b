using System;
using System.IO;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading;

namespace Wmgwd2.Io;

/// <summary>
/// Does something on threads that the runtime starts, for what belongs to each thread alone: capabilities, the mask of signals.
/// </summary>
internal static class RuntimeThreads
{
    /// <summary>Runs on the finalizer thread, which is there before this program is: only a finalizer can do that.</summary>
    public static void RunOnFinalizer(Action action)
    {
        var errand = new Errand(action);
        Drop(errand);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        errand.ThrowUnlessDone();

        // A frame of its own, or what is to be finalized would still be in use.
        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Drop(Errand errand) => _ = new Finalized(errand);
    }

    /// <summary>Runs on a thread that ends with it; what is started there inherits what that one has made of itself.</summary>
    public static void RunOnAnother(Action action)
    {
        var errand = new Errand(action);
        var thread = new Thread(errand.Run);
        thread.Start();
        thread.Join();
        errand.ThrowUnlessDone();
    }

    /// <summary>Something that another thread does, and whether it has.</summary>
    private sealed class Errand(Action action)
    {
        private Exception? _failure = new IOException("A thread of the runtime did not do what it was to.");

        public void Run()
        {
            try
            {
                action();
                _failure = null;
            }
            catch (Exception failure) when (failure is SystemCallException or SocketException)
            {
                _failure = failure;
            }
        }

        public void ThrowUnlessDone()
        {
            if (_failure != null)
            {
                throw _failure;
            }
        }
    }

    private sealed class Finalized(Errand errand)
    {
        ~Finalized() => errand.Run();
    }
}
