using Wmgwd2.Core;

namespace Wmgwd2.Status;

/// <summary>A plan, and what is to be said of it.</summary>
public sealed class PlanReport
{
    /// <summary>The version of the program.</summary>
    public required string Version { get; init; }

    /// <summary>Who would own what, and what would move.</summary>
    public required ElectionPlan Plan { get; init; }

    /// <summary>The timers of the cluster.</summary>
    public required GatewayTiming Timing { get; init; }

    /// <summary>How the uids were chosen; null where they were given.</summary>
    public UidPick? Pick { get; init; }

    /// <summary>Whether every list is written to its end, however long.</summary>
    public bool ShowAll { get; init; }
}

/// <summary>How a plan is written.</summary>
/// <param name="columns">How wide the terminal is.</param>
/// <param name="unicode">Whether bars may be drawn of block elements; else of number signs.</param>
/// <param name="palette">How it is coloured.</param>
public sealed class PlanStyle(int columns, bool unicode, Palette palette)
{
    /// <summary>How wide the terminal is.</summary>
    public int Columns => columns;

    /// <summary>Whether bars may be drawn of block elements; else of number signs.</summary>
    public bool Unicode => unicode;

    /// <summary>How it is coloured.</summary>
    public Palette Palette => palette;
}
