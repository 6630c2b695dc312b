namespace Wmgwd2.Interop;

/// <summary>
/// Calls into libc, one file for each C header, in C's own spelling. Every call gives back what C gives back; a caller that
/// needs errno reads it in the statement after the call (<see cref="errno"/>).
/// </summary>
/// <remarks>The binary is static: the names are bound when it is linked (DirectPInvoke), nothing is loaded.</remarks>
internal static partial class Libc
{
    private const string Library = "libc";

    /// <summary>What the latest call of this thread left in errno (errno.h).</summary>
    public static int errno => System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
}
