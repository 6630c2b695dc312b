using System;
using Wmgwd2.Status;

namespace Wmgwd2.Io;

/// <summary>A system call failed that must not fail.</summary>
/// <param name="operation">What was attempted.</param>
/// <param name="errno">What the kernel answered.</param>
internal sealed class SystemCallException(string operation, int errno)
    : Exception($"{operation}: {Describe(errno)}")
{
    /// <summary>What the kernel answered.</summary>
    public int Errno { get; } = errno;

    /// <summary>An errno as libc words it, with its number.</summary>
    public static string Describe(int errno) => ProblemText.NameErrno(errno);
}
