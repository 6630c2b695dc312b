using System;
using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Config;
using Xunit;

namespace Wmgwd2.Tests.Configuration;

/// <summary>What is a value of each key and what isn't.</summary>
public sealed class SettingKeyTests
{
    // sun_path of struct sockaddr_un (linux/un.h) has 108 bytes, one of them for the closing zero.
    private static readonly string LongestPath = "/run/" + new string('x', 102);

    private static readonly (string Key, string[] Values)[] Invalid =
    [
        ("uid", ["", "0", "0x", "0x0", "-1", "+1", "1 ", " 1", "1e3", "18446744073709551616", "0x10000000000000000", "ff"]),
        ("uid-file", [""]),
        ("vnis", ["", "0", "16777216", "1-", "-1", "5-4", "1,,2", "1,", "1-2-3", "a", "1;2", "0-5"]),
        ("minvni", ["", "0", "16777216", "1-2", "0x1"]),
        ("maxvni", ["", "0", "16777216", "99999999999"]),
        ("interval", ["", "5ms", "9.99ms", "61s", "2m", "1", "1 s", "s", "-1s", "1S", "1e1s", "1,5s", "9999999999999999s"]),
        ("dead-after", ["", "1", "101", "3.0", "-3"]),
        ("startup-delay", ["", "-1s", "61m", "5"]),
        ("handover-lead", ["", "10001ms", "11s", "80"]),
        ("broadcast", ["", "10.0.1", "10.0.1.256", "10.0.1.255.1", "10.0.1.0255", "10.0.1.", "::1", "localhost", " 10.0.1.1"]),
        ("port", ["", "0", "65536", "http"]),
        ("bind-interface", ["sixteen--letters"]),
        ("allow", ["10.0.1", "10.0.1.11,", "10.0.1.11 10.0.1.12"]),
        ("interface-pattern", ["", "vrrp4", "%d%d", "%d-%s", "a b%d", "a/%d", "a:%d", "ä%d", "fifteen-letters%d"]),
        ("arp-interval", ["", "999ms", "61m", "2h", "5000000ms", "9999999ms"]),
        ("announce", ["", "Reply", "none", "reply,request"]),
        ("track-interface", ["eth0,", "sixteen--letters", "a b", "a/b", ",eth0"]),
        ("track-file", ["a\tb", new string('x', 4096)]),
        ("stuck-after", ["", "499ms", "61m", "5"]),
        ("realtime-priority", ["", "100", "-1", "high"]),
        ("lock-memory", ["", "yes", "On", "1"]),
        ("user", ["a\tb"]),
        ("control-socket", ["", LongestPath + "x", "/" + new string('ä', 54)]),
        ("log-level", ["", "Info", "trace", "warn"]),
    ];

    /// <summary>Key, value, and how the setting reads then.</summary>
    public static TheoryData<string, string, string> Valid => new()
    {
        { "uid", "7", "7" },
        { "uid", "18446744073709551615", "18446744073709551615" },
        { "uid", "0x1F", "31" },
        { "uid", "0Xffffffffffffffff", "18446744073709551615" },
        { "uid-file", "/etc/uid", "/etc/uid" },
        { "vnis", "7", "7" },
        { "vnis", "1-100,200,300-310", "1-100,200,300-310" },
        { "vnis", "5, 1 - 3 ,2,4", "1-5" },
        { "vnis", "16777215", "16777215" },
        { "minvni", "1", "1-100" },
        { "minvni", "100", "100" },
        { "maxvni", "16777215", "1-16777215" },
        { "interval", "10ms", "10" },
        { "interval", "0.05s", "50" },
        { "interval", "1m", "60000" },
        { "interval", "12.5ms", "12.5" },
        { "dead-after", "2", "2" },
        { "dead-after", "100", "100" },
        { "startup-delay", "0s", "0" },
        { "startup-delay", "30s", "30000" },
        { "handover-lead", "0ms", "0" },
        { "handover-lead", "10s", "10000" },
        { "broadcast", "255.255.255.255", "255.255.255.255" },
        { "broadcast", "192.168.0.255", "192.168.0.255" },
        { "port", "1", "1" },
        { "port", "65535", "65535" },
        { "bind-interface", "", "" },
        { "bind-interface", "fifteen-letters", "fifteen-letters" },
        { "allow", "", "" },
        { "allow", "10.0.1.12, 10.0.1.11", "10.0.1.12,10.0.1.11" },
        { "interface-pattern", "%d", "%d" },
        { "interface-pattern", "gw%dx", "gw%dx" },
        { "arp-interval", "1s", "1000" },
        { "arp-interval", "1h", "3600000" },
        { "announce", "reply", "Reply" },
        { "announce", "request", "Request" },
        { "announce", "both", "Both" },
        { "track-interface", "", "" },
        { "track-interface", "eth0, uplink0", "eth0,uplink0" },
        { "track-file", "", "" },
        { "track-file", "/run/health", "/run/health" },
        { "stuck-after", "500ms", "500" },
        { "stuck-after", "1h", "3600000" },
        { "realtime-priority", "0", "0" },
        { "realtime-priority", "99", "99" },
        { "lock-memory", "on", "on" },
        { "lock-memory", "off", "off" },
        { "user", "", "" },
        { "user", "nobody", "nobody" },
        { "control-socket", LongestPath, LongestPath },
        { "log-level", "debug", "Debug" },
        { "log-level", "info", "Info" },
        { "log-level", "warning", "Warning" },
        { "log-level", "error", "Error" },
    };

