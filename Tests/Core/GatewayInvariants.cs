using System;
using System.Collections.Generic;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

/// <summary>
/// What holds for a gateway after every event, whatever it was (the remarks of <see cref="Gateway"/>). Follows from the
/// commands alone what the gateway prepares and who has taken from it.
/// </summary>
internal sealed class GatewayInvariants(GatewayDriver driver)
{
    private readonly HashSet<NodeId> _confirmed = [];
    private readonly HashSet<NodeId> _knowing = [];
    private readonly HashSet<NodeId> _answered = [];
    private GatewayState _stateBefore;
    private ulong _servedBefore;
    private Instant? _takesAt;
    private int _goodbyes;
    private bool _newlyConfirmed;

    private Gateway Gateway => driver.Gateway;

    /// <summary>Told before each event.</summary>
    public void Before() => (_stateBefore, _servedBefore) = (Gateway.State, driver.Served);

    /// <summary>Told after each event.</summary>
    public void Check(GatewayEvent happened)
    {
        FollowPreparation();
        FollowDrain(happened);
        string? broken = BrokenInServing() ?? BrokenInWords() ?? BrokenInTime(happened);
        Assert.True(
            broken is null,
            $"not so: {broken}. uid {driver.Uid} at {driver.Now.Nanoseconds / 1e9} s, {Gateway.State}, "
            + $"deadline {Gateway.Deadline.Nanoseconds / 1e9} s, after {happened}: {driver.Said}");
    }

    private string? BrokenInServing()
    {
        bool takesPart = Is(GatewayState.Active) || Is(GatewayState.Listening) && _takesAt != null;
        return takesPart != Gateway.Ownership.IsMember(PeerTable.OwnSlot)
                ? "it is a member when it serves its share or is about to, and only then"
            : driver.Served != Expected()
                ? $"it serves {Expected():x} of what it owns, not {driver.Served:x}"
            : Count(PeerTable.OwnSlot) != Gateway.Ownership.CountOwned(PeerTable.OwnSlot) ? "the count is right"
            : Count(PeerTable.OwnSlot) != (takesPart ? int.CreateChecked(ulong.PopCount(Share())) : 0)
                ? "it owns its share"
            : driver.Served != _servedBefore != (driver.CountSaid(GatewayCommandKind.PublishOwnership) > 0)
                ? "a change of what it serves is published, and nothing else is"
            : null;
    }

    /// <summary>The VNIs that it has to serve after this event.</summary>
    private ulong Expected()
    {
        if (Is(GatewayState.Active))
        {
            // Until it takes up what it prepares for it stays as it is.
            return _takesAt is null ? Share() : _servedBefore & Share();
        }

        if (!Is(GatewayState.Draining))
        {
            return 0;
        }

        return _newlyConfirmed ? _servedBefore & ~Taken() : _servedBefore;
    }

    private string? BrokenInWords()
    {
        int goodbyes = driver.CountSaid(GatewayCommandKind.SendGoodbye);
        int gone = driver.CountSaid(GatewayCommandKind.SendGone);
        int advertisements = driver.CountSaid(GatewayCommandKind.SendAdvertisement);
        bool yields = driver.CountSaid(GatewayCommandKind.YieldOwnership) > 0;
        return advertisements > (Gateway.State == GatewayState.Active ? 1 : 0)
                ? "only an active gateway advertises, once"
            : goodbyes > (Is(GatewayState.Draining) || _stateBefore == GatewayState.Draining ? 1 : 0)
                ? "only a draining gateway says goodbye, once"
            : gone > (Is(GatewayState.Fault) || Is(GatewayState.Standby) || driver.Exited ? 1 : 0) ? "only who has let go says that it is gone, once"
            : _goodbyes > Wmgwd2.Core.Gateway.GoodbyeCount ? "it says goodbye only so many times"
            : yields && driver.Lead == TimeSpan.Zero ? "there is a lead when it yields"
            : yields && (Gateway.Yielding.IsEmpty || (Gateway.Yielding.Words[0] & ~driver.Served) != 0)
                ? "it yields something of what it serves"
            : !AnswersLeavers() ? "who is active answers those who have left, each once"
            : driver.CountSaid(GatewayCommandKind.Exit) > 1 ? "it ends once"
            : null;
    }

    private string? BrokenInTime(GatewayEvent happened) =>
        driver.Exited ? Gateway.Deadline == Instant.Never ? null : "after its end it has no deadline"
        : Gateway.Deadline > driver.Now + GatewayDriver.Interval ? "it is woken each interval"
        : _takesAt is { } takesAt && Gateway.Deadline > takesAt ? "it is woken when the lead is over"
        : happened.Kind == GatewayEventKind.DeadlineReached && Gateway.Deadline <= driver.Now
            ? "a deadline that has been handled is over"
        : Gateway.LeaseEnds != LastSign() + GatewayDriver.DeadInterval ? "the lease is the dead interval"
        : null;

