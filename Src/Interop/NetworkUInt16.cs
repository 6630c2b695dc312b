using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Wmgwd2.Interop;

/// <summary>A 16-bit field in network order, so that it can't be mixed up with one in the machine's.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct NetworkUInt16
{
    private readonly ushort _networkOrder;

    public NetworkUInt16(ushort value) =>
        _networkOrder = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;
}