    public static TheoryData<string, string> InvalidRows()
    {
        var rows = new TheoryData<string, string>();
        foreach ((string key, string value) in Invalid.SelectMany(row => row.Values.Select(value => (row.Key, value))))
        {
            rows.Add(key, value);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public void Valid_value_is_read(string key, string value, string setting)
    {
        Settings? settings = SettingsReader.Read(null, [new(key, value, "--" + key)], out IReadOnlyList<string> errors);
        Assert.Equal([], errors);
        Assert.Equal(setting, Show(settings!, key));
    }

    [Theory]
    [MemberData(nameof(InvalidRows))]
    public void Invalid_value_is_refused(string key, string value)
    {
        string expected = SettingKey.Find(key)!.Expected;
        Assert.Null(SettingsReader.Read(null, [new(key, value, "--" + key)], out IReadOnlyList<string> errors));
        Assert.Equal([$"--{key}: {QuotedText.Of(value)} is not {expected}"], errors);
    }

    [Fact]
    public void Every_key_stands_in_both_tables()
    {
        IEnumerable<string> keys = SettingKey.All.Select(key => key.Name);
        Assert.Equal(keys, Valid.Select(row => row[0]).Distinct());
        Assert.Equal(keys, Invalid.Select(row => row.Key));
    }

    [Fact]
    public void Every_choice_is_a_value_and_is_among_what_is_expected()
    {
        foreach (SettingKey key in SettingKey.All.Where(key => key.Choices.Count > 0))
        {
            Assert.Equal(key.Expected, $"{string.Join(", ", key.Choices.SkipLast(1))} or {key.Choices[^1]}");
            Assert.All(key.Choices, choice => Assert.True(key.TryRead(new SettingsDraft(), choice)));
        }

        Assert.Equal(
            ["announce", "lock-memory", "log-level"],
            SettingKey.All.Where(key => key.Choices.Count > 0).Select(key => key.Name));
    }

    [Fact]
    public void Defaults_are_what_the_table_says()
    {
        Settings settings = SettingsReader.Read(null, [], out _)!;
        Assert.Equal(
            [
                "", "/var/lib/wmgwd2/uid", "1-100", "1-100", "1-100", "1000", "3", "0", "200", "10.0.1.255", "3000", "", "", "vrrp4-%d",
                "60000", "Both", "", "", "5000", "0", "on", "", "/run/wmgwd2.sock", "Info",
            ],
            ShowAll(settings));
        Assert.Null(settings.BindInterface);
    }

    internal static IEnumerable<string> ShowAll(Settings settings) => SettingKey.All.Select(key => Show(settings, key.Name));

    private static string Show(Settings settings, string key) => FormattableString.Invariant(key switch
    {
        "uid" => $"{settings.Uid}",
        "uid-file" => $"{settings.UidFile}",
        "vnis" or "minvni" or "maxvni" => $"{settings.Vnis}",
        "interval" => $"{settings.Timing.Interval.TotalMilliseconds}",
        "dead-after" => $"{settings.Timing.DeadAfter}",
        "startup-delay" => $"{settings.Timing.StartupDelay.TotalMilliseconds}",
        "handover-lead" => $"{settings.Timing.HandoverLead.TotalMilliseconds}",
        "broadcast" => $"{settings.Broadcast}",
        "port" => $"{settings.Port}",
        "bind-interface" => $"{settings.BindInterface}",
        "allow" => $"{string.Join(',', settings.Allow)}",
        "interface-pattern" => $"{settings.InterfacePattern}",
        "arp-interval" => $"{settings.ArpInterval.TotalMilliseconds}",
        "announce" => $"{settings.Announce}",
        "track-interface" => $"{string.Join(',', settings.TrackInterface)}",
        "track-file" => $"{settings.TrackFile}",
        "stuck-after" => $"{settings.StuckAfter.TotalMilliseconds}",
        "realtime-priority" => $"{settings.RealtimePriority}",
        "lock-memory" => $"{(settings.LockMemory ? "on" : "off")}",
        "user" => $"{settings.User}",
        "control-socket" => $"{settings.ControlSocket}",
        "log-level" => $"{settings.LogLevel}",
        _ => $"no case for {key}",
    });
}
