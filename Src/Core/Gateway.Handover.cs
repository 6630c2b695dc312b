using System;

namespace Wmgwd2.Core;

/// <content>
/// The planned handover: who leaves and who joins tell the others, so that a VNI goes from one to the other in a moment.
/// </content>
/// <remarks>
/// <code>
/// leaver   goodbye x3 - yields: no route, serves, flooded --- lets go ------- ends, or stands by
/// heir     `------------------------- lead ------------------ taken x3, takes up
///
/// joiner   joining ------------------ lead ------------------ first advertisement, takes up
/// owner    `- yields: no route, serves, flooded ------------- lets go
///
/// who can't serve any more   gone x3, has let go
/// heir                       takes up
/// </code>
/// </remarks>
public sealed partial class Gateway
{
    /// <summary>
    /// How much longer than the dead interval a draining gateway serves what an heir doesn't confirm (one of the first
    /// implementation never does). The heir takes over at that instant and needs a moment for it.
    /// </summary>
    public static readonly TimeSpan HandoverOverlap = TimeSpan.FromMilliseconds(20);

    /// <summary>How many times a goodbye and its answer are sent, in case that one is lost.</summary>
    public const int GoodbyeCount = 3;

    /// <summary>
    /// With how many advertisements it is told that somebody is heard who wasn't: a network that heals may do so in one direction
    /// first.
    /// </summary>
    public const int HeardCount = 3;

    /// <summary>For how many joiners within a lead it yields what they take; the others take it as if there were no lead.</summary>
    public const int JoinersPerLead = 4;

    /// <summary>From one goodbye to the next.</summary>
    public static readonly TimeSpan GoodbyeSpacing = TimeSpan.FromMilliseconds(20);

    private readonly bool[] _confirmed = new bool[PeerTable.SlotCount];
    private readonly bool[] _knowsOfLeave = new bool[PeerTable.SlotCount];
    private readonly bool[] _servesUntilTaken = new bool[PeerTable.SlotCount];
    private readonly byte[] _owedTakens = new byte[PeerTable.SlotCount];
    private VniBitmap _yielding;
    private Instant _takeAt = Instant.Never;
    private Instant _nextTaken = Instant.Never;
    private Instant _nextGoodbye = Instant.Never;
    private Instant _goodbyesWaitedUntil;
    private Instant _joinersUntil;
    private int _joinersLeft;
    private int _goodbyesLeft;
    private int _heardsLeft;
    private bool _stopping;
    private bool _returning;

    /// <summary>The VNIs that another will serve in a moment, when <see cref="GatewayCommandKind.YieldOwnership"/> says so.</summary>
    public VniBitmap Yielding => _yielding;

    /// <summary>Whether it takes its part of what a leaver had, now or when the lead is over.</summary>
    private bool Inherits =>
        State == GatewayState.Active || (State == GatewayState.Listening && _takeAt != Instant.Never);

    /// <summary>A peer leaves: what it had is taken over, after a lead if it serves it until then.</summary>
    private AdvertisementResult HandleGoodbye(
        NodeId uid, Ipv4Address source, TimeSpan lead, Instant now, GatewayCommandList commands)
    {
        if (!IsKnownPeer(uid, source, out int slot, out AdvertisementResult result, commands))
        {
            return result;
        }

        if (!_peers[slot].Alive)
        {
            if (lead == TimeSpan.Zero && _servesUntilTaken[slot] && _takeAt != Instant.Never)
            {
                // It was to serve until the lead is over, and doesn't any more.
                Prepare(TimeSpan.Zero, now, commands);
            }

            _servesUntilTaken[slot] &= lead > TimeSpan.Zero;
            return result;
        }

        _peers.SetAlive(slot, false);

        // A goodbye that waited while this gateway stood still is old: who sent it may be back, and says so behind it.
        _peers.SetLeftUntil(slot, now < _goodbyesWaitedUntil ? now : now + _timing.DeadInterval);
        _servesUntilTaken[slot] = lead > TimeSpan.Zero;
        _ownership.Remove(slot);
        commands.Add(new GatewayCommand(GatewayCommandKind.ReportPeerLeft, uid, source));
        _owedTakens[slot] = Inherits ? (byte)GoodbyeCount : (byte)0;
        if (State == GatewayState.Active)
        {
            Prepare(lead, now, commands);
        }
        else if (Inherits && lead == TimeSpan.Zero && _peers.AliveCount == 0)
        {
            // Nobody else serves anything any more.
            Prepare(TimeSpan.Zero, now, commands);
        }
        else if (State == GatewayState.Draining)
        {
            // Who confirmed didn't know then that it inherits from this one too: it will confirm again when it takes that.
            _confirmed.AsSpan().Clear();
        }

        return result;
    }

