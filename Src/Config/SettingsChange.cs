using System;
using System.Collections.Generic;
using System.Globalization;

namespace Wmgwd2.Config;

/// <summary>What a config that is read again changes in a daemon that runs.</summary>
public sealed class SettingsChange
{
    // What can change live, and what is bound to the process: its sockets, its identity, its privileges, its interfaces' names.
    private static readonly (string Key, bool Live, Func<Settings, string> Show)[] Shown =
    [
        ("uid", false, settings => settings.Uid?.ToString() ?? ""),
        ("uid-file", false, settings => settings.UidFile),
        ("vnis", true, settings => settings.Vnis.ToString()),
        ("interval", true, settings => Show(settings.Timing.Interval)),
        ("dead-after", true, settings => Show(settings.Timing.DeadAfter)),
        ("startup-delay", true, settings => Show(settings.Timing.StartupDelay)),
        ("handover-lead", true, settings => Show(settings.Timing.HandoverLead)),
        ("broadcast", false, settings => settings.Broadcast.ToString()),
        ("port", false, settings => Show(settings.Port)),
        ("bind-interface", false, settings => settings.BindInterface ?? ""),
        ("allow", true, settings => string.Join(',', settings.Allow)),
        ("interface-pattern", false, settings => settings.InterfacePattern.ToString()),
        ("arp-interval", true, settings => Show(settings.ArpInterval)),
        ("announce", true, settings => Show(settings.Announce)),
        ("track-interface", true, settings => string.Join(',', settings.TrackInterface)),
        ("track-file", true, settings => settings.TrackFile ?? ""),
        ("stuck-after", true, settings => Show(settings.StuckAfter)),
        ("realtime-priority", false, settings => Show(settings.RealtimePriority)),
        ("lock-memory", false, settings => settings.LockMemory ? "on" : "off"),
        ("user", false, settings => settings.User ?? ""),
        ("control-socket", false, settings => settings.ControlSocket),
        ("log-level", true, settings => Show(settings.LogLevel)),
    ];

    /// <summary>Compares two settings.</summary>
    /// <param name="before">Those that the daemon goes by.</param>
    /// <param name="read">Those that were read.</param>
    public SettingsChange(Settings before, Settings read)
    {
        var changed = new List<string>();
        var left = new List<string>();
        foreach ((string key, bool live, Func<Settings, string> show) in Shown)
        {
            (string old, string now) = (show(before), show(read));
            if (old != now)
            {
                (live ? changed : left).Add($"{key}: {Name(old)} -> {Name(now)}");
            }
        }

        (Changed, Left) = (changed, left);
        Result = before with
        {
            Vnis = before.Vnis.ToString() == read.Vnis.ToString() ? before.Vnis : read.Vnis,
            Timing = read.Timing,
            Allow = read.Allow,
            ArpInterval = read.ArpInterval,
            Announce = read.Announce,
            TrackInterface = read.TrackInterface,
            TrackFile = read.TrackFile,
            StuckAfter = read.StuckAfter,
            LogLevel = read.LogLevel,
        };
    }

    /// <summary>What changes, a line each: <c>log-level: info -> debug</c>.</summary>
    public IReadOnlyList<string> Changed { get; }

    /// <summary>What can't change before the next start, a line each.</summary>
    public IReadOnlyList<string> Left { get; }

    /// <summary>The settings that the daemon is to go by. The VNIs are the same object as before when they have not changed.</summary>
    public Settings Result { get; }

    /// <summary>The value of a key, as a config file has it; null for a key that has no value of its own (minvni, maxvni).</summary>
    internal static string? ValueOf(string key, Settings settings)
    {
        foreach ((string name, _, Func<Settings, string> show) in Shown)
        {
            if (name == key)
            {
                return show(settings);
            }
        }

        return null;
    }

    private static string Name(string value) => value.Length == 0 ? "(none)" : value;

    private static string Show(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Show(TimeSpan time) => time.Ticks % TimeSpan.TicksPerSecond == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds}s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds}ms");

    private static string Show(AnnounceKinds kinds) => kinds switch
    {
        AnnounceKinds.Reply => "reply",
        AnnounceKinds.Request => "request",
        _ => "both",
    };

    private static string Show(LogThreshold level) => level switch
    {
        LogThreshold.Debug => "debug",
        LogThreshold.Info => "info",
        LogThreshold.Warning => "warning",
        _ => "error",
    };
}
