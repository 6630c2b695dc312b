using System;
using System.Collections.Generic;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Simulation;

/// <summary>A datagram under way.</summary>
internal readonly record struct Datagram(GatewayEventKind Kind, NodeId Sender, Ipv4Address Source, NodeId Subject);

/// <summary>A machine of the cluster: its kernel, and the process on it, which comes and goes.</summary>
internal abstract class Machine(Simulation simulation, int number, NodeId uid)
{
    protected Simulation Simulation { get; } = simulation;

    public int Number { get; } = number;

    public NodeId Uid { get; } = uid;

    public Ipv4Address Address { get; } = new(0x0a00010b + (uint)number);

    public VirtualKernel Kernel { get; private set; } = new(Simulation.VniCount);

    /// <summary>Whether the process runs, paused or not.</summary>
    public bool Running { get; protected set; }

    public bool Paused { get; private set; }

    /// <summary>Whether it takes part: its share is its own.</summary>
    public abstract bool Active { get; }

    /// <summary>Counts the processes; what was scheduled for an earlier one means nothing.</summary>
    public int Incarnation { get; private set; }

    public void Start()
    {
        Incarnation++;
        Running = true;
        Paused = false;
        Fence();
        StartProcess();
    }

    /// <summary>The process is gone; what it had up stays up until somebody fences.</summary>
    public void Kill()
    {
        Incarnation++;
        Running = false;
        Paused = false;
    }

    /// <summary>The machine loses its power.</summary>
    public void LosePower()
    {
        Kill();
        Kernel = new VirtualKernel(Simulation.VniCount);
        Simulation.ObserveServing(this);
    }

    public void Fence()
    {
        for (int vni = 0; vni < Simulation.VniCount; vni++)
        {
            Kernel.SetProtodown(vni, on: true);
        }

        Simulation.ObserveServing(this);
    }

    public void Pause() => Paused = Running;

    public void Resume()
    {
        if (Paused)
        {
            Paused = false;
            Awake();
        }
    }

    /// <summary>The carrier of a VNI comes up after protodown was taken off.</summary>
    public void RaiseCarrier(int vni)
    {
        Kernel.RaiseCarrier(vni);
        Simulation.ObserveServing(this, vni);
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

        Simulation.ObserveServing(this, vni);
        KernelChanged(vni);
    }

    public abstract void Receive(in Datagram datagram);

    public abstract void Tick();

    public abstract void KernelTick();

    protected abstract void StartProcess();

    protected abstract void Awake();

    protected abstract void KernelChanged(int vni);

    protected void SetProtodown(int vni, bool on)
    {
        if (Kernel.SetProtodown(vni, on))
        {
            Simulation.ScheduleCarrier(this, vni);
        }

        Simulation.ObserveServing(this, vni);
    }
}

