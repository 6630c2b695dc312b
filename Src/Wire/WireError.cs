namespace Wmgwd2.Wire;

/// <summary>Why received bytes were refused.</summary>
public enum WireError
{
    /// <summary>They were not.</summary>
    None,

    /// <summary>There are fewer bytes than the fixed part needs.</summary>
    Truncated,

    /// <summary>A length inside the bytes is shorter than its own header or longer than what is left.</summary>
    BadLength,

    /// <summary>A value has another size than its type has.</summary>
    BadValueSize,

    /// <summary>Something that must be there isn't.</summary>
    Incomplete,
}
