using System;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

/// <summary>Ports 31 and 32 of bridges, for the VNIs 0 and 1.</summary>
public sealed class BridgePortsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(700);

    private readonly BridgePorts _ports = new(2);

    public BridgePortsTests()
    {
        for (int index = 0; index < 2; index++)
        {
            _ports.ObserveLower(index, 31 + index, At(0));
        }
    }

    [Fact]
    public void What_is_yielded_is_forgotten_and_learned_again_when_it_was_taken()
    {
        ObservePorts(learning: true);
        Assert.Equal("", Take(0));
        _ports.Yield(1, Limit, At(0));
        Assert.True(_ports.HasWork);
        Assert.Equal("ClearLearning 1 on 32", Take(0));
        _ports.EndYield(0, At(200));
        Assert.Equal("", Take(200));
        _ports.EndYield(1, At(200));
        Assert.Equal("SetLearning 1 on 32", Take(200));
        Assert.Equal(Instant.Never, _ports.Deadline);
    }

    [Fact]
    public void What_nobody_takes_is_learned_again_after_the_limit()
    {
        ObservePorts(learning: true);
        _ports.Yield(0, Limit, At(0));
        Assert.Equal("ClearLearning 0 on 31", Take(0));
        _ports.Yield(0, Limit, At(300)); // Said again: the limit isn't longer for it.
        Assert.Equal(At(700), _ports.Deadline);
        Assert.Equal("", Take(699));
        Assert.Equal("SetLearning 0 on 31", Take(700));
        Assert.Equal("", Take(2000));
    }

    [Fact]
    public void What_is_taken_before_it_was_forgotten_is_learned_all_the_same()
    {
        ObservePorts(learning: true);
        _ports.Yield(0, Limit, At(0));
        _ports.EndYield(0, At(0));
        Assert.Equal("SetLearning 0 on 31", Take(0));
    }

    [Fact]
    public void What_a_killed_process_left_is_mended_once()
    {
        ObservePorts(learning: false);
        Assert.Equal("SetLearning 0 on 31, SetLearning 1 on 32", Take(0));

        // Whoever turns it off while this one runs may have a reason.
        ObservePorts(learning: false);
        Assert.Equal("", Take(0));
    }

    [Fact]
    public void What_could_not_be_told_is_told_when_the_port_is_shown_again()
    {
        ObservePorts(learning: true);
        _ports.Yield(0, Limit, At(0));
        Take(0);
        _ports.EndYield(0, At(200));
        Assert.Equal("SetLearning 0 on 31", Take(200));
        _ports.FailLearning(0);
        ObservePorts(learning: false);
        Assert.Equal("SetLearning 0 on 31", Take(300));

        // It was told after all, and the answer was lost.
        _ports.FailLearning(0);
        ObservePorts(learning: true);
        ObservePorts(learning: false);
        Assert.Equal("", Take(400));
    }

    [Fact]
    public void It_is_mended_also_when_the_lower_device_is_shown_later()
    {
        _ports.ObserveLower(0, 0, At(0));
        ObservePorts(learning: false);
        Assert.Equal("SetLearning 1 on 32", Take(0));
        _ports.ObserveLower(0, 31, At(5));
        Assert.Equal("SetLearning 0 on 31", Take(5));
    }

    [Theory]
    [InlineData(0)] // A lower device that names nothing.
    [InlineData(99)] // A VLAN device: it names what it stands on, which names something else.
    public void Only_the_other_end_of_a_veth_pair_is_touched(int lowerNames)
    {
        _ports.ObserveLower(0, lowerNames, At(0));
        _ports.ObservePort(0, 31, learning: false, At(0));
        _ports.Yield(0, Limit, At(0));
        Assert.Equal("", Take(0));
        Assert.Equal(Instant.Never, _ports.Deadline);
    }

    [Fact]
    public void Another_lower_device_has_another_port()
    {
        ObservePorts(learning: true);
        _ports.Forget(0);
        _ports.Yield(0, Limit, At(0));
        Assert.Equal("", Take(0));
        _ports.ObserveLower(0, 35, At(0));
        _ports.ObservePort(0, 35, learning: true, At(0));
        _ports.Yield(0, Limit, At(0));
        Assert.Equal("ClearLearning 0 on 35", Take(0));
    }

    private static Instant At(double milliseconds) => new Instant(0) + TimeSpan.FromMilliseconds(milliseconds);

    private void ObservePorts(bool learning)
    {
        _ports.ObservePort(0, 31, learning, At(0));
        _ports.ObservePort(1, 32, learning, At(0));
    }

    private string Take(double milliseconds)
    {
        string all = "";
        while (_ports.TryTakeForget(At(milliseconds), out KernelCommand command)
            || _ports.TryTakeLearn(At(milliseconds), out command))
        {
            all += $"{(all.Length > 0 ? ", " : "")}{command.Kind} {command.Index} on {command.Ifindex}";
        }

        return all;
    }
}