/// <summary>A gateway of this implementation: the very core that runs in the daemon, with the shell's part around it.</summary>
internal sealed class SimulatedGateway(Simulation simulation, int number, NodeId uid, GatewayTiming timing)
    : Machine(simulation, number, uid)
{
    private readonly GatewayCommandList _commands = new();
    private readonly Queue<Datagram> _socket = new();
    private readonly VniBitmap _wanted = new(Simulation.VniCount);
    private readonly VniBitmap _none = new(Simulation.VniCount);
    private InterfaceReconciler _reconciler = null!;
    private Instant _decided;
    private bool _announce;

    public Gateway Gateway { get; private set; } = null!;

    public override bool Active => Running && Gateway.State == GatewayState.Active;

    /// <summary>The kernel refuses to clear protodown.</summary>
    public bool KernelRefuses { get; set; }

    /// <summary>Somebody else holds rtnl until then.</summary>
    public Instant RtnlHeldUntil { get; set; }

    public override void Receive(in Datagram datagram)
    {
        if (Paused)
        {
            _socket.Enqueue(datagram);
        }
        else if (Running)
        {
            Handle(new GatewayEvent(datagram.Kind, datagram.Sender, datagram.Source, Subject: datagram.Subject));
        }
    }

    public override void Tick()
    {
        if (!Running || Paused)
        {
            return;
        }

        while (_socket.TryDequeue(out Datagram waiting))
        {
            Receive(waiting);
        }

        if (Running && Simulation.Now >= Gateway.Deadline)
        {
            Handle(new GatewayEvent(GatewayEventKind.DeadlineReached));
        }
        else if (Running)
        {
            Simulation.ScheduleTick(this, Gateway.Deadline);
        }
    }

    public void Request(GatewayEventKind kind)
    {
        if (Running && !Paused)
        {
            Handle(new GatewayEvent(kind));
        }
    }

    public void Raise(GatewayEventKind kind, GatewayFaults fault)
    {
        if (Running && !Paused)
        {
            Handle(new GatewayEvent(kind, Fault: fault));
        }
    }

    public override void KernelTick()
    {
        if (!Running || Paused)
        {
            return;
        }

        Instant now = Simulation.Now;
        if (now < RtnlHeldUntil)
        {
            Simulation.ScheduleKernelTick(this, RtnlHeldUntil);
            return;
        }

        bool holds = now < Gateway.LeaseEnds;
        _reconciler.SetWanted((holds ? _wanted : _none).Words, _decided, now);
        if (_announce)
        {
            _announce = false;
            _reconciler.AnnounceOwned(now);
        }

        TimeSpan cost = Work(now);
        _reconciler.TryTakeMovement(now, out _);
        Instant next = _reconciler.HasWork ? now + cost : Instant.Min(_reconciler.Deadline, Gateway.LeaseEnds);
        Simulation.ScheduleKernelTick(this, Instant.Max(next, now + TimeSpan.FromMicroseconds(10)));
    }

    protected override void StartProcess()
    {
        Instant now = Simulation.Now;
        Gateway = new Gateway(Uid, Simulation.Vnis, timing, now);
        _reconciler = new InterfaceReconciler(Simulation.VniCount, TimeSpan.FromSeconds(60), now);
        _wanted.Clear();
        _socket.Clear();
        for (int vni = 0; vni < Simulation.VniCount; vni++)
        {
            _reconciler.ObserveLink(Kernel.ShowLower(vni), -1, now);
            _reconciler.ObserveLink(Kernel.Show(vni), vni, now);
            _reconciler.ObserveLink(Kernel.ShowLower(vni), -1, now);
            _reconciler.ObserveAddress(VirtualKernel.Ifindex(vni), new Ipv4Address(0x0a400001), true, now);
        }

        Handle(GatewayEvent.OwnAddressChanged(Address));
        Simulation.ScheduleKernelTick(this, now);
    }

    protected override void Awake()
    {
        // Either thread may be the first to run.
        Simulation.ScheduleTick(this, Simulation.Now + Simulation.Jitter(TimeSpan.FromMilliseconds(1)));
        Simulation.ScheduleKernelTick(this, Simulation.Now + Simulation.Jitter(TimeSpan.FromMilliseconds(1)));
    }

    protected override void KernelChanged(int vni)
    {
        if (Running && !Paused)
        {
            _reconciler.ObserveLink(Kernel.ShowLower(vni), -1, Simulation.Now);
            _reconciler.ObserveLink(Kernel.Show(vni), vni, Simulation.Now);
            Simulation.ScheduleKernelTick(this, Simulation.Now + TimeSpan.FromMicroseconds(50));
        }
        else if (Paused)
        {
            // The notification waits in the socket; the dump that follows a pause of the model shows the same.
            _reconciler.ObserveLink(Kernel.ShowLower(vni), -1, Simulation.Now);
            _reconciler.ObserveLink(Kernel.Show(vni), vni, Simulation.Now);
        }
    }

    private void Handle(in GatewayEvent happened)
    {
        _commands.Clear();
        Gateway.Handle(happened, Simulation.Now, _commands);
        bool exit = false;
        foreach (ref readonly GatewayCommand command in _commands.Commands)
        {
            switch (command.Kind)
            {
                case GatewayCommandKind.SendAdvertisement:
                    Simulation.Broadcast(this, new Datagram(GatewayEventKind.AdvertisementReceived, Uid, Address, default));
                    break;
                case GatewayCommandKind.SendGoodbye:
                    Simulation.Broadcast(this, new Datagram(GatewayEventKind.GoodbyeReceived, Uid, Address, Uid));
                    break;
                case GatewayCommandKind.SendTaken:
                    Simulation.Broadcast(this, new Datagram(GatewayEventKind.TakenReceived, Uid, Address, command.Uid));
                    break;
                case GatewayCommandKind.PublishOwnership:
                    Gateway.Serving.Words.CopyTo(_wanted.Words);
                    _decided = Simulation.Now;
                    Simulation.ScheduleKernelTick(this, Simulation.Now + Simulation.Jitter(TimeSpan.FromMilliseconds(0.2)));
                    break;
                case GatewayCommandKind.AnnounceOwned:
                    _announce = true;
                    Simulation.ScheduleKernelTick(this, Simulation.Now + Simulation.Jitter(TimeSpan.FromMilliseconds(0.2)));
                    break;
                case GatewayCommandKind.Exit:
                    exit = true;
                    break;
            }
        }

        if (exit)
        {
            // The end of the process fences by itself.
            Kill();
            Fence();
        }
        else
        {
            Simulation.ScheduleTick(this, Gateway.Deadline);
        }
    }

    private TimeSpan Work(Instant now)
    {
        TimeSpan cost = TimeSpan.Zero;
        for (int taken = 0; taken < 8 && _reconciler.TryTakeCommand(now, out KernelCommand command); taken++)
        {
            cost += Simulation.Jitter(TimeSpan.FromMilliseconds(0.5));
            switch (command.Kind)
            {
                case KernelCommandKind.Announce:
                    Simulation.ObserveAnnouncement(this, command.Index, _wanted[command.Index]);
                    _reconciler.CompleteAnnouncement(command, 0, now);
                    break;
                case KernelCommandKind.QueryLink:
                    _reconciler.ObserveLink(Kernel.ShowLower(command.Index), -1, now);
                    break;
                case KernelCommandKind.ClearProtodown when KernelRefuses:
                    _reconciler.CompleteProtodown(command, KernelResult.Blocked, 16, now);
                    break;
                default:
                    SetProtodown(command.Index, command.Kind == KernelCommandKind.SetProtodown);
                    _reconciler.CompleteProtodown(command, KernelResult.Done, 0, now);
                    _reconciler.ObserveLink(Kernel.Show(command.Index), command.Index, now);
                    break;
            }
        }

        return cost;
    }
}