    private AdvertisementResult HandleTaken(
        NodeId uid, Ipv4Address source, NodeId leaver, Instant now, GatewayCommandList commands)
    {
        if (!IsKnownPeer(uid, source, out int slot, out AdvertisementResult result, commands))
        {
            return result;
        }

        // Whomever it is said to: who knows that this gateway leaves, and takes its share now, takes what it inherits of it.
        _knowsOfLeave[slot] |= leaver == _uid;
        if (State == GatewayState.Draining && _knowsOfLeave[slot] && !_confirmed[slot])
        {
            _confirmed[slot] = true;
            ReleaseConfirmed(now, commands);
        }

        return result;
    }

    /// <summary>A gateway joins in a moment: what it will take is served until then, but without a route.</summary>
    private AdvertisementResult HandleJoining(NodeId uid, Ipv4Address source, Instant now, GatewayCommandList commands)
    {
        if (!IsKnownPeer(uid, source, out int slot, out AdvertisementResult result, commands)
            && result != AdvertisementResult.Handover)
        {
            return result;
        }

        if (State == GatewayState.Active && (slot < 0 || !_peers[slot].Alive) && _timing.HandoverLead > TimeSpan.Zero)
        {
            YieldTo(uid, now, commands);
        }

        return result;
    }

    /// <summary>Yields what a joiner takes, beside what those take that said so just before: there may be several.</summary>
    private void YieldTo(NodeId joiner, Instant now, GatewayCommandList commands)
    {
        if (now >= _joinersUntil)
        {
            _joinersUntil = now + _timing.HandoverLead;
            _joinersLeft = JoinersPerLead;
            _yielding.Clear();
        }

        // Anybody may say that; so it costs a bounded time, however often it is said.
        if (_joinersLeft > 0)
        {
            _joinersLeft--;
            _ownership.AddLosses(PeerTable.OwnSlot, joiner, _yielding);
            Yield(commands);
        }
    }

    /// <summary>
    /// A peer hears somebody whom it didn't hear before, perhaps this gateway: then it has announced VNIs of this one, which may
    /// know nothing of that. The last announcement must be the owner's.
    /// </summary>
    private AdvertisementResult HandleHeard(NodeId uid, Ipv4Address source, GatewayCommandList commands)
    {
        if (IsKnownPeer(uid, source, out _, out AdvertisementResult result, commands))
        {
            commands.Add(new GatewayCommand(GatewayCommandKind.AnnounceOwned));
        }

        return result;
    }

    /// <summary>Whether a handover message is of a peer that has been heard, and comes from where that one is heard from.</summary>
    private bool IsKnownPeer(
        NodeId uid, Ipv4Address source, out int slot, out AdvertisementResult result, GatewayCommandList commands)
    {
        result = AdvertisementResult.Handover;
        slot = _peers.Find(uid);
        if (slot == PeerTable.OwnSlot)
        {
            result = source == _ownAddress ? AdvertisementResult.Own : AdvertisementResult.ForgedHandover;
        }
        else if (slot >= 0 && _peers[slot].Address != source)
        {
            commands.Add(new GatewayCommand(GatewayCommandKind.ReportForgedHandover, uid, source));
            result = AdvertisementResult.ForgedHandover;
        }

        return slot >= 0 && result == AdvertisementResult.Handover;
    }

    private void Yield(GatewayCommandList commands)
    {
        if (_timing.HandoverLead > TimeSpan.Zero && !_yielding.IsEmpty)
        {
            commands.Add(new GatewayCommand(GatewayCommandKind.YieldOwnership));
        }
    }

    /// <summary>Takes up what its share has become after a lead, in which who serves it yields it.</summary>
    private void Prepare(TimeSpan lead, Instant now, GatewayCommandList commands)
    {
        _takeAt = now + lead;
        if (lead > TimeSpan.Zero && State == GatewayState.Listening)
        {
            commands.Add(new GatewayCommand(GatewayCommandKind.SendJoining));
        }

        TakeUp(now, commands);
    }

    private void TakeUp(Instant now, GatewayCommandList commands)
    {
        if (now < _takeAt)
        {
            return;
        }

        if (State == GatewayState.Listening)
        {
            BecomeActive(now, commands);
        }
        else
        {
            FollowElection(now, commands);
        }
    }

