using System;

namespace Wmgwd2.Benchmarks;

/// <summary>A frame as it went by; its bytes are there until the next is received.</summary>
/// <param name="bytes">Its first bytes.</param>
/// <param name="ifindex">The interface.</param>
/// <param name="timeNs">When the kernel saw it, by <see cref="WallClock"/>.</param>
internal readonly ref struct Frame(ReadOnlySpan<byte> bytes, int ifindex, long timeNs)
{
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    public int Ifindex { get; } = ifindex;

    public long TimeNs { get; } = timeNs;
}

/// <summary>Takes a frame.</summary>
internal delegate void FrameHandler(Frame frame);
