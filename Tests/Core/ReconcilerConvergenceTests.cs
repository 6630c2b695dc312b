using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

/// <summary>
/// The reconciler against a model of the kernel, in which everything happens at random for a while: decisions, foreign
/// changes, failures, lost notifications. Whatever it led to, once it is over the kernel shows what is wanted, or the
/// status says why not.
/// </summary>
public sealed class ReconcilerConvergenceTests
{
    private const int Count = 6;

    private Random _random = new(0);
    private ModelKernel _kernel = new(0, new Random(0));
    private InterfaceReconciler _reconciler = new(0, TimeSpan.FromDays(1), default);
    private VniBitmap _wanted = new(0);
    private Instant _now;
    private double _failureRate;

    public static TheoryData<int> Blocks() => new(Enumerable.Range(0, 10));

    [Theory]
    [MemberData(nameof(Blocks))]
    public void After_any_history_the_kernel_shows_what_is_wanted(int block)
    {
        for (int seed = block * 50; seed < (block + 1) * 50; seed++)
        {
            try
            {
                Run(seed);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}, {_now.Nanoseconds / 1e9} s: {failure.Message}", failure);
            }
        }
    }

    private void Run(int seed)
    {
        _random = new Random(seed);
        _now = new Instant(0);
        _kernel = new ModelKernel(Count, _random);
        _wanted = new VniBitmap(Count);
        _reconciler = new InterfaceReconciler(Count, TimeSpan.FromDays(1), _now);
        Array.ForEach(_kernel.Interfaces, each => _kernel.Create(each, _now));
        _failureRate = _random.Next(3) * 0.2;
        for (int step = 0; step < 400; step++)
        {
            ActAtRandom();
            Pass(_now + TimeSpan.FromTicks(_random.Next(300_000)));
        }

        // Longer than the longest time before a refused command is repeated.
        _failureRate = 0;
        Pass(_now + TimeSpan.FromSeconds(30));

        Assert.Equal(0, _reconciler.MovementOpen);
        Assert.False(_reconciler.HasWork);
        Assert.All(_kernel.Interfaces, AssertConverged);
    }

    private void AssertConverged(ModelInterface each)
    {
        InterfaceStatus status = _reconciler.GetStatus(each.Index);
        bool wanted = _wanted[each.Index];
        InterfaceProblem expected = each.Ifindex == 0 ? InterfaceProblem.Missing
            : !wanted ? InterfaceProblem.None
            : each.Reasons != 0 && each.Protodown ? InterfaceProblem.Blocked
            : !each.AdministrativelyUp ? InterfaceProblem.AdministrativelyDown
            : !each.LowerUp ? InterfaceProblem.LowerDown
            : each.Addresses.Count == 0 ? InterfaceProblem.NoAddress
            : InterfaceProblem.None;
        Assert.Equal((each.Ifindex, wanted, expected), (status.Ifindex, status.Wanted, status.Problem));
        Assert.Equal(expected == InterfaceProblem.Blocked ? 16 : 0, status.Errno);
        Assert.True(each.Ifindex == 0 || wanted || (each.Protodown && !each.Carrier), "it is up though not owned");
        Assert.Equal(wanted && expected == InterfaceProblem.None, status.Announced);
        if (status.Announced)
        {
            Assert.True(each.OperationalSince != Instant.Never, "it is not operational");
            Assert.True(each.HeardAt >= each.ChangedAt, "its new address was not announced");
            Assert.True(each.HeardAt >= each.OperationalSince || each.FlapUnseen, "it was not announced since it came up");
        }
    }

    /// <summary>Lets time pass, and does at each deadline on the way what there is to do.</summary>
    private void Pass(Instant end)
    {
        while (true)
        {
            _kernel.Advance(_reconciler, _now);
            Work();
            Instant next = Instant.Min(_reconciler.Deadline, _kernel.NextEvent);
            if (next > end)
            {
                _now = Instant.Max(_now, end);
                return;
            }

            if (next == _reconciler.Deadline)
            {
                Instant before = next - TimeSpan.FromTicks(1);
                Assert.False(_reconciler.TryTakeCommand(before, out _), "something was due before the deadline");
            }

            _now = Instant.Max(_now, next);
        }
    }

    /// <summary>Takes a few commands, carries them out in order, then answers; until there are none.</summary>
    private void Work()
    {
        var batch = new List<(KernelCommand Command, KernelResult Result, int Errno)>();
        for (int limit = 1000; limit > 0; limit--)
        {
            batch.Clear();
            int most = 1 + _random.Next(5);
            while (batch.Count < most && _reconciler.TryTakeCommand(_now, out KernelCommand command))
            {
                (KernelResult result, int errno) = Carry(command);
                batch.Add((command, result, errno));
            }

            if (batch.Count == 0)
            {
                _reconciler.TryTakeMovement(_now, out _);
                Assert.False(_reconciler.HasWork);
                Assert.True(_reconciler.Deadline > _now, "a deadline that has been handled is over");
                return;
            }

            _now += TimeSpan.FromTicks(_random.Next(5_000));
            foreach ((KernelCommand command, KernelResult result, int errno) in batch)
            {
                Complete(command, result, errno);
            }
        }

        Assert.Fail("no end of commands");
    }

    private (KernelResult Result, int Errno) Carry(KernelCommand command)
    {
        bool fails = _random.NextDouble() < _failureRate;
        ModelInterface target = _kernel.Interfaces[command.Index];
        switch (command.Kind)
        {
            case KernelCommandKind.Announce:
                Assert.True(IsShownOperational(target), "announced though not wanted and shown operational");
                return fails ? (KernelResult.Refused, 105) : (KernelResult.Done, 0);
            case KernelCommandKind.QueryLink:
                Assert.Equal(target.LowerIfindex, command.Ifindex);
                return (KernelResult.Done, 0);
            default:
                bool on = command.Kind == KernelCommandKind.SetProtodown;
                Assert.Equal(!_wanted[command.Index], on);
                return fails ? (KernelResult.Refused, 12) : _kernel.SetProtodown(command.Ifindex, on, _now);
        }
    }

    private void Complete(KernelCommand command, KernelResult result, int errno)
    {
        ModelInterface target = _kernel.Interfaces[command.Index];
        switch (command.Kind)
        {
            case KernelCommandKind.Announce:
                // A frame sent while it can't send is lost without an error.
                target.HeardAt = errno == 0 && target.OperationalSince <= _now ? _now : target.HeardAt;
                _reconciler.CompleteAnnouncement(command, errno, _now);
                break;
            case KernelCommandKind.QueryLink:
                _kernel.ShowLower(target, _reconciler, _now);
                break;
            default:
                if (result == KernelResult.Done)
                {
                    LinkConditions known = command.Kind == KernelCommandKind.SetProtodown
                        ? target.Shown.Conditions & LinkConditions.AdministrativelyUp
                        : target.Shown.Conditions & ~LinkConditions.Protodown;
                    target.Shown = target.Shown with { Conditions = known };
                }

                _reconciler.CompleteProtodown(command, result, errno, _now);
                break;
        }
    }

    private bool IsShownOperational(ModelInterface each) =>
        _wanted[each.Index] && each.LowerShown && each.LowerShownUp && each.Shown.Conditions == ReconcilerBed.Up;

    private void ActAtRandom()
    {
        ModelInterface which = _kernel.Interfaces[_random.Next(Count)];
        bool coin = _random.Next(2) == 0;
        switch (_random.Next(16))
        {
            case < 5:
                _wanted[which.Index] = coin;
                _reconciler.SetWanted(_wanted.Words, _now, _now);
                break;
            case 5 when which.AdministrativelyUp:
                _kernel.SetProtodown(which.Ifindex, coin, _now);
                break;
            case 6:
                _kernel.SetLower(which, coin, _now);
                break;
            case 7 when which.Ifindex != 0:
                _kernel.SetAdministrativelyUp(which, coin, _now);
                break;
            case 8:
                _kernel.SetAddress(which, new Ipv4Address(0x0a000001 + (uint)_random.Next(3)), coin, _now);
                break;
            case 9:
                _kernel.SetHardwareAddress(which, (ulong)_random.Next(1, 4), _now);
                break;
            case 10:
                _kernel.SetReasons(which, which.Protodown && coin ? 1u << 7 : 0, _now);
                break;
            case 11:
                _kernel.Delete(which, _now);
                break;
            case 12 or 13:
                if (which.Ifindex == 0 || coin)
                {
                    _kernel.Create(which, _now);
                }

                break;
            case 14:
                _kernel.LoseNotifications(_reconciler, _now);
                break;
            case 15:
                _reconciler.AnnounceOwned(_now);
                break;
        }
    }
}
