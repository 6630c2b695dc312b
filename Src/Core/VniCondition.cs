namespace Wmgwd2.Core;

/// <summary>How it stands with a VNI on this gateway, by what the kernel showed.</summary>
public enum VniCondition
{
    /// <summary>Not wanted, and down.</summary>
    Held,

    /// <summary>Wanted, and on its way up.</summary>
    Rising,

    /// <summary>Wanted, operational and announced.</summary>
    Served,

    /// <summary>Was served, is still wanted, and is not operational for the moment; it is being taken up again.</summary>
    Interrupted,

    /// <summary>Not wanted, and not down yet, or up again.</summary>
    Lowering,

    /// <summary>Has a problem that doesn't go away by itself.</summary>
    Wrong,
}
