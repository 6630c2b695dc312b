using System;

namespace Wmgwd2.Tests.Simulation;

/// <summary>
/// The broadcast domain: loss, delay (and so reordering), duplication, and cuts, each direction of each pair by itself.
/// </summary>
internal sealed class VirtualNetwork(int size, Random random)
{
    private readonly bool[,] _cut = new bool[size, size];

    /// <summary>The share of datagrams that are lost.</summary>
    public double Loss { get; set; }

    /// <summary>The share of datagrams that arrive twice.</summary>
    public double Duplication { get; set; }

    /// <summary>The longest delay; the shortest is 50 µs.</summary>
    public TimeSpan MaximumDelay { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Whether anything is wrong with it.</summary>
    public bool Healthy { get; private set; } = true;

    /// <summary>Cuts one direction, if so told.</summary>
    public void Cut(int from, int to, bool cut)
    {
        _cut[from, to] |= cut;
        Healthy &= !cut;
    }

    /// <summary>Two can hear each other again.</summary>
    public void Restore(int one, int other) => (_cut[one, other], _cut[other, one]) = (false, false);

    public void Degrade(double loss, double duplication, TimeSpan maximumDelay)
    {
        (Loss, Duplication, MaximumDelay, Healthy) = (loss, duplication, maximumDelay, false);
    }

    public void Heal()
    {
        Array.Clear(_cut);
        (Loss, Duplication, MaximumDelay, Healthy) = (0, 0, TimeSpan.FromMilliseconds(1), true);
    }

    /// <summary>How many copies of a datagram arrive.</summary>
    public int CountCopies(int from, int to)
    {
        // The own datagram loops back inside the machine.
        if (from == to || Healthy)
        {
            return 1;
        }

        if (_cut[from, to] || random.NextDouble() < Loss)
        {
            return 0;
        }

        return random.NextDouble() < Duplication ? 2 : 1;
    }

    public TimeSpan NextDelay(int from, int to) => from == to
        ? TimeSpan.FromMicroseconds(20)
        : TimeSpan.FromMicroseconds(50 + random.NextDouble() * (MaximumDelay.TotalMicroseconds - 50));
}
