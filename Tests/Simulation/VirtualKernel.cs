using System;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Simulation;

/// <summary>
/// What a gateway's kernel does with protodown, a lower device that flaps and time: the facts that were measured on a real
/// one. It survives the process that commands it.
/// </summary>
internal sealed class VirtualKernel(int vnis)
{
    private readonly bool[] _protodown = Filled(vnis, true);
    private readonly bool[] _carrier = new bool[vnis];
    private readonly bool[] _lowerUp = Filled(vnis, true);
    private readonly bool[] _learning = Filled(vnis, true);

    /// <summary>Whether the macvlan of a VNI carries traffic: this gateway answers for it.</summary>
    public bool Serves(int vni) => _carrier[vni] && _lowerUp[vni];

    public bool Protodown(int vni) => _protodown[vni];

    public LinkState Show(int vni) => new(
        Ifindex(vni), LowerIfindex(vni),
        LinkConditions.AdministrativelyUp
            | (_protodown[vni] ? LinkConditions.Protodown : 0)
            | (_carrier[vni] ? LinkConditions.LowerUp | LinkConditions.OperationallyUp : 0),
        0x00005e000100, 0);

    public LinkState ShowLower(int vni) => new(
        LowerIfindex(vni), PortIfindex(vni),
        LinkConditions.AdministrativelyUp | (_lowerUp[vni] ? LinkConditions.LowerUp | LinkConditions.OperationallyUp : 0),
        0x020000000001, 0);

    /// <summary>Carries a command out. Protodown on takes the carrier at once; off gives it back a moment later.</summary>
    /// <returns>Whether the carrier is to come up.</returns>
    public bool SetProtodown(int vni, bool on)
    {
        _protodown[vni] = on;
        _carrier[vni] &= !on;
        return !on;
    }

    public void RaiseCarrier(int vni) => _carrier[vni] |= !_protodown[vni] && _lowerUp[vni];

    public void LowerDown(int vni) => (_lowerUp[vni], _carrier[vni]) = (false, false);

    /// <summary>The macvlan comes up with its lower device, whatever protodown says.</summary>
    public void LowerUp(int vni) => (_lowerUp[vni], _carrier[vni]) = (true, true);

    /// <summary>Whether the bridge learns from the port by which the macvlan's frames come in.</summary>
    public bool Learns(int vni) => _learning[vni];

    public void SetLearning(int vni, bool on) => _learning[vni] = on;

    public static int Ifindex(int vni) => 1000 + 3 * vni;

    public static int LowerIfindex(int vni) => 1001 + 3 * vni;

    public static int PortIfindex(int vni) => 1002 + 3 * vni;

    private static bool[] Filled(int count, bool value)
    {
        var array = new bool[count];
        Array.Fill(array, value);
        return array;
    }
}
