namespace Wmgwd2.Core;

/// <summary>What is wrong with the interface of a VNI.</summary>
public enum InterfaceProblem
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>There is no interface of that name.</summary>
    Missing,

    /// <summary>Owned, but nobody has set it up (IFF_UP).</summary>
    AdministrativelyDown,

    /// <summary>Owned, but the device it stands on isn't operational.</summary>
    LowerDown,

    /// <summary>Owned and released, but the kernel doesn't show it operational.</summary>
    NotOperational,

    /// <summary>Owned and operational, but it has no IPv4 address to announce.</summary>
    NoAddress,

    /// <summary>The kernel refuses to clear protodown because others hold it down too (EBUSY).</summary>
    Blocked,

    /// <summary>The kernel refuses to change protodown for another reason; the errno says which.</summary>
    Refused,

    /// <summary>Not owned, and yet it has a carrier: it answers next to the owner.</summary>
    UpThoughNotOwned,

    /// <summary>Owned and operational, but announcements can't be sent; the errno says why.</summary>
    NotAnnounced,
}

/// <summary>
/// What the kernel showed for one VNI, packed into 64 bits so that another thread reads all of it or none.
/// </summary>
/// <remarks>
/// <code>
/// bits  0-31  ifindex, 0 when missing        bit 36      taken
/// bit  32     protodown                      bits 37-39  unused
/// bit  33     operational                    bits 40-51  errno, at most 4095 (MAX_ERRNO, linux/err.h)
/// bit  34     wanted                         bits 52-55  problem
/// bit  35     announced                      bits 56-63  changes, modulo 256
/// </code>
/// </remarks>
/// <param name="Packed">The bits.</param>
public readonly record struct InterfaceStatus(ulong Packed)
{
    private const int ChangesMask = 255;
    private const int ErrnoMask = 4095;

    /// <summary>Packs the parts.</summary>
    public InterfaceStatus(
        int ifindex, bool protodown, bool operational, bool wanted, bool announced, int errno, InterfaceProblem problem,
        bool taken = false, int changes = 0)
        : this((uint)ifindex | Bit(protodown, 32) | Bit(operational, 33) | Bit(wanted, 34) | Bit(announced, 35)
            | Bit(taken || announced, 36) | ((ulong)(errno & ErrnoMask) << 40) | ((ulong)problem << 52)
            | ((ulong)(changes & ChangesMask) << 56))
    {
    }

    /// <summary>All but <see cref="Changes"/>.</summary>
    public InterfaceStatus WithoutChanges => new(Packed & ~((ulong)ChangesMask << 56));

    /// <summary>The same, one change later.</summary>
    public InterfaceStatus WithNextChange =>
        new(WithoutChanges.Packed | ((ulong)((Changes + 1) & ChangesMask) << 56));

    /// <summary>The index of the interface, 0 when it is missing.</summary>
    public int Ifindex => (int)(uint)Packed;

    /// <summary>Whether the kernel showed it held down.</summary>
    public bool Protodown => Has(32);

    /// <summary>Whether the kernel showed it, and its lower device, operational.</summary>
    public bool Operational => Has(33);

    /// <summary>Whether this gateway wants to serve the VNI.</summary>
    public bool Wanted => Has(34);

    /// <summary>Whether it has been announced since it became operational.</summary>
    public bool Announced => Has(35);

    /// <summary>Whether it has been served since this gateway wants to; until it is down again when it doesn't any more.</summary>
    public bool Taken => Has(36);

    /// <summary>What the kernel answered, 0 for no error.</summary>
    public int Errno => (int)(Packed >> 40) & ErrnoMask;

    /// <summary>What is wrong.</summary>
    public InterfaceProblem Problem => (InterfaceProblem)(Packed >> 52 & 15);

    /// <summary>How often it has changed in what operators are told of, modulo 256: so that no change is taken for none.</summary>
    public int Changes => (int)(Packed >> 56);

    /// <summary>The whole in one word.</summary>
    public VniCondition Condition => Problem switch
    {
        InterfaceProblem.None when !Wanted => VniCondition.Held,
        InterfaceProblem.None when Taken && Operational => VniCondition.Served,
        InterfaceProblem.None or InterfaceProblem.NotOperational =>
            Taken ? VniCondition.Interrupted : VniCondition.Rising,
        InterfaceProblem.UpThoughNotOwned => VniCondition.Lowering,
        _ => VniCondition.Wrong,
    };

    /// <summary>Whether an operator has to be told of a difference to this status.</summary>
    public bool DiffersFrom(InterfaceStatus other) => Condition != other.Condition || Taken != other.Taken
        || (Condition == VniCondition.Wrong && (Problem != other.Problem || Errno != other.Errno));

    private bool Has(int bit) => (Packed >> bit & 1) != 0;

    private static ulong Bit(bool value, int bit) => value ? 1ul << bit : 0;
}
