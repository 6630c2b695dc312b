using System;
using System.Threading;
using Wmgwd2.Tests.Namespaces;

namespace Wmgwd2.Benchmarks;

/// <summary>A thread that reads the frames of a namespace, from the moment that the constructor returns.</summary>
internal sealed class FrameReader : IDisposable
{
    private readonly FrameSocket _socket;
    private readonly FrameHandler _handler;
    private readonly Thread _thread;
    private volatile bool _ends;
    private Exception? _failure;
    private long _readUntilNs;

    /// <param name="namespaceName">The namespace.</param>
    /// <param name="protocol">The EtherType, or <see cref="FrameSocket.AllProtocols"/>.</param>
    /// <param name="interfaceName">The interface; null for all.</param>
    /// <param name="handler">Takes each frame, in the reader's thread.</param>
    public FrameReader(string namespaceName, ushort protocol, string? interfaceName, FrameHandler handler)
    {
        // A socket stays in the namespace in which it was opened, whoever reads it.
        _socket = NetworkNamespace.Run(
            namespaceName, () => new FrameSocket(protocol, interfaceName == null ? 0 : Linux.IndexOf(interfaceName)));
        _handler = handler;
        _thread = new Thread(Read) { Name = "frames", IsBackground = true };
        _thread.Start();
    }

    /// <summary>How many frames were lost because they were not read in time. Who measures by a capture has to look.</summary>
    public long Dropped
    {
        get
        {
            lock (_socket)
            {
                if (!_ends)
                {
                    _socket.UpdateDropped();
                }

                return _socket.Dropped;
            }
        }
    }

    /// <summary>Waits until everything that has arrived so far has been read.</summary>
    public void CatchUp()
    {
        long now = WallClock.NowNs;
        if (!Patience.WaitFor(() => Interlocked.Read(ref _readUntilNs) >= now || _failure != null, TimeSpan.FromSeconds(30)))
        {
            throw new TimeoutException("frames arrive faster than they are read");
        }

        ThrowIfFailed();
    }

    /// <summary>A reader that failed must not look like silence.</summary>
    public void ThrowIfFailed()
    {
        if (_failure != null)
        {
            throw new InvalidOperationException("the capture failed", _failure);
        }
    }

    public void Dispose()
    {
        _ends = true;
        _thread.Join();
        lock (_socket)
        {
            _socket.Dispose();
        }
    }

    private void Take(Frame frame)
    {
        _handler(frame);
        Interlocked.Exchange(ref _readUntilNs, frame.TimeNs);
    }

    private void Read()
    {
        try
        {
            while (!_ends)
            {
                long before = WallClock.NowNs;
                if (_socket.Receive(20, Take) == 0)
                {
                    Interlocked.Exchange(ref _readUntilNs, before);
                }
            }
        }
        catch (Exception error)
        {
            _failure = error;
        }
    }
}