/// <summary>
/// A gateway of the first implementation, as its source has it: it advertises from its first second on, assigns from its
/// third, lets go at once of what a uid that it hears for the first time owns, and knows nothing of handovers.
/// </summary>
internal sealed class FirstImplementation(Simulation simulation, int number, NodeId uid) : Machine(simulation, number, uid)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<ulong, Instant> _heard = [];
    private readonly bool[] _owned = new bool[Simulation.VniCount];
    private Instant _started;

    public override bool Active => Running && Simulation.Now - _started >= 4 * Interval;

    public override void Receive(in Datagram datagram)
    {
        if (Running && !Paused && datagram.Kind == GatewayEventKind.AdvertisementReceived)
        {
            _heard[datagram.Sender.Value] = Simulation.Now;
            Assign();
        }
    }

    public override void Tick()
    {
        if (!Running || Paused)
        {
            return;
        }

        _heard[Uid.Value] = Simulation.Now;
        Simulation.Broadcast(this, new Datagram(GatewayEventKind.AdvertisementReceived, Uid, Address, default));
        Assign();
        Simulation.ScheduleTick(this, Simulation.Now + Interval);
    }

    public override void KernelTick()
    {
        if (!Running || Paused)
        {
            return;
        }

        Assign();
        Simulation.ScheduleKernelTick(this, Simulation.Now + 0.1 * Interval);
    }

    protected override void StartProcess()
    {
        _started = Simulation.Now;
        _heard.Clear();
        Array.Clear(_owned);
        Simulation.ScheduleTick(this, Simulation.Now + Interval);
        Simulation.ScheduleKernelTick(this, Simulation.Now + Interval);
    }

    protected override void Awake()
    {
        Simulation.ScheduleTick(this, Simulation.Now);
        Simulation.ScheduleKernelTick(this, Simulation.Now);
    }

    protected override void KernelChanged(int vni)
    {
    }

    private void Assign()
    {
        if (Simulation.Now - _started < 3 * Interval)
        {
            return;
        }

        for (int vni = 0; vni < Simulation.VniCount; vni++)
        {
            bool owns = Elect(Simulation.Vnis[vni]) == Uid.Value;
            if (owns != _owned[vni])
            {
                _owned[vni] = owns;
                SetProtodown(vni, on: !owns);
            }
        }
    }

    private ulong Elect(Vni vni)
    {
        ulong best = 0;
        ulong bestWeight = 0;
        foreach ((ulong node, Instant heard) in _heard)
        {
            ulong weight = RendezvousHash.Weight(new NodeId(node), vni);
            if (Simulation.Now - heard < 3 * Interval && weight > bestWeight)
            {
                (best, bestWeight) = (node, weight);
            }
        }

        return best;
    }
}
