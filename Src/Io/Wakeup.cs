using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>Wakes a loop from another thread. Any number of signals before the loop looks are one.</summary>
internal sealed class Wakeup() : FileDescriptor(Libc.eventfd(0, Libc.EFD_NONBLOCK | Libc.EFD_CLOEXEC), "eventfd")
{
    /// <summary>Makes the descriptor readable. Never waits.</summary>
    public unsafe void Signal()
    {
        ulong one = 1;
        _ = Libc.write(Descriptor, &one, sizeof(ulong));
    }

    /// <summary>Ends the readability.</summary>
    public unsafe void Acknowledge()
    {
        ulong count;
        _ = Libc.read(Descriptor, &count, sizeof(ulong));
    }
}
