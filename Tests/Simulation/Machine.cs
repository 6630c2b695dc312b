using System;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Simulation;

/// <summary>A machine of the cluster: its kernel and clock, and the process on it, which comes and goes.</summary>
internal abstract class Machine
{
    /// <summary>What a clock that runs too fast or too slow may make of the same instant, asked at another one.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromMicroseconds(1);

    private long _tick;
    private Instant _tickAt;
    private long _kernelTick;
    private Instant _kernelTickAt;

    protected Machine(Cluster cluster, int number, NodeId uid)
    {
        Cluster = cluster;
        Number = number;
        OwnUid = uid;
        Uid = uid;
        Kernel = new VirtualKernel(cluster.VniCount);
        Clock = cluster.BootClock();
    }

    public Cluster Cluster { get; }

    public int Number { get; }

    /// <summary>The uid that this machine was given.</summary>
    public NodeId OwnUid { get; }

    /// <summary>The uid that its process has: its own, or by mistake another machine's.</summary>
    public NodeId Uid { get; private set; }

    public Ipv4Address Address => new(0x0a00000b + (uint)Number);

    public VirtualKernel Kernel { get; private set; }

    public VirtualClock Clock { get; private set; }

    /// <summary>What this machine's clock shows.</summary>
    public Instant Now => Clock.Read(Cluster.Now);

    /// <summary>Whether the process runs, paused or not.</summary>
    public bool Running { get; protected set; }

    public bool Paused { get; private set; }

    /// <summary>Whether the machine as a whole stands still: it answers nobody.</summary>
    public bool Frozen { get; private set; }

    /// <summary>Whether it takes part: its share is its own.</summary>
    public abstract bool Active { get; }

    /// <summary>Whether it could take up what it inherits now.</summary>
    public bool Able => Active && !Paused;

    /// <summary>Counts the processes; what was scheduled for an earlier one means nothing.</summary>
    public int Incarnation { get; private set; }

    /// <summary>Whether stations get an answer from this machine for a VNI.</summary>
    public bool Serves(int vni) => !Frozen && Kernel.Serves(vni);

    /// <summary>Starts the process, with the machine's own uid if no other is given.</summary>
    public void Start(NodeId uid = default)
    {
        Uid = uid == default ? OwnUid : uid;
        Incarnation++;
        Running = true;
        Paused = false;
        (_tickAt, _kernelTickAt) = (default, default);
        Fence();
        StartProcess();
        Cluster.NoticeState();
    }

    /// <summary>The process is gone; what it had up stays up until somebody fences.</summary>
    public void Kill()
    {
        Incarnation++;
        Running = false;
        Paused = false;
        Thaw();
        Cluster.NoticeState();
    }

    /// <summary>The machine loses its power, and boots again: with another epoch of its clock.</summary>
    public void LosePower()
    {
        Kill();
        Kernel = new VirtualKernel(Cluster.VniCount);
        Clock = Cluster.BootClock();
        Cluster.ObserveServing(this);
    }

    public void Fence()
    {
        for (int vni = 0; vni < Cluster.VniCount; vni++)
        {
            Kernel.SetProtodown(vni, on: true);
        }

        Cluster.ObserveServing(this);
    }

    /// <summary>The process stands still; the kernel goes on.</summary>
    public void Pause()
    {
        Paused = Running;
        Cluster.NoticeState();
    }

    /// <summary>The machine stands still, and its clock too if so told.</summary>
    public void Freeze(bool clock)
    {
        Frozen = true;
        Pause();
        if (clock)
        {
            Clock.Stop(Cluster.Now);
        }

        Cluster.ObserveServing(this);
    }

    /// <summary>What stood still goes on.</summary>
    public void Resume()
    {
        Thaw();
        if (Paused)
        {
            Paused = false;
            Cluster.NoticeState();
            Awake();
        }
    }

    /// <summary>The carrier of a VNI comes up after protodown was taken off.</summary>
    public void RaiseCarrier(int vni)
    {
        Kernel.RaiseCarrier(vni);
        Cluster.ObserveServing(this, vni);
        KernelChanged(vni);
    }

    public void FlapLower(int vni, bool up)
    {
        if (up)
        {
            Kernel.LowerUp(vni);
        }
        else
        {
            Kernel.LowerDown(vni);
        }

        Cluster.ObserveServing(this, vni);
        KernelChanged(vni);
    }

    /// <summary>
    /// The process's timer is due when this machine's clock shows that; a little late, as timers are. A timer that is due
    /// before stays: whoever it wakes looks at the time.
    /// </summary>
    public void ScheduleTick(Instant at)
    {
        Instant due = Clock.WhenShows(at, Cluster.Now);
        if (_tickAt <= Cluster.Now || due + Rounding < _tickAt)
        {
            _tickAt = due;
            _tick = Cluster.Agenda.Add(
                due + Cluster.Jitter(TimeSpan.FromMilliseconds(0.2)),
                new Happening(HappeningKind.Tick, this, Incarnation: Incarnation));
        }
    }

    /// <summary>The kernel thread's timer: the earlier of two wake-ups is the one that counts.</summary>
    public void ScheduleKernelTick(Instant at)
    {
        Instant due = Clock.WhenShows(at, Cluster.Now);
        if (_kernelTickAt <= Cluster.Now || due < _kernelTickAt)
        {
            _kernelTickAt = due;
            _kernelTick = Cluster.Agenda.Add(due, new Happening(HappeningKind.KernelTick, this, Incarnation: Incarnation));
        }
    }

    public void Happen(in Happening happening, long ticket)
    {
        switch (happening.Kind)
        {
            case HappeningKind.Tick when ticket == _tick:
                _tickAt = default;
                if (happening.Incarnation == Incarnation)
                {
                    Tick();
                }

                break;
            case HappeningKind.KernelTick when ticket == _kernelTick:
                _kernelTickAt = default;
                if (happening.Incarnation == Incarnation)
                {
                    KernelTick();
                }

                break;
            case HappeningKind.Carrier:
                RaiseCarrier(happening.Vni);
                break;
            case HappeningKind.Datagram:
                Receive(happening.Datagram);
                break;
        }
    }

    /// <summary>Sends everybody a copy of an advertisement.</summary>
    protected void Advertise() =>
        Cluster.Broadcast(this, new Datagram(GatewayEventKind.AdvertisementReceived, Uid, Address, default));

    protected void SetProtodown(int vni, bool on)
    {
        if (Kernel.SetProtodown(vni, on))
        {
            Cluster.Agenda.Add(
                Cluster.Now + TimeSpan.FromMilliseconds(0.1) + Cluster.Jitter(TimeSpan.FromMilliseconds(0.4)),
                new Happening(HappeningKind.Carrier, this, vni));
        }

        Cluster.ObserveServing(this, vni);
    }

    protected abstract void Receive(in Datagram datagram);

    protected abstract void Tick();

    protected abstract void KernelTick();

    protected abstract void StartProcess();

    protected abstract void Awake();

    protected abstract void KernelChanged(int vni);

    private void Thaw()
    {
        if (Frozen)
        {
            Frozen = false;
            Clock.Go(Cluster.Now);
            Cluster.ObserveServing(this);
        }
    }
}
