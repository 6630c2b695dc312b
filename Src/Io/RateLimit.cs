using System;
using Wmgwd2.Core;

namespace Wmgwd2.Io;

/// <summary>Lets one line a minute through, so that whoever sends rubbish can't fill a disk.</summary>
internal struct RateLimit
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private Instant? _next;

    /// <summary>Whether a line may be logged now; if so, the next one may be a minute later.</summary>
    public bool Allows(Instant now)
    {
        if (now < _next)
        {
            return false;
        }

        _next = now + Pause;
        return true;
    }
}
