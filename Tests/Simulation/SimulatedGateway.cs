using System;
using System.Collections.Generic;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Simulation;

/// <summary>A gateway of this implementation: the very core that runs in the daemon, with the shell's part around it.</summary>
internal sealed class SimulatedGateway(Cluster cluster, int number, NodeId uid) : Machine(cluster, number, uid)
{
    private static readonly TimeSpan SabotagedDelay = TimeSpan.FromSeconds(2);

    private readonly GatewayCommandList _commands = new();
    private readonly Queue<Datagram> _socket = new();
    private readonly VniBitmap _wanted = new(cluster.VniCount);
    private readonly VniBitmap _yielding = new(cluster.VniCount);
    private readonly VniBitmap _none = new(cluster.VniCount);
    private InterfaceReconciler _reconciler = null!;
    private Instant _decided;
    private bool _announce;
    private bool _yields;

    /// <summary>What is broken about it on purpose.</summary>
    public Sabotage Sabotage { get; set; }

    public Gateway Gateway { get; private set; } = null!;

    public override bool Active => Running && Gateway.State == GatewayState.Active;

    /// <summary>The kernel refuses to clear protodown.</summary>
    public bool RefusesToTake { get; set; }

    /// <summary>The kernel refuses to set protodown.</summary>
    public bool RefusesToRelease { get; set; }

    /// <summary>Somebody else holds rtnl until then, in true time.</summary>
    public Instant RtnlHeldUntil { get; set; }

    /// <summary>While the machine stands still datagrams are lost; else they wait for it.</summary>
    public bool LosesDatagrams { get; set; }

    /// <summary>How many datagrams it refused for want of room.</summary>
    public long CountRefused => Gateway.CountReceived(AdvertisementResult.PeerTableFull);

    public void Request(GatewayEventKind kind, GatewayFaults fault = default)
    {
        if (Running && !Paused)
        {
            Handle(new GatewayEvent(kind, Fault: fault));
        }
    }

    protected override void Receive(in Datagram datagram)
    {
        if (Paused)
        {
            if (!LosesDatagrams)
            {
                _socket.Enqueue(datagram);
            }
        }
        else if (Running)
        {
            Handle(new GatewayEvent(datagram.Kind, datagram.Sender, datagram.Source, Subject: datagram.Subject));
        }
    }

    protected override void Tick()
    {
        if (!Running || Paused)
        {
            return;
        }

        while (_socket.TryDequeue(out Datagram waiting))
        {
            Receive(waiting);
        }

        if (Running && Now >= Gateway.Deadline)
        {
            Handle(new GatewayEvent(GatewayEventKind.DeadlineReached));
        }
        else if (Running)
        {
            ScheduleTick(Gateway.Deadline);
        }
    }

    protected override void KernelTick()
    {
        if (!Running || Paused)
        {
            return;
        }

        Instant now = Now;
        if (Cluster.Now < RtnlHeldUntil)
        {
            ScheduleKernelTick(now + (RtnlHeldUntil - Cluster.Now) + TimeSpan.FromMicroseconds(10));
            return;
        }

        bool holds = now < Gateway.LeaseEnds;
        _reconciler.SetWanted((holds ? _wanted : _none).Words, _decided, now);
        if (_yields)
        {
            _yields = false;
            _reconciler.Yield(_yielding, Cluster.Timing.HandoverLead, now);
        }

        if (_announce)
        {
            _announce = false;
            _reconciler.AnnounceOwned(now);
        }

        TimeSpan cost = Work(now);
        _reconciler.TryTakeMovement(now, out _);
        Instant next = _reconciler.HasWork ? now + cost : Instant.Min(_reconciler.Deadline, Gateway.LeaseEnds);
        ScheduleKernelTick(Instant.Max(next, now + TimeSpan.FromMicroseconds(10)));
    }

    protected override void StartProcess()
    {
        Instant now = Now;
        TimeSpan delay = Sabotage == Sabotage.ListensForever ? TimeSpan.FromSeconds(20) : TimeSpan.Zero;
        VniSet vnis = Sabotage == Sabotage.ElectsByTheNext ? Cluster.MakeVnis(2) : Cluster.Vnis;
        Gateway = new Gateway(Uid, vnis, Cluster.Timing with { StartupDelay = delay }, now);
        _reconciler = new InterfaceReconciler(Cluster.VniCount, TimeSpan.FromSeconds(60), now);
        _wanted.Clear();
        _yields = false;
        _socket.Clear();
        for (int vni = 0; vni < Cluster.VniCount; vni++)
        {
            _reconciler.ObserveLink(Kernel.ShowLower(vni), -1, now);
            _reconciler.ObserveLink(Kernel.Show(vni), vni, now);
            _reconciler.ObserveLink(Kernel.ShowLower(vni), -1, now);
            _reconciler.ObservePort(
                VirtualKernel.PortIfindex(vni), VirtualKernel.LowerIfindex(vni), Kernel.Learns(vni), now);
            _reconciler.ObserveAddress(VirtualKernel.Ifindex(vni), new Ipv4Address(0x0a400001), true, now);
        }

        Handle(GatewayEvent.OwnAddressChanged(Address));
        ScheduleKernelTick(now);
    }

    protected override void Awake()
    {
        // Either thread may be the first to run.
        ScheduleTick(Now + Cluster.Jitter(TimeSpan.FromMilliseconds(1)));
        ScheduleKernelTick(Now + Cluster.Jitter(TimeSpan.FromMilliseconds(1)));
    }

