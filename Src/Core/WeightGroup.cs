using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Wmgwd2.Core;

/// <summary>
/// The weights of a gateway for eight consecutive VNIs, without the last step of <see cref="RendezvousHash"/>: their
/// lower 31 bits are other ones.
/// </summary>
internal struct WeightGroup
{
    /// <summary>How many weights there are.</summary>
    public const int Count = 8;

    public ulong First;
    public ulong Second;
    public ulong Third;
    public ulong Fourth;
    public ulong Fifth;
    public ulong Sixth;
    public ulong Seventh;
    public ulong Eighth;
}

/// <summary>A <see cref="WeightGroup"/> as vectors, two weights in each.</summary>
internal struct WeightVectors
{
    public Vector128<ulong> First;
    public Vector128<ulong> Second;
    public Vector128<ulong> Third;
    public Vector128<ulong> Fourth;
}

/// <summary>
/// The upper 16 bits of a weight. Which of two weights is the higher can be told by them, but for one time in 65,536. They
/// are a signed number, in the weights' order, because the vectors of x86 compare signed numbers only.
/// </summary>
internal static class WeightPrefix
{
    /// <summary>No weight has a lower one.</summary>
    public const short Lowest = short.MinValue;

    /// <summary>The prefix of one weight.</summary>
    public static short Of(ulong weight) => (short)((ushort)(weight >> 48) ^ 0x8000);

    /// <summary>The prefixes of eight weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Of(in WeightVectors weights) =>
        Sse2.IsSupported ? PackBySse2(weights) : Pack(weights);

    /// <summary>With what every processor has; on x86 without SSE4.1 it takes more instructions than the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<short> Pack(in WeightVectors weights) => Vector128.Narrow(
        Vector128.Narrow(weights.First >>> 48, weights.Second >>> 48),
        Vector128.Narrow(weights.Third >>> 48, weights.Fourth >>> 48)).AsInt16() ^ Vector128.Create(Lowest);

    /// <summary>An arithmetic shift leaves 16 bits of 32, with their sign, which saturation then doesn't change.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<short> PackBySse2(in WeightVectors weights) => Sse2.PackSignedSaturate(
        UpperHalves(weights.First, weights.Second) >> 16,
        UpperHalves(weights.Third, weights.Fourth) >> 16) ^ Vector128.Create(Lowest);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> UpperHalves(Vector128<ulong> lower, Vector128<ulong> upper) =>
        Sse.Shuffle(lower.AsSingle(), upper.AsSingle(), 0b11_01_11_01).AsInt32();
}
