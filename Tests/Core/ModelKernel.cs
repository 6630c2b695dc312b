using System;
using System.Collections.Generic;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Core;

/// <summary>
/// The part of a kernel that the reconciler sees, as measured: protodown takes the carrier away at once and gives it
/// back later, the operational state later still; a lower device that comes up brings the carrier back whatever
/// protodown says; what changes is shown in order, but late; and a change of protodown on what is administratively down
/// is not shown at all.
/// </summary>
internal sealed class ModelKernel(int count, Random random)
{
    private readonly Queue<(Instant At, Action<InterfaceReconciler, Instant> Show)> _notifications = [];
    private int _nextIfindex = 1000;

    public ModelInterface[] Interfaces { get; } = Make(count);

    /// <summary>When something happens by itself.</summary>
    public Instant NextEvent
    {
        get
        {
            Instant next = _notifications.Count > 0 ? _notifications.Peek().At : Instant.Never;
            foreach (ModelInterface each in Interfaces)
            {
                next = Instant.Min(next, Instant.Min(each.CarrierAt, each.OperationalAt));
            }

            return next;
        }
    }

    /// <summary>Lets happen what is due.</summary>
    public void Advance(InterfaceReconciler reconciler, Instant now)
    {
        foreach (ModelInterface each in Interfaces)
        {
            if (each.CarrierAt <= now)
            {
                each.CarrierAt = Instant.Never;
                each.Carrier = true;
                each.OperationalAt = now + Delay(1);
                Notify(each, now);
            }

            if (each.OperationalAt <= now)
            {
                each.OperationalAt = Instant.Never;
                each.OperationalSince = now;
                Notify(each, now);
            }
        }

        while (_notifications.Count > 0 && _notifications.Peek().At <= now)
        {
            _notifications.Dequeue().Show(reconciler, now);
        }
    }

    /// <summary>Carries out RTM_SETLINK with IFLA_PROTO_DOWN, for whoever asks.</summary>
    public (KernelResult Result, int Errno) SetProtodown(int ifindex, bool on, Instant now)
    {
        ModelInterface? found = Array.Find(Interfaces, each => each.Ifindex == ifindex);
        if (found is null)
        {
            return (KernelResult.Gone, 19);
        }

        if (!on && found.Reasons != 0)
        {
            return (KernelResult.Blocked, 16);
        }

        found.Protodown = on;
        CarrierFollows(found, now);
        if (found.AdministrativelyUp)
        {
            Notify(found, now);
        }

        return (KernelResult.Done, 0);
    }

    public void SetLower(ModelInterface which, bool up, Instant now)
    {
        which.LowerUp = up;
        NotifyLower(which, now);
        if (!up)
        {
            TakeCarrier(which);
        }
        else if (which.AdministrativelyUp)
        {
            // Whatever protodown says.
            which.CarrierAt = now + Delay(2);
        }

        Notify(which, now);
    }

    public void SetAdministrativelyUp(ModelInterface which, bool up, Instant now)
    {
        which.AdministrativelyUp = up;
        CarrierFollows(which, now);
        Notify(which, now);
    }

    public void SetReasons(ModelInterface which, uint reasons, Instant now)
    {
        which.Reasons = reasons;
        Notify(which, now);
    }

    public void SetHardwareAddress(ModelInterface which, ulong hardwareAddress, Instant now)
    {
        which.HardwareAddress = hardwareAddress;
        which.ChangedAt = now;
        Notify(which, now);
    }

    public void SetAddress(ModelInterface which, Ipv4Address address, bool present, Instant now)
    {
        if (which.Ifindex == 0 || !(present ? which.Addresses.Add(address) : which.Addresses.Remove(address)))
        {
            return;
        }

        which.ChangedAt = present ? now : which.ChangedAt;
        int ifindex = which.Ifindex;
        Enqueue(which, now, (reconciler, at) => reconciler.ObserveAddress(ifindex, address, present, at));
    }

    public void Delete(ModelInterface which, Instant now)
    {
        int ifindex = which.Ifindex;
        if (ifindex != 0)
        {
            which.Forget();
            Enqueue(which, now, (reconciler, at) => reconciler.ObserveLinkGone(ifindex, at));
        }
    }

    /// <summary>Makes the interface again, as an operator should: protodown before it is set up.</summary>
    public void Create(ModelInterface which, Instant now)
    {
        Delete(which, now);
        which.Ifindex = _nextIfindex++;
        which.Protodown = true;
        Notify(which, now);
        SetAddress(which, new Ipv4Address(0x0a000001), true, now);
        SetAdministrativelyUp(which, true, now);
    }

    /// <summary>Loses what has not been shown yet (ENOBUFS); whoever hears of it has everything shown again.</summary>
    public void LoseNotifications(InterfaceReconciler reconciler, Instant now)
    {
        _notifications.Clear();
        reconciler.BeginDump();
        foreach (ModelInterface each in Interfaces)
        {
            each.FlapUnseen |= each.Unseen > 0;
            each.Unseen = 0;
            ShowLower(each, reconciler, now);
            if (each.Ifindex != 0)
            {
                reconciler.ObserveLink(each.State, each.Index, now);
            }
        }

        foreach (ModelInterface each in Interfaces)
        {
            foreach (Ipv4Address address in each.Addresses)
            {
                reconciler.ObserveAddress(each.Ifindex, address, true, now);
            }
        }

        reconciler.EndDump(now);
        Array.ForEach(Interfaces, each => each.Shown = each.Ifindex == 0 ? default : each.State);
    }

