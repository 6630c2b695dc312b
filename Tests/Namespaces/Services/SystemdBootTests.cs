using System;
using System.Globalization;
using System.IO;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>The daemon under a systemd that is the init of namespaces of its own, with the unit as install.sh installs it.</summary>
[Collection(NamespaceCollection.Name)]
public sealed class SystemdBootTests(ITestOutputHelper output)
{
    [SystemdFact]
    public void Systemd_starts_reloads_fences_and_stops_the_daemon_and_starts_it_again()
    {
        using var bed = new ServiceBed(output);
        using var systemd = new BootedSystemd(bed.Gateway.Name, bed.Folder, root =>
        {
            Command.Must([Path.Combine(Binary.RepositoryRoot, "scripts", "install.sh"), "--service", "systemd", "--prefix", "/usr",
                "--destdir", root, "--binary", Binary.Path]);
            File.WriteAllText($"{root}/etc/wmgwd2/wmgwd2.conf", $"uid = 1\nvnis = 1-{ServiceBed.Vnis}\ninterval = 100ms\nrealtime-priority = 1\n");
            Directory.CreateDirectory($"{root}/etc/systemd/system/wmgwd2.service.d");
            File.WriteAllText($"{root}/etc/systemd/system/wmgwd2.service.d/sooner.conf", "[Service]\nWatchdogSec=2\nRestartSec=200ms\n");
        });

        // Ready when it listens: 'start' waits for it.
        systemd.Must(0, "systemctl", "start", "wmgwd2");
        Assert.Equal("active", systemd.Show("ActiveState"));
        WaitUntilServing(bed, systemd);
        int first = int.Parse(systemd.Show("MainPID"), CultureInfo.InvariantCulture);
        Assert.Contains("active for", systemd.Must(0, "/usr/sbin/wmgwd2", "status"));

        // Reload waits too, and says what is wrong.
        systemd.Must(0, "systemctl", "reload", "wmgwd2");
        systemd.Must(0, "sh", "-c", "echo 'log-level = loud' >>/etc/wmgwd2/wmgwd2.conf");
        systemd.Must(1, "systemctl", "reload", "wmgwd2");
        systemd.Must(0, "sed", "-i", "$d", "/etc/wmgwd2/wmgwd2.conf");

        systemd.Must(0, "kill", "-KILL", first.ToString(CultureInfo.InvariantCulture));
        systemd.WaitForRestarts(1);
        WaitUntilServing(bed, systemd);
        systemd.WaitForJournal("3 interfaces held down (3 were not), 0 missing", 1);

        // What doesn't move any more is killed, fenced, and started again.
        systemd.Must(0, "kill", "-STOP", systemd.Show("MainPID"));
        systemd.WaitForRestarts(2);
        WaitUntilServing(bed, systemd);
        systemd.WaitForJournal("3 interfaces held down (3 were not), 0 missing", 2);

        systemd.Must(0, "systemctl", "stop", "wmgwd2");
        Assert.True(bed.Gateway.AllQuiet());
        Assert.Equal("inactive", systemd.Show("ActiveState"));
        Assert.Equal("success", systemd.Show("Result"));

        // A mistake since the start: the fence does its work, and what is wrong is not tried again.
        systemd.Must(0, "systemctl", "start", "wmgwd2");
        WaitUntilServing(bed, systemd);
        systemd.Must(0, "sh", "-c", "echo 'log-level = loud' >>/etc/wmgwd2/wmgwd2.conf");
        systemd.Must(0, "systemctl", "kill", "--signal", "KILL", "wmgwd2");
        Eventually.Get("the end", () => systemd.Show("ActiveState"), state => state == "failed");
        Assert.True(bed.Gateway.AllQuiet());
        systemd.WaitForJournal("3 interfaces held down (3 were not)", 3);
    }

    private static void WaitUntilServing(ServiceBed bed, BootedSystemd systemd)
    {
        Eventually.Get("everything served", () => bed.Gateway.Served().Count(), served => served == ServiceBed.Vnis);
        Eventually.Get(
            "the status that systemd shows", () => systemd.Show("StatusText"), text => text == "active; 0 live peers, owns 3 of 3 VNIs");
    }
}
