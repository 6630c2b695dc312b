using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>What a descriptor is ready for.</summary>
/// <param name="Tag">The number that it was added with.</param>
/// <param name="Readable">Whether reading would not wait; also after an error or hang-up, which a read tells.</param>
/// <param name="Writable">Whether writing would not wait.</param>
internal readonly record struct Readiness(int Tag, bool Readable, bool Writable);

/// <summary>Waits for several descriptors: epoll, level-triggered.</summary>
internal sealed class EventPoll() : FileDescriptor(Libc.epoll_create1(Libc.EPOLL_CLOEXEC), "epoll_create1")
{
    private const int Capacity = 32;

    private static readonly bool Packed = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;

    private Buffer _events;

    /// <summary>Adds a descriptor.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="tag">A number to know it by.</param>
    public void Add(int descriptor, int tag) => Control(Libc.EPOLL_CTL_ADD, descriptor, Libc.EPOLLIN, tag);

    /// <summary>Says what a descriptor is waited for.</summary>
    public void Modify(int descriptor, int tag, bool readable, bool writable) => Control(
        Libc.EPOLL_CTL_MOD, descriptor, (readable ? Libc.EPOLLIN : 0) | (writable ? Libc.EPOLLOUT : 0), tag);

    /// <summary>Takes a descriptor out.</summary>
    public void Remove(int descriptor) => Control(Libc.EPOLL_CTL_DEL, descriptor, 0, 0);

    /// <summary>Waits until a descriptor is ready.</summary>
    /// <param name="ready">Receives the descriptors that are ready, as many as there is room for.</param>
    /// <param name="milliseconds">How long at most; 0 not to wait, -1 without a limit.</param>
    /// <returns>How many are ready; 0 after that time or when a signal came.</returns>
    public unsafe int Wait(Span<Readiness> ready, int milliseconds)
    {
        fixed (Buffer* events = &_events)
        {
            int count = Libc.epoll_wait(Descriptor, events, Math.Min(Capacity, ready.Length), milliseconds);
            int errno = Libc.errno;
            if (count < 0)
            {
                return errno == Errno.EINTR ? 0 : throw new SystemCallException("epoll_wait", errno);
            }

            for (int i = 0; i < count; i++)
            {
                uint mask = Packed ? ((epoll_event_packed*)events)[i].events : ((epoll_event_aligned*)events)[i].events;
                ulong tag = Packed ? ((epoll_event_packed*)events)[i].data : ((epoll_event_aligned*)events)[i].data;
                bool broken = (mask & (Libc.EPOLLERR | Libc.EPOLLHUP)) != 0;
                ready[i] = new Readiness(
                    (int)tag, broken || (mask & Libc.EPOLLIN) != 0, broken || (mask & Libc.EPOLLOUT) != 0);
            }

            return count;
        }
    }

    private unsafe void Control(int operation, int descriptor, uint mask, int tag)
    {
        epoll_event_packed packed = new() { events = mask, data = (uint)tag };
        epoll_event_aligned aligned = new() { events = mask, data = (uint)tag };
        if (Libc.epoll_ctl(Descriptor, operation, descriptor, Packed ? &packed : &aligned) < 0)
        {
            throw new SystemCallException("epoll_ctl", Libc.errno);
        }
    }

    [InlineArray(Capacity)]
    private struct Buffer
    {
        private epoll_event_aligned _first;
    }
}
