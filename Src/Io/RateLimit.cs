using System;
using Wmgwd2.Core;

namespace Wmgwd2.Io;

/// <summary>Lets so many lines a minute through, so that whoever sends rubbish can't fill a disk.</summary>
internal struct RateLimit(int linesAMinute)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private Instant? _periodEnds;
    private int _lines;

    /// <summary>Whether a line may be logged now.</summary>
    public bool Allows(Instant now)
    {
        if (_periodEnds is not { } ends || now >= ends)
        {
            _periodEnds = now + Period;
            _lines = 0;
        }

        return _lines++ < linesAMinute;
    }
}
