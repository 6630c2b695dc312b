using Wmgwd2.Core;

namespace Wmgwd2.Io;

/// <summary>What the kernel showed for VNIs. May be read from any thread.</summary>
/// <param name="vnis">The VNIs.</param>
/// <param name="reconciler">Knows of each of their indexes.</param>
internal sealed class KernelView(VniSet vnis, InterfaceReconciler reconciler)
{
    /// <summary>What it showed for a VNI; for one that it doesn't know of, that there is no interface.</summary>
    public InterfaceStatus GetStatus(Vni vni) => vnis.IndexOf(vni) is int index and >= 0
        ? reconciler.GetStatus(index)
        : new InterfaceStatus(0, false, false, false, false, 0, InterfaceProblem.Missing);

    /// <summary>Who holds the interface of a VNI down, a bit for each.</summary>
    public uint GetProtodownReasons(Vni vni) => vnis.IndexOf(vni) is int index and >= 0 ? reconciler.GetProtodownReasons(index) : 0;
}
