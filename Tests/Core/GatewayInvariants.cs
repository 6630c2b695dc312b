using System;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

/// <summary>
/// What holds for a gateway after every event, whatever it was (the remarks of <see cref="Gateway"/>).
/// </summary>
internal static class GatewayInvariants
{
    public static void Check(GatewayDriver driver, GatewayEvent happened, ulong servedBefore)
    {
        Gateway gateway = driver.Gateway;
        bool serves = !driver.Exited && gateway.State is GatewayState.Active or GatewayState.Draining;
        string? broken =
            serves != gateway.Ownership.IsMember(PeerTable.OwnSlot) ? "it is a member when it serves, and only then"
            : driver.Served != (serves ? Share(driver) : 0) ? "it serves its share"
            : Count(driver, PeerTable.OwnSlot) != gateway.Ownership.CountOwned(PeerTable.OwnSlot) ? "the count is right"
            : driver.Served != servedBefore && driver.CountSaid(GatewayCommandKind.PublishOwnership) == 0
                ? "a change of what it serves is published"
            : driver.CountSaid(GatewayCommandKind.SendAdvertisement) > (gateway.State == GatewayState.Active ? 1 : 0)
                ? "only an active gateway advertises, once"
            : driver.CountSaid(GatewayCommandKind.Exit) > 1 ? "it ends once"
            : driver.Exited ? null
            : gateway.Deadline > driver.Now + GatewayDriver.Interval ? "it is woken each interval"
            : happened.Kind == GatewayEventKind.DeadlineReached && gateway.Deadline <= driver.Now
                ? "a deadline that has been handled is over"
            : gateway.LeaseEnds != LastSign(driver) + GatewayDriver.DeadInterval ? "the lease is the dead interval"
            : null;
        Assert.True(
            broken is null,
            $"not so: {broken}. uid {driver.Uid} at {driver.Now.Nanoseconds / 1e9} s, {gateway.State}, "
            + $"deadline {gateway.Deadline.Nanoseconds / 1e9} s, after {happened}: {driver.Said}");
    }

    /// <summary>The VNIs for which it goes before all live peers, from scratch; a bit for each.</summary>
    private static ulong Share(GatewayDriver driver)
    {
        Gateway gateway = driver.Gateway;
        ulong share = (1ul << GatewayDriver.Vnis.Count) - 1;
        for (int slot = 1; slot < PeerTable.SlotCount && gateway.Peers[slot].Uid.Value != 0; slot++)
        {
            Peer peer = gateway.Peers[slot];
            for (int index = 0; peer.Alive && index < GatewayDriver.Vnis.Count; index++)
            {
                Vni vni = GatewayDriver.Vnis[index];
                ulong weight = RendezvousHash.Weight(driver.Uid, vni);
                ulong peerWeight = RendezvousHash.Weight(peer.Uid, vni);
                share &= ~(RendezvousHash.Precedes(peerWeight, peer.Uid, weight, driver.Uid) ? 1ul << index : 0);
            }
        }

        return share;
    }

    /// <summary>While it is active its peers count from its latest advertisement.</summary>
    private static Instant LastSign(GatewayDriver driver) =>
        driver.Gateway.State == GatewayState.Active ? driver.LastSent : driver.Now;

    private static int Count(GatewayDriver driver, int slot) => driver.Gateway.Ownership.Owners.Count((ushort)slot);
}