    /// <summary>It prepares from when it says so until it takes up, or is in another state or listens anew.</summary>
    private void FollowPreparation()
    {
        bool answersFirst = AnswersFirst();
        bool ends = driver.Exited || driver.CountSaid(GatewayCommandKind.ReportStateChanged) > 0
            || answersFirst;
        bool waits = driver.CountSaid(GatewayCommandKind.SendJoining) > 0
            || (driver.CountSaid(GatewayCommandKind.ReportPeerLeft) > 0 && Is(GatewayState.Active) && driver.Lead > TimeSpan.Zero
                && !answersFirst);
        _takesAt = waits ? driver.Now + driver.Lead
            : ends ? null
            : _takesAt;
    }

    /// <summary>Whether it says for the first time that it takes up what a leaver had; that is repeated later.</summary>
    private bool AnswersFirst()
    {
        bool first = false;
        foreach (GatewayCommand command in driver.Commands)
        {
            if (command.Kind == GatewayCommandKind.ReportPeerLeft)
            {
                _answered.Remove(command.Uid);
            }

            first |= command.Kind == GatewayCommandKind.SendTaken && _answered.Add(command.Uid);
        }

        return first;
    }

    private void FollowDrain(GatewayEvent happened)
    {
        if (_stateBefore != GatewayState.Draining)
        {
            _confirmed.Clear();
            _knowing.Clear();
            _goodbyes = 0;
        }

        _goodbyes += driver.CountSaid(GatewayCommandKind.SendGoodbye);
        _newlyConfirmed = false;
        if (_stateBefore != GatewayState.Draining)
        {
            return;
        }

        // Who knows of the leave confirms with each taken; a joiner with its first advertisement. A second leaver makes all
        // confirm again; a death moves what the dead one inherited to others in the same moment.
        bool heard = happened.Uid != driver.Uid && Gateway.Peers.Find(happened.Uid) > 0
            && driver.CountSaid(GatewayCommandKind.ReportForgedHandover) == 0;
        if (happened.Kind == GatewayEventKind.TakenReceived && heard)
        {
            if (happened.Subject == driver.Uid)
            {
                _knowing.Add(happened.Uid);
            }

            _newlyConfirmed = _knowing.Contains(happened.Uid) && _confirmed.Add(happened.Uid);
        }
        else if (driver.CountSaid(GatewayCommandKind.ReportPeerLeft) > 0)
        {
            _confirmed.Clear();
        }
        else if (driver.CountSaid(GatewayCommandKind.ReportPeerAppeared) > 0)
        {
            _confirmed.Add(happened.Uid);
            _newlyConfirmed = true;
        }
        else
        {
            _newlyConfirmed = driver.CountSaid(GatewayCommandKind.ReportPeerExpired) > 0;
        }
    }

    private bool AnswersLeavers()
    {
        var answered = new HashSet<NodeId>();
        foreach (GatewayCommand command in driver.Commands)
        {
            if (command.Kind == GatewayCommandKind.SendTaken
                && (!Is(GatewayState.Active) || !answered.Add(command.Uid) || !HasLeft(command.Uid)))
            {
                return false;
            }
        }

        return true;
    }

    private bool HasLeft(NodeId uid)
    {
        Peer peer = Gateway.Peers[Gateway.Peers.Find(uid)];
        return !peer.Alive && driver.Now < peer.LeftUntil;
    }

    private bool Is(GatewayState state) => !driver.Exited && Gateway.State == state;

    /// <summary>The VNIs for which it goes before all live peers, from scratch; a bit for each.</summary>
    private ulong Share()
    {
        ulong share = 0;
        for (int index = 0; index < GatewayDriver.Vnis.Count; index++)
        {
            share |= Winner(index, driver.Uid) == driver.Uid ? 1ul << index : 0;
        }

        return share;
    }

    /// <summary>The VNIs whose heirs have said that they took them, from scratch; a bit for each.</summary>
    private ulong Taken()
    {
        ulong taken = 0;
        for (int index = 0; index < GatewayDriver.Vnis.Count; index++)
        {
            NodeId heir = Winner(index, default);
            taken |= heir == default || _confirmed.Contains(heir) ? 1ul << index : 0;
        }

        return taken;
    }

    /// <summary>Who goes first for a VNI, of the live peers and one more; that one may be nobody.</summary>
    private NodeId Winner(int index, NodeId winner)
    {
        Vni vni = GatewayDriver.Vnis[index];
        for (int slot = 1; slot < PeerTable.SlotCount && Gateway.Peers[slot].Uid.Value != 0; slot++)
        {
            NodeId uid = Gateway.Peers[slot].Uid;
            bool precedes = winner == default || RendezvousHash.Precedes(
                RendezvousHash.Weight(uid, vni), uid, RendezvousHash.Weight(winner, vni), winner);
            winner = Gateway.Peers[slot].Alive && precedes ? uid : winner;
        }

        return winner;
    }

    /// <summary>While it is active its peers count from its latest advertisement.</summary>
    private Instant LastSign() => Gateway.State == GatewayState.Active ? driver.LastSent : driver.Now;

    private int Count(int slot) => Gateway.Ownership.Owners.Count((ushort)slot);
}
