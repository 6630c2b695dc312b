using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Config;
using Wmgwd2.Tests.Io;
using Xunit;

namespace Wmgwd2.Tests.Configuration;

/// <summary>What a config that is read again changes.</summary>
public sealed class SettingsChangeTests
{
    [Fact]
    public void Each_key_is_known_with_the_value_that_the_file_would_have()
    {
        Settings settings = TestSettings.Read();
        foreach (SettingKey key in SettingKey.All)
        {
            string? expected = key.Name switch
            {
                "vnis" => "1-100",
                "minvni" or "maxvni" => null,
                _ => key.DefaultText,
            };
            Assert.Equal((key.Name, expected), (key.Name, SettingsChange.ValueOf(key.Name, settings)));
        }
    }

    [Theory]
    [InlineData("interval", "50ms", "interval: 1s -> 50ms")]
    [InlineData("dead-after", "5", "dead-after: 3 -> 5")]
    [InlineData("startup-delay", "1m", "startup-delay: 0s -> 60s")]
    [InlineData("handover-lead", "0ms", "handover-lead: 200ms -> 0s")]
    [InlineData("allow", "10.0.1.11,10.0.1.12", "allow: (none) -> 10.0.1.11,10.0.1.12")]
    [InlineData("arp-interval", "1500ms", "arp-interval: 60s -> 1500ms")]
    [InlineData("announce", "reply", "announce: both -> reply")]
    [InlineData("track-interface", "eth0", "track-interface: (none) -> eth0")]
    [InlineData("track-file", "/run/health", "track-file: (none) -> /run/health")]
    [InlineData("stuck-after", "1s", "stuck-after: 5s -> 1s")]
    [InlineData("log-level", "debug", "log-level: info -> debug")]
    [InlineData("maxvni", "120", "vnis: 1-100 -> 1-120")]
    [InlineData("vnis", "1-10,20", "vnis: 1-100 -> 1-10,20")]
    public void What_can_change_live_does(string key, string value, string expected)
    {
        Settings before = TestSettings.Read();
        Settings read = TestSettings.Read($"{key}={value}");

        var change = new SettingsChange(before, read);

        Assert.Equal([expected], change.Changed);
        Assert.Empty(change.Left);
        Assert.Equal(Values(read), Values(change.Result));
        Assert.Equal(key is not ("maxvni" or "vnis"), ReferenceEquals(before.Vnis, change.Result.Vnis));
    }

    [Theory]
    [InlineData("uid", "7", "uid: (none) -> 7")]
    [InlineData("uid-file", "/etc/uid", "uid-file: /var/lib/wmgwd2/uid -> /etc/uid")]
    [InlineData("broadcast", "10.0.2.255", "broadcast: 10.0.1.255 -> 10.0.2.255")]
    [InlineData("port", "3001", "port: 3000 -> 3001")]
    [InlineData("bind-interface", "eth0", "bind-interface: (none) -> eth0")]
    [InlineData("interface-pattern", "gw%d", "interface-pattern: vrrp4-%d -> gw%d")]
    [InlineData("realtime-priority", "10", "realtime-priority: 0 -> 10")]
    [InlineData("lock-memory", "off", "lock-memory: on -> off")]
    [InlineData("user", "wmgwd2", "user: (none) -> wmgwd2")]
    [InlineData("control-socket", "/run/a.sock", "control-socket: /run/wmgwd2.sock -> /run/a.sock")]
    public void What_cannot_is_named_and_left(string key, string value, string expected)
    {
        Settings before = TestSettings.Read();

        var change = new SettingsChange(before, TestSettings.Read($"{key}={value}"));

        Assert.Empty(change.Changed);
        Assert.Equal([expected], change.Left);
        Assert.Equal(before, change.Result);
    }

    private static IEnumerable<string?> Values(Settings settings) =>
        SettingKey.All.Select(key => SettingsChange.ValueOf(key.Name, settings));
}