    // What happens while the process is paused waits as a notification; it is read when the process goes on.
    protected override void KernelChanged(int vni)
    {
        if (Running)
        {
            _reconciler.ObserveLink(Kernel.ShowLower(vni), -1, Now);
            _reconciler.ObserveLink(Kernel.Show(vni), vni, Now);
            ScheduleKernelTick(Now + TimeSpan.FromMicroseconds(50));
        }
    }

    private void Handle(in GatewayEvent happened)
    {
        _commands.Clear();
        Gateway.Handle(happened, Now, _commands);
        bool exit = false;
        foreach (ref readonly GatewayCommand command in _commands.Commands)
        {
            exit |= command.Kind == GatewayCommandKind.Exit;
            Execute(command);
        }

        if (exit)
        {
            // The end of the process fences by itself.
            Kill();
            Fence();
        }
        else
        {
            ScheduleTick(Gateway.Deadline);
        }
    }

    private void Execute(in GatewayCommand command)
    {
        switch (command.Kind)
        {
            case GatewayCommandKind.SendAdvertisement:
                Advertise();
                break;
            case GatewayCommandKind.SendGoodbye:
                Say(GatewayEventKind.GoodbyeReceived, Uid);
                break;
            case GatewayCommandKind.SendGone:
                Say(GatewayEventKind.GoneReceived, Uid);
                break;
            case GatewayCommandKind.SendJoining:
                Say(GatewayEventKind.JoiningReceived, Uid);
                break;
            case GatewayCommandKind.SendTaken:
                Say(GatewayEventKind.TakenReceived, command.Uid);
                break;
            case GatewayCommandKind.SendHeard:
                Say(GatewayEventKind.HeardReceived, Uid);
                break;
            case GatewayCommandKind.YieldOwnership:
                Gateway.Yielding.Words.CopyTo(_yielding.Words);
                _yields = true;
                WakeKernelThread();
                break;
            case GatewayCommandKind.PublishOwnership:
                Gateway.Serving.Words.CopyTo(_wanted.Words);
                _decided = Now;
                WakeKernelThread();
                break;
            case GatewayCommandKind.AnnounceOwned:
                _announce = true;
                WakeKernelThread();
                break;
            case GatewayCommandKind.ReportStateChanged:
                Cluster.NoticeState();
                break;
            case GatewayCommandKind.ReportPeerExpired:
                Cluster.ObserveExpiry(this, command.Uid);
                break;
        }
    }

    private void Say(GatewayEventKind kind, NodeId subject) =>
        Cluster.Broadcast(this, new Datagram(kind, Uid, Address, subject));

    private void WakeKernelThread()
    {
        if (Sabotage == Sabotage.LetsGoOfAll)
        {
            Fence();
            for (int vni = 0; vni < Cluster.VniCount; vni++)
            {
                KernelChanged(vni);
            }
        }

        ScheduleKernelTick(Now + Cluster.Jitter(TimeSpan.FromMilliseconds(0.2)));
    }

    private TimeSpan Work(Instant now)
    {
        TimeSpan cost = TimeSpan.Zero;
        for (int taken = 0; taken < 8 && _reconciler.TryTakeCommand(now, out KernelCommand command); taken++)
        {
            cost += Cluster.Jitter(TimeSpan.FromMilliseconds(0.5));
            switch (command.Kind)
            {
                case KernelCommandKind.Announce:
                    Announce(command, now);
                    break;
                case KernelCommandKind.QueryLink:
                    _reconciler.ObserveLink(Kernel.ShowLower(command.Index), -1, now);
                    break;
                case KernelCommandKind.SetLearning:
                    Kernel.SetLearning(command.Index, true);
                    _reconciler.CompleteLearning(command, 0, now);
                    break;
                case KernelCommandKind.ClearLearning:
                    Kernel.SetLearning(command.Index, false);
                    break;
                case KernelCommandKind.ClearProtodown when RefusesToTake:
                    _reconciler.CompleteProtodown(command, KernelResult.Blocked, 16, now);
                    break;
                case KernelCommandKind.SetProtodown when RefusesToRelease:
                    _reconciler.CompleteProtodown(command, KernelResult.Refused, 12, now);
                    break;
                default:
                    CarryOut(command, now);
                    break;
            }
        }

        return cost;
    }

    private void Announce(in KernelCommand command, Instant now)
    {
        if (Sabotage is not (Sabotage.AnnouncesNothing or Sabotage.ElectsByTheNext))
        {
            Cluster.ObserveAnnouncement(this, command.Index);
        }

        if (Sabotage == Sabotage.AnnouncesTheNext)
        {
            Cluster.ObserveAnnouncement(this, (command.Index + 1) % Cluster.VniCount);
        }

        _reconciler.CompleteAnnouncement(command, 0, now);
    }

    private void CarryOut(in KernelCommand command, Instant now)
    {
        bool on = command.Kind == KernelCommandKind.SetProtodown;
        if (!IsSabotaged(command.Index, on))
        {
            SetProtodown(command.Index, on);
            _reconciler.CompleteProtodown(command, KernelResult.Done, 0, now);
            _reconciler.ObserveLink(Kernel.Show(command.Index), command.Index, now);
        }
        else
        {
            _reconciler.CompleteProtodown(command, KernelResult.Done, 0, now);
        }
    }

    /// <returns>Whether the command is not carried out, or not now.</returns>
    private bool IsSabotaged(int vni, bool on)
    {
        switch (Sabotage)
        {
            case Sabotage.NeverLetsGo when on:
                return true;
            case Sabotage.LetsGoLate when on:
            case Sabotage.TakesUpLate when !on:
                Cluster.Agenda.Plan(Cluster.Now + SabotagedDelay, () => SetProtodown(vni, !_wanted[vni]));
                return true;
            default:
                return false;
        }
    }
}
