using System;

namespace Wmgwd2.Core;

/// <summary>How evenly VNIs are spread over gateways.</summary>
public readonly struct LoadBalance
{
    private LoadBalance(int gateways, long total, int least, int most)
    {
        Gateways = gateways;
        Total = total;
        Least = least;
        Most = most;
    }

    /// <summary>Nobody, who owns nothing.</summary>
    public static LoadBalance Nobody => default;

    /// <summary>How many gateways there are.</summary>
    public int Gateways { get; }

    /// <summary>How many VNIs they own together.</summary>
    public long Total { get; }

    /// <summary>How many VNIs the one owns that owns the fewest.</summary>
    public int Least { get; }

    /// <summary>How many VNIs the one owns that owns the most.</summary>
    public int Most { get; }

    /// <summary>How many VNIs each would own if all owned as many; 0 without gateways.</summary>
    public double Mean => Gateways == 0 ? 0 : (double)Total / Gateways;

    /// <summary>By how many percent the most is above the mean; 0 where nobody owns anything.</summary>
    public double PercentAboveMean => Total == 0 ? 0 : 100 * (Most / Mean - 1);

    /// <summary>The balance of gateways that own so many VNIs each.</summary>
    public static LoadBalance Of(ReadOnlySpan<int> loads)
    {
        LoadBalance balance = Nobody;
        foreach (int load in loads)
        {
            balance = balance.With(load);
        }

        return balance;
    }

    /// <summary>The balance with one gateway more.</summary>
    /// <param name="load">How many VNIs that one owns.</param>
    public LoadBalance With(int load) => Gateways == 0
        ? new LoadBalance(1, load, load, load)
        : new LoadBalance(Gateways + 1, Total + load, Math.Min(Least, load), Math.Max(Most, load));
}
