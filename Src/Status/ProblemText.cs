using System.Collections.Generic;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>Words what is wrong with the interface of a VNI.</summary>
public static class ProblemText
{
    // FRR holds macvlans of its own vrrpd down with this bit (FRR, zebra: FRR_PROTODOWN_REASON_DEFAULT_BIT).
    private const int FrrReason = 7;

    /// <summary>Words a problem.</summary>
    /// <param name="status">The status that has it.</param>
    /// <param name="reasons">Who holds the interface down, a bit for each.</param>
    /// <returns>The words; null when there is no problem.</returns>
    public static string? Describe(InterfaceStatus status, uint reasons) => status.Problem switch
    {
        InterfaceProblem.None => null,
        InterfaceProblem.Missing => "no such interface",
        InterfaceProblem.AdministrativelyDown => "owned, but not set up (ip link set … up)",
        InterfaceProblem.LowerDown => "owned, but its lower device is not operational",
        InterfaceProblem.NotOperational => "owned, but the kernel doesn't show it operational",
        InterfaceProblem.NoAddress => "owned, but has no IPv4 address to announce",
        InterfaceProblem.Blocked => $"owned, but others hold it down too: protodown reason {NameReasons(reasons)}",
        InterfaceProblem.Refused => $"the kernel refuses to change protodown: {NameErrno(status.Errno)}",
        InterfaceProblem.UpThoughNotOwned => "not owned, but up",
        InterfaceProblem.NotAnnounced => $"owned, but announcements can't be sent: {NameErrno(status.Errno)}",
        _ => status.Problem.ToString(),
    };

    /// <summary>Words what is wrong with a VNI that is not as it should be for longer than it takes to get there.</summary>
    public static string DescribeLasting(InterfaceStatus status, uint reasons) =>
        Describe(status, reasons) ?? "owned, but held down; being taken up again";

    /// <summary>An errno as libc words it, with its number.</summary>
    public static string NameErrno(int errno) =>
        string.Create(CultureInfo.InvariantCulture, $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})");

    /// <summary>Names who holds an interface down: the bits of its protodown reason.</summary>
    internal static string NameReasons(uint reasons)
    {
        var names = new List<string>();
        for (; reasons != 0; reasons &= reasons - 1)
        {
            int bit = BitOperations.TrailingZeroCount(reasons);
            names.Add(string.Create(CultureInfo.InvariantCulture, $"bit {bit}{(bit == FrrReason ? " (FRR)" : "")}"));
        }

        return names.Count == 0 ? "unknown" : string.Join(", ", names);
    }
}