    public void ShowLower(ModelInterface which, InterfaceReconciler reconciler, Instant now)
    {
        which.LowerShown = true;
        which.LowerShownUp = which.LowerUp;
        reconciler.ObserveLink(which.LowerState, -1, now);
    }

    private static ModelInterface[] Make(int count)
    {
        var interfaces = new ModelInterface[count];
        for (int index = 0; index < count; index++)
        {
            interfaces[index] = new ModelInterface(index);
        }

        return interfaces;
    }

    private void CarrierFollows(ModelInterface which, Instant now)
    {
        if (which.Protodown || !which.AdministrativelyUp)
        {
            TakeCarrier(which);
        }
        else if (which.LowerUp && !which.Carrier && which.CarrierAt == Instant.Never)
        {
            which.CarrierAt = now + Delay(2);
        }
    }

    private static void TakeCarrier(ModelInterface which)
    {
        which.Carrier = false;
        which.CarrierAt = which.OperationalAt = which.OperationalSince = Instant.Never;
    }

    private void Notify(ModelInterface which, Instant now)
    {
        if (which.Ifindex == 0)
        {
            return;
        }

        LinkState state = which.State;
        Enqueue(which, now, (reconciler, at) =>
        {
            which.Shown = state;
            reconciler.ObserveLink(state, which.Index, at);
        });
    }

    private void NotifyLower(ModelInterface which, Instant now)
    {
        LinkState state = which.LowerState;
        Enqueue(which, now, (reconciler, at) =>
        {
            which.LowerShown = true;
            which.LowerShownUp = state.Operational;
            reconciler.ObserveLink(state, -1, at);
        });
    }

    private void Enqueue(ModelInterface which, Instant now, Action<InterfaceReconciler, Instant> show)
    {
        which.Unseen++;
        Instant at = now + Delay(5);
        foreach ((Instant earlier, _) in _notifications)
        {
            at = Instant.Max(at, earlier);
        }

        _notifications.Enqueue((at, (reconciler, now) =>
        {
            which.Unseen--;
            show(reconciler, now);
        }));
    }

    private TimeSpan Delay(int mostMs) => TimeSpan.FromTicks(random.Next(mostMs * 10_000));
}

/// <summary>The macvlan of one VNI and the device that it stands on.</summary>
internal sealed class ModelInterface(int index)
{
    public int Index => index;

    public int Ifindex { get; set; }

    public int LowerIfindex => 100 + index;

    public bool LowerUp { get; set; } = true;

    public bool AdministrativelyUp { get; set; }

    public bool Protodown { get; set; }

    public bool Carrier { get; set; }

    public uint Reasons { get; set; }

    public ulong HardwareAddress { get; set; } = 1;

    public HashSet<Ipv4Address> Addresses { get; } = [];

    /// <summary>When the carrier comes up, after what was done.</summary>
    public Instant CarrierAt { get; set; } = Instant.Never;

    /// <summary>When the operational state follows the carrier.</summary>
    public Instant OperationalAt { get; set; } = Instant.Never;

    /// <summary>Since when it can send; never, when it can't.</summary>
    public Instant OperationalSince { get; set; } = Instant.Never;

    /// <summary>
    /// When something changed last that stations have to hear of: an address, or the hardware address.
    /// </summary>
    public Instant ChangedAt { get; set; }

    /// <summary>When it was announced last in such a way that somebody heard it.</summary>
    public Instant HeardAt { get; set; } = new(long.MinValue);

    /// <summary>How many notifications about it are on their way.</summary>
    public int Unseen { get; set; }

    /// <summary>Whether it may have gone down and up without a notification since it was announced.</summary>
    public bool FlapUnseen { get; set; }

    /// <summary>What was shown last, or is known since a command.</summary>
    public LinkState Shown { get; set; }

    public bool LowerShown { get; set; }

    public bool LowerShownUp { get; set; }

    public LinkState State => new(
        Ifindex,
        LowerIfindex,
        (AdministrativelyUp ? LinkConditions.AdministrativelyUp : 0)
        | (Carrier ? LinkConditions.LowerUp : 0)
        | (OperationalSince != Instant.Never ? LinkConditions.OperationallyUp : 0)
        | (Protodown ? LinkConditions.Protodown : 0),
        HardwareAddress,
        Reasons);

    public LinkState LowerState => new(
        LowerIfindex, 0, LowerUp ? ReconcilerBed.Up : LinkConditions.AdministrativelyUp, 2, 0);

    public void Forget()
    {
        Ifindex = 0;
        AdministrativelyUp = Protodown = Carrier = false;
        Reasons = 0;
        HardwareAddress = 1;
        Addresses.Clear();
        CarrierAt = OperationalAt = OperationalSince = Instant.Never;
    }
}
