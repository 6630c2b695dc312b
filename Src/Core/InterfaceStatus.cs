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
/// bits  0-31  ifindex, 0 when missing        bit 36      unused
/// bit  32     protodown                      bits 37-39  unused
/// bit  33     operational                    bits 40-55  errno
/// bit  34     wanted                         bits 56-63  problem
/// bit  35     announced
/// </code>
/// </remarks>
/// <param name="Packed">The bits.</param>
public readonly record struct InterfaceStatus(ulong Packed)
{
    /// <summary>Packs the parts.</summary>
    public InterfaceStatus(
        int ifindex, bool protodown, bool operational, bool wanted, bool announced, int errno, InterfaceProblem problem)
        : this((uint)ifindex | Bit(protodown, 32) | Bit(operational, 33) | Bit(wanted, 34) | Bit(announced, 35)
            | ((ulong)(ushort)errno << 40) | ((ulong)problem << 56))
    {
    }

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

    /// <summary>What the kernel answered, 0 for no error.</summary>
    public int Errno => (ushort)(Packed >> 40);

    /// <summary>What is wrong.</summary>
    public InterfaceProblem Problem => (InterfaceProblem)(byte)(Packed >> 56);

    private bool Has(int bit) => (Packed >> bit & 1) != 0;

    private static ulong Bit(bool value, int bit) => value ? 1ul << bit : 0;
}
