using System;
using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>A file descriptor that is closed when it is disposed of.</summary>
internal abstract class FileDescriptor : IDisposable
{
    private int _descriptor;

    /// <summary>Takes over a descriptor that a call has just returned.</summary>
    /// <exception cref="SystemCallException">The call failed: the descriptor is negative.</exception>
    protected FileDescriptor(int descriptor, string operation)
    {
        int errno = Libc.errno;
        _descriptor = descriptor >= 0 ? descriptor : throw new SystemCallException(operation, errno);
    }

    /// <summary>The descriptor.</summary>
    public int Descriptor => _descriptor;

    public void Dispose()
    {
        if (_descriptor >= 0)
        {
            // Linux closes the descriptor whatever close returns.
            Libc.close(_descriptor);
            _descriptor = -1;
        }
    }
}
