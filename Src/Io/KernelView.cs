using System.Threading;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Io;

/// <summary>
/// What the kernel showed for VNIs, each by its index of <see cref="Vnis"/>; for one that isn't among them, -1, that there is
/// nothing. May be read from any thread.
/// </summary>
/// <param name="vnis">The VNIs.</param>
/// <param name="reconciler">Knows of each of their indexes.</param>
internal sealed class KernelView(VniSet vnis, InterfaceReconciler reconciler)
{
    private static readonly InterfaceStatus Unknown = new(0, false, false, false, false, 0, InterfaceProblem.Missing);

    /// <summary>The VNIs.</summary>
    public VniSet Vnis => vnis;

    /// <summary>What it showed of the interface.</summary>
    public InterfaceStatus GetStatus(int index) => index < 0 ? Unknown : reconciler.GetStatus(index);

    /// <summary>Who holds the interface down, a bit for each.</summary>
    public uint GetProtodownReasons(int index) => index < 0 ? 0 : reconciler.GetProtodownReasons(index);

    /// <summary>Since when it stands with the VNI as it does.</summary>
    public Instant GetSince(int index) => index < 0 ? Instant.Never : reconciler.GetSince(index);

    /// <summary>When the VNI was announced last; never, if it wasn't.</summary>
    public Instant GetAnnouncedAt(int index) => index < 0 ? Instant.Never : reconciler.GetAnnouncedAt(index);

    /// <summary>What else it showed.</summary>
    public InterfaceDetails GetDetails(int index)
    {
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
