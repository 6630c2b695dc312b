using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Wmgwd2.Core;

namespace Wmgwd2.Config;

/// <summary>Reads the values of settings. Nothing is trimmed, guessed or rounded: a text is a value or it isn't.</summary>
public static class ValueParser
{
    /// <summary>A uid, decimal or 0x hex, not 0.</summary>
    public static bool TryParseUid(string text, out NodeId uid)
    {
        bool hex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        bool valid = ulong.TryParse(
            hex ? text.AsSpan(2) : text, hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
            CultureInfo.InvariantCulture, out ulong value);
        uid = new NodeId(value);
        return valid && value != 0;
    }

    /// <summary>A decimal number within bounds.</summary>
    public static bool TryParseNumber(ReadOnlySpan<char> text, uint minimum, uint maximum, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
        && number >= minimum && number <= maximum;

    /// <summary>A VNI.</summary>
    public static bool TryParseVni(ReadOnlySpan<char> text, out Vni vni)
    {
        bool valid = TryParseNumber(text, Vni.Minimum, Vni.Maximum, out uint number);
        vni = new Vni(number);
        return valid;
    }

    /// <summary>A list of VNIs and ranges, at least one.</summary>
    public static bool TryParseVnis(string text, [NotNullWhen(true)] out VniSet? vnis)
    {
        vnis = null;
        var ranges = new List<VniRange>();
        foreach (Range between in text.AsSpan().Split(','))
        {
            ReadOnlySpan<char> part = text.AsSpan(between).Trim();
            int dash = part.IndexOf('-');
            ReadOnlySpan<char> low = dash < 0 ? part : part[..dash].TrimEnd();
            ReadOnlySpan<char> high = dash < 0 ? part : part[(dash + 1)..].TrimStart();
            if (!TryParseVni(low, out Vni first) || !TryParseVni(high, out Vni last) || last.Value < first.Value)
            {
                return false;
            }

            ranges.Add(new VniRange(first, last));
        }

        vnis = new VniSet(ranges);
        return true;
    }

    /// <summary>A list of IPv4 addresses, or nothing.</summary>
    public static bool TryParseAddresses(string text, out Ipv4Address[] addresses)
    {
        var list = new List<Ipv4Address>();
        foreach (string part in text.Length == 0 ? [] : text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!Ipv4Address.TryParse(part, out Ipv4Address address))
            {
                addresses = [];
                return false;
            }

            list.Add(address);
        }

        addresses = [.. list];
        return true;
    }

    /// <summary>A list of names of interfaces, or nothing.</summary>
    public static bool TryParseInterfaceNames(string text, out string[] names)
    {
        names = text.Length == 0 ? [] : text.Split(',', StringSplitOptions.TrimEntries);
        return Array.TrueForAll(names, InterfacePattern.IsInterfaceName);
    }

    /// <summary>on or off.</summary>
    public static bool TryParseSwitch(string text, out bool on)
    {
        on = text == "on";
        return on || text == "off";
    }

    /// <summary>A time: a decimal number and ms, s, m or h, within bounds.</summary>
    public static bool TryParseTime(string text, TimeSpan minimum, TimeSpan maximum, out TimeSpan time)
    {
        (string Unit, TimeSpan Length)[] units =
        [
            ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)),
            ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)),
        ];
        foreach ((string unit, TimeSpan length) in units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal) && decimal.TryParse(
                text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture, out decimal number))
            {
                // Compared in units first: in ticks a very large number would not fit.
                decimal limit = (decimal)maximum.Ticks / length.Ticks;
                time = TimeSpan.FromTicks((long)(Math.Min(number, limit) * length.Ticks));
                return time >= minimum && number <= limit;
            }
        }

        time = default;
        return false;
    }

    /// <summary>The name of an enum's value, in lower case.</summary>
    public static bool TryParseName<T>(string text, out T value)
        where T : struct, Enum
    {
        foreach (T candidate in Enum.GetValues<T>())
        {
            if (candidate.ToString().ToLowerInvariant() == text)
            {
                value = candidate;
                return true;
            }
        }

        value = default;
        return false;
    }
}
