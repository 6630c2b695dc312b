using System;

namespace Wmgwd2.Status;

/// <summary>
/// A status that is written a piece at a time, so that one of very many VNIs needs no more memory than one of few, however
/// slowly it is read.
/// </summary>
public interface IStatusDocument : IDisposable
{
    /// <summary>Writes the next piece.</summary>
    /// <param name="vnis">How many VNIs it has at most.</param>
    /// <returns>False when that was the last.</returns>
    bool WriteNext(int vnis);
}