    /// <summary>Tells leavers that what they had is being taken up now, so that they let go of it in the same moment.</summary>
    private void SendOwedTakens(Instant now, GatewayCommandList commands)
    {
        _nextTaken = Instant.Never;
        for (int slot = 1; slot < PeerTable.SlotCount; slot++)
        {
            if (_owedTakens[slot] == 0)
            {
                continue;
            }

            // Who is back, or whose slot is another's by now, has no use for it.
            bool left = !_peers[slot].Alive && now < _peers[slot].LeftUntil;
            _owedTakens[slot] = left ? (byte)(_owedTakens[slot] - 1) : (byte)0;
            _nextTaken = _owedTakens[slot] > 0 ? now + GoodbyeSpacing : _nextTaken;
            if (left)
            {
                commands.Add(new GatewayCommand(GatewayCommandKind.SendTaken, _peers[slot].Uid));
            }
        }
    }

    /// <summary>Who waits for another lead says nothing of what it took before: it would be taken for that.</summary>
    private void RepeatTakens(Instant now, GatewayCommandList commands)
    {
        if (now >= _nextTaken && _takeAt == Instant.Never)
        {
            SendOwedTakens(now, commands);
        }
    }

    private void Leave(bool stop, Instant now, GatewayCommandList commands)
    {
        _stopping |= stop;
        if (State == GatewayState.Active && _peers.AliveCount > 0)
        {
            // From here on the election says who the heirs are.
            ForgetHandover();
            _ownership.Remove(PeerTable.OwnSlot);
            _confirmed.AsSpan().Clear();
            _knowsOfLeave.AsSpan().Clear();

            // The peers count from the latest advertisement, so its age is already behind us.
            Instant expiry = Instant.Max(_lastAdvertisement + _timing.DeadInterval, now + _timing.HandoverLead);
            Enter(GatewayState.Draining, expiry + HandoverOverlap, now, commands);
            BeginGoodbyes(GatewayCommandKind.SendGoodbye, now, commands);
            _serving.Words.CopyTo(_yielding.Words);
            Yield(commands);
        }
        else if (State != GatewayState.Draining && (stop || State != GatewayState.Standby))
        {
            if (State == GatewayState.Active)
            {
                // There may be one that only listens yet.
                commands.Add(new GatewayCommand(GatewayCommandKind.SendGone));
            }

            EndDrain(now, commands);
        }
    }

    private void BeginGoodbyes(GatewayCommandKind kind, Instant now, GatewayCommandList commands)
    {
        _goodbyesLeft = GoodbyeCount;
        SayGoodbye(kind, now, commands);
    }

    private void SayGoodbye(GatewayCommandKind kind, Instant now, GatewayCommandList commands)
    {
        commands.Add(new GatewayCommand(kind));
        _goodbyesLeft--;
        _nextGoodbye = _goodbyesLeft > 0 ? now + GoodbyeSpacing : Instant.Never;
    }

    /// <summary>Lets go of what heirs that have confirmed serve now.</summary>
    private void ReleaseConfirmed(Instant now, GatewayCommandList commands)
    {
        ReadOnlySpan<ushort> owners = _ownership.Owners;
        int before = _serving.Count;
        for (int index = _serving.NextSet(0); index >= 0; index = _serving.NextSet(index + 1))
        {
            _serving[index] = owners[index] != Ownership.NoOwner && !_confirmed[owners[index]];
        }

        if (_serving.Count != before)
        {
            commands.Add(new GatewayCommand(GatewayCommandKind.PublishOwnership));
        }

        EndDrainWhenDone(now, commands);
    }

    private void EndDrainWhenDone(Instant now, GatewayCommandList commands)
    {
        if (_serving.IsEmpty && _goodbyesLeft == 0)
        {
            EndDrain(now, commands);
        }
    }

    private void EndDrain(Instant now, GatewayCommandList commands)
    {
        if (_stopping)
        {
            Exit(commands);
        }
        else
        {
            LetGo(commands);
            Enter(GatewayState.Standby, Instant.Never, now, commands);
            if (_returning)
            {
                // The operator has changed his mind meanwhile.
                _returning = false;
                EnterListening(now, _timing.StartupDelay, commands);
            }
        }
    }

    private void ForgetHandover()
    {
        _takeAt = Instant.Never;
        _nextTaken = Instant.Never;
        _owedTakens.AsSpan().Clear();
        _heardsLeft = 0;
    }
}
