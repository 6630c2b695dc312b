using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;

namespace Wmgwd2.Tests.Core;

/// <summary>
/// The reconciler of a few VNIs and what it is told: the interface of index i has ifindex 10 + i, its lower device 1000
/// + i. Time is in milliseconds. Commands are answered as <see cref="Answer"/> says; nothing is shown by itself.
/// </summary>
internal sealed class ReconcilerBed
{
    public const LinkConditions Held = LinkConditions.AdministrativelyUp | LinkConditions.Protodown;
    public const LinkConditions Free = LinkConditions.AdministrativelyUp;
    public const LinkConditions Up =
        LinkConditions.AdministrativelyUp | LinkConditions.LowerUp | LinkConditions.OperationallyUp;

    // Not at 0, so that a forgotten instant shows.
    private static readonly Instant Origin = new(1_000_000_000_000);

    public ReconcilerBed(int count = 1, double announcementIntervalMs = 1e9)
    {
        Reconciler = new InterfaceReconciler(count, TimeSpan.FromMilliseconds(announcementIntervalMs), Origin);
    }

    public InterfaceReconciler Reconciler { get; private set; }

    public double NowMs { get; set; }

    public Instant Now => At(NowMs);

    /// <summary>How a VNI is announced that has come up, as <see cref="Run"/> says it.</summary>
    public const string Burst = "0 Announce 0, 40 Announce 0, 80 Announce 0, 1100 Announce 0, 2200 Announce 0";

    /// <summary>When it wants to be asked again, in milliseconds.</summary>
    public double DeadlineMs => (Reconciler.Deadline.Nanoseconds - Origin.Nanoseconds) / 1e6;

    /// <summary>What the kernel answers: an errno that stands for the result, too; 0 for done.</summary>
    public Func<KernelCommand, (KernelResult Result, int Errno)> Answer { get; set; } = _ => (KernelResult.Done, 0);

    public static Instant At(double milliseconds) => new(Origin.Nanoseconds + (long)Math.Round(milliseconds * 1e6));

    public static int Ifindex(int index) => 10 + index;

    public static int LowerIfindex(int index) => 1000 + index;

    /// <summary>A VNI that is owned, announced with all repeats, and quiet since.</summary>
    public static ReconcilerBed Serving(int count = 1)
    {
        var bed = new ReconcilerBed(count);
        bed.ShowAll(Up);
        bed.Want([.. Enumerable.Range(0, count)]);
        bed.RunUntil(10_000);
        bed.Reconciler.TryTakeMovement(bed.Now, out _);
        return bed;
    }

    /// <summary>A VNI that is not owned and held down.</summary>
    public static ReconcilerBed Quiet(int count = 1)
    {
        var bed = new ReconcilerBed(count);
        bed.ShowAll(Held);
        bed.RunUntil(10_000);
        return bed;
    }

    /// <summary>Goes on with other VNIs: where each is now, or -1.</summary>
    public void Reindex(int count, params int[] newIndexes) =>
        Reconciler = new InterfaceReconciler(count, TimeSpan.FromMilliseconds(1e9), Now, Reconciler, newIndexes);

    /// <summary>Wants these indexes and no other.</summary>
    public void Want(params int[] indexes)
    {
        var wanted = new VniBitmap(Reconciler.Count);
        foreach (int index in indexes)
        {
            wanted[index] = true;
        }

        Reconciler.SetWanted(wanted.Words, Now, Now);
    }

    /// <summary>Shows every interface, its lower device operational, and one address each.</summary>
    public void ShowAll(LinkConditions conditions)
    {
        for (int index = 0; index < Reconciler.Count; index++)
        {
            Show(index, conditions);
            ShowLower(index, up: true);
            ShowAddress(index, "10.0.0.1");
        }
    }

    public void Show(
        int index, LinkConditions conditions, int? ifindex = null, int? lower = null, ulong mac = 1, uint reasons = 0) =>
        Reconciler.ObserveLink(
            new LinkState(ifindex ?? Ifindex(index), lower ?? LowerIfindex(index), conditions, mac, reasons),
            index,
            Now);

    public void ShowLower(int index, bool up) => ShowOther(LowerIfindex(index), up ? Up : Free);

    /// <summary>Shows a link whose name is no VNI's interface's.</summary>
    public void ShowOther(int ifindex, LinkConditions conditions) =>
        Reconciler.ObserveLink(new LinkState(ifindex, 0, conditions, 1, 0), -1, Now);

    public void ShowAddress(int index, string address, bool present = true) =>
        Reconciler.ObserveAddress(Ifindex(index), GatewayDriver.Ip(address), present, Now);

    public InterfaceProblem Problem(int index = 0) => Reconciler.GetStatus(index).Problem;

    /// <summary>Takes and answers what there is to do now.</summary>
    public List<KernelCommand> TakeAll()
    {
        var commands = new List<KernelCommand>();
        while (Reconciler.TryTakeCommand(Now, out KernelCommand command))
        {
            commands.Add(command);
            Complete(command);
            if (commands.Count > 10_000)
            {
                throw new InvalidOperationException($"no end of commands: {command}");
            }
        }

        return commands;
    }

    /// <summary>The same, as text: <c>Announce 0, SetProtodown 1</c>.</summary>
    public string Take() => string.Join(", ", TakeAll().Select(command => $"{command.Kind} {command.Index}"));

    /// <summary>Lets time pass, and takes at each deadline on the way what there is to do.</summary>
    /// <returns>What was to do, and when.</returns>
    public List<(double AtMs, KernelCommand Command)> RunUntil(double milliseconds)
    {
        var commands = new List<(double, KernelCommand)>();
        while (true)
        {
            commands.AddRange(TakeAll().Select(command => (NowMs, command)));
            Reconciler.TryTakeMovement(Now, out _);
            if (DeadlineMs > milliseconds)
            {
                NowMs = Math.Max(NowMs, milliseconds);
                return commands;
            }

            if (DeadlineMs <= NowMs)
            {
                throw new InvalidOperationException($"a deadline that has been handled is over, {DeadlineMs} isn't");
            }

            NowMs = DeadlineMs;
        }
    }

    /// <summary>
    /// The same, as text: <c>0 Announce 0, 1100 Announce 0</c>, in milliseconds since <paramref name="since"/>.
    /// </summary>
    public string Run(double milliseconds, double since) => string.Join(
        ", ", RunUntil(milliseconds).Select(one => $"{one.AtMs - since:0.###} {one.Command.Kind} {one.Command.Index}"));

    private void Complete(KernelCommand command)
    {
        (KernelResult result, int errno) = Answer(command);
        switch (command.Kind)
        {
            case KernelCommandKind.Announce:
                Reconciler.CompleteAnnouncement(command, errno, Now);
                break;
            case KernelCommandKind.QueryLink when errno != 0:
                Reconciler.ObserveLinkGone(command.Ifindex, Now);
                break;
            case KernelCommandKind.SetProtodown:
            case KernelCommandKind.ClearProtodown:
                Reconciler.CompleteProtodown(command, result, errno, Now);
                break;
        }
    }
}
