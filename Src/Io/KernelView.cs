using System.Threading;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Io;

/// <summary>What the kernel showed for VNIs. May be read from any thread.</summary>
/// <param name="vnis">The VNIs.</param>
/// <param name="reconciler">Knows of each of their indexes.</param>
internal sealed class KernelView(VniSet vnis, InterfaceReconciler reconciler)
{
    private static readonly InterfaceStatus Unknown = new(0, false, false, false, false, 0, InterfaceProblem.Missing);

    /// <summary>The VNIs.</summary>
    public VniSet Vnis => vnis;

    /// <summary>What it showed for a VNI; for one that it doesn't know of, that there is no interface.</summary>
    public InterfaceStatus GetStatus(Vni vni) => vnis.IndexOf(vni) is int index and >= 0 ? GetStatus(index) : Unknown;

    /// <summary>The same for an index of <see cref="Vnis"/>.</summary>
    public InterfaceStatus GetStatus(int index) => reconciler.GetStatus(index);

    /// <summary>Who holds the interface of a VNI down, a bit for each.</summary>
    public uint GetProtodownReasons(Vni vni) => vnis.IndexOf(vni) is int index and >= 0 ? reconciler.GetProtodownReasons(index) : 0;

    /// <summary>Since when it stands with a VNI as it does; never, for one that it doesn't know of.</summary>
    public Instant GetSince(Vni vni) => vnis.IndexOf(vni) is int index and >= 0 ? GetSince(index) : Instant.Never;

    /// <summary>The same for an index of <see cref="Vnis"/>.</summary>
    public Instant GetSince(int index) => reconciler.GetSince(index);

    /// <summary>When a VNI was announced last; never, if it wasn't.</summary>
    public Instant GetAnnouncedAt(Vni vni) =>
        vnis.IndexOf(vni) is int index and >= 0 ? reconciler.GetAnnouncedAt(index) : Instant.Never;

    /// <summary>What else it showed for a VNI.</summary>
    public InterfaceDetails GetDetails(Vni vni)
    {
        int index = vnis.IndexOf(vni);
        if (index < 0)
        {
            return new InterfaceDetails(0, 0, []);
        }

        var addresses = new Ipv4Address[InterfaceDetails.AddressLimit];
        int count;
        while (!reconciler.Addresses.TryCopy(index, addresses, out count))
        {
            // The kernel thread is at it: that is a moment, whatever it waits for otherwise.
            Thread.Yield();
        }

        return new InterfaceDetails(
            reconciler.GetHardwareAddress(index), reconciler.GetLowerIfindex(index), addresses[..count]);
    }
}
