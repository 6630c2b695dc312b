using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Wmgwd2.Tests.Status;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>What scripts/package.sh makes of the binary.</summary>
[Collection(NamespaceCollection.Name)]
public sealed partial class PackageTests(PackageTests.Packages packages, ITestOutputHelper output)
    : IClassFixture<PackageTests.Packages>
{
    /// <summary>
    /// A system of its own to install into: what this one has, seen through an overlay that is thrown away; with no other
    /// processes, and nothing in /run. The arguments are its folder, the package, and what is to be done there.
    /// </summary>
    private const string WithinCopyOfTheSystem =
        """
        set -e
        mount -t tmpfs none "$1"
        mkdir "$1/upper" "$1/work" "$1/root"
        mount -t overlay none -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
        mount -t proc none "$1/root/proc"
        mount --rbind /dev "$1/root/dev"
        mount -t tmpfs none "$1/root/run"
        mkdir -p "$1/root/package"
        cp "$2" "$1/root/package/wmgwd2.deb"
        exec chroot "$1/root" /bin/sh -ec "$3"
        """;

    [ToolFact("dpkg-deb")]
    public void The_Debian_package_has_these_files_with_these_owners_and_modes() => Golden.AssertEqual(
        "package/deb.txt", List(Command.Must(["dpkg-deb", "--contents", packages.Debian])));

    [ToolFact("tar")]
    public void The_archive_has_these_files_with_these_owners_and_modes() => Golden.AssertEqual(
        "package/tar.txt", List(Command.Must(["tar", "--list", "--verbose", "--file", packages.Archive])));

    [ToolFact("dpkg-deb")]
    public void The_control_file_says_what_it_must()
    {
        Dictionary<string, string> fields = Command.Must(["dpkg-deb", "--field", packages.Debian]).Split('\n')
            .Where(line => line.Contains(": ", StringComparison.Ordinal) && !line.StartsWith(' '))
            .ToDictionary(line => line.Split(": ", 2)[0], line => line.Split(": ", 2)[1]);
        Assert.Equal("wmgwd2", fields["Package"]);
        Assert.Equal($"{Binary.Run("--version").Output.Trim()}-1", fields["Version"]);
        Assert.Contains("frr", fields["Recommends"]);
        Assert.DoesNotContain("Depends", fields.Keys);
        Assert.DoesNotContain(fields.Values, value => value.Contains('@') && value != fields["Maintainer"]);
        long installed = long.Parse(fields["Installed-Size"], System.Globalization.CultureInfo.InvariantCulture) * 1024;
        Assert.InRange(installed, new FileInfo(Binary.Path).Length, new FileInfo(Binary.Path).Length + (1 << 20));
    }

    [ToolFact("dpkg-deb", "md5sum")]
    public void What_is_unpacked_is_what_was_packed()
    {
        string root = Path.Combine(packages.Folder, "unpacked");
        Command.Must(["dpkg-deb", "--raw-extract", packages.Debian, root]);
        Assert.Equal(File.ReadAllBytes(Binary.Path), File.ReadAllBytes($"{root}/usr/sbin/wmgwd2"));
        Assert.Equal(Binary.Run("--version").Output, Command.Must([$"{root}/usr/sbin/wmgwd2", "--version"]));
        Assert.Equal(
            File.ReadAllText($"{Binary.RepositoryRoot}/wmgwd2.conf.example"), File.ReadAllText($"{root}/etc/wmgwd2/wmgwd2.conf"));
        Assert.Equal("", Command.Must(["env", "-C", root, "md5sum", "--quiet", "--check", "DEBIAN/md5sums"]));

        // Whatever names the binary names where it is.
        string[] texts = [.. Directory.GetFiles(root, "*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith("/wmgwd2", StringComparison.Ordinal) && !file.EndsWith(".gz", StringComparison.Ordinal)
                && !file.EndsWith("README.md", StringComparison.Ordinal))];
        Assert.DoesNotContain(texts, file => OtherPath().IsMatch(File.ReadAllText(file)));
    }

    [ToolFact("tar", "sha256sum")]
    public void The_archive_unpacks_and_the_checksums_hold()
    {
        string folder = Directory.CreateDirectory(Path.Combine(packages.Folder, "archive")).FullName;
        Command.Must(["tar", "--extract", "--file", packages.Archive, "--directory", folder]);
        string root = Assert.Single(Directory.GetDirectories(folder));
        Assert.Equal(Binary.Run("--version").Output, Command.Must([$"{root}/dist/wmgwd2", "--version"]));

        string target = Path.Combine(folder, "target");
        Command.Must([$"{root}/scripts/install.sh", "--destdir", target, "--prefix", "/usr", "--service", "systemd"]);
        Assert.Equal(File.ReadAllBytes(Binary.Path), File.ReadAllBytes($"{target}/usr/sbin/wmgwd2"));
        Assert.Superset(
            new HashSet<string>
            {
                "wmgwd2.8", "wmgwd2.conf.5", "wmgwd2", "_wmgwd2", "wmgwd2.conf", "wmgwd2.conf.example", "wmgwd2.service",
            },
            Directory.GetFiles(target, "*", SearchOption.AllDirectories).Select(file => Path.GetFileName(file)).ToHashSet());
        Assert.Equal(
            $"{Path.GetFileName(packages.Archive)}: OK\n{Path.GetFileName(packages.Debian)}: OK\n",
            Command.Must(["env", "-C", packages.Folder, "sha256sum", "--check", "SHA256SUMS"]));
    }

    [NamespaceFact("dpkg", "chroot", "mount")]
    public void It_is_installed_upgraded_removed_and_purged()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        string result = InCopyOfTheSystem(network,
            """
            dpkg --no-triggers --force-depends -i /package/wmgwd2.deb >/dev/null
            wmgwd2 --version
            test -e /etc/wmgwd2/wmgwd2.conf && ! pidof wmgwd2 && echo installed, nothing runs
            echo 'minvni = 2' >>/etc/wmgwd2/wmgwd2.conf
            setsid wmgwd2 run --config /etc/wmgwd2/wmgwd2.conf --interval 10ms --vnis 1-3 --log-level error &
            until wmgwd2 status | grep -q ': active'; do sleep 0.1; done
            until ip -br link show dev vrrp4-3 | grep -q LOWER_UP; do sleep 0.1; done
            first=$(pidof wmgwd2)
            dpkg --no-triggers --force-confold -i /package/wmgwd2.deb >/dev/null
            test "$first" = "$(pidof wmgwd2)" && echo upgraded, the daemon of nobody goes on
            ip link set vrrp4-1 protodown on
            dpkg --no-triggers -r wmgwd2 >/dev/null
            ! pidof wmgwd2 && echo removed, nothing runs
            ip -o link | grep -c 'vrrp4-.*protodown on'
            ls /etc/wmgwd2/wmgwd2.conf /var/lib/wmgwd2/uid
            ! test -e /run/wmgwd2.sock.started
            dpkg --no-triggers -P wmgwd2 >/dev/null
            find /etc /usr /var /run \( -name 'wmgwd2*' -o -name _wmgwd2 \) -newer /package | grep . || echo nothing is left
            """);
        Assert.Equal(
            $"""
            {Binary.Run("--version").Output.Trim()}
            installed, nothing runs
            upgraded, the daemon of nobody goes on
            removed, nothing runs
            3
            /etc/wmgwd2/wmgwd2.conf
            /var/lib/wmgwd2/uid
            nothing is left

            """, result);
    }

    [NamespaceFact("dpkg", "chroot", "mount", "update-rc.d")]
    public void By_its_init_script_it_is_started_restarted_by_an_upgrade_and_ended_by_removing_it()
    {
        using var network = new TestNetwork(output, 1, TestNetwork.Range(1, 3));
        string result = InCopyOfTheSystem(network,
            """
            rm -f /usr/sbin/policy-rc.d
            rm -f /sbin/runlevel
            printf '#!/bin/sh\necho N 2\n' >/sbin/runlevel
            chmod 755 /sbin/runlevel
            dpkg --no-triggers -i /package/wmgwd2.deb >/dev/null
            ls /etc/rc2.d | grep wmgwd2 | cut -c 1
            printf 'vnis = 1-3\ninterval = 10ms\nlog-level = error\n' >>/etc/wmgwd2/wmgwd2.conf
            update-rc.d wmgwd2 enable
            ls /etc/rc2.d | grep wmgwd2 | cut -c 1
            service wmgwd2 start
            first=$(pidof wmgwd2)
            dpkg --no-triggers --force-confold -i /package/wmgwd2.deb >/dev/null
            second=$(pidof wmgwd2)
            test "$first" != "$second" && echo upgraded, and restarted
            dpkg --no-triggers -r wmgwd2 >/dev/null
            ! pgrep wmgwd2 && echo removed, nothing runs
            ip -o link | grep -c 'vrrp4-.*protodown on'
            """);
        Assert.Equal("K\nS\nwmgwd2 is started\nupgraded, and restarted\nremoved, nothing runs\n3\n", result);
    }

    [SystemdFact]
    public void By_systemd_it_is_started_restarted_by_an_upgrade_and_ended_by_removing_it()
    {
        using var bed = new ServiceBed(output);
        using var systemd = new BootedSystemd(
            bed.Gateway.Name, bed.Folder, root => File.Copy(packages.Debian, Path.Combine(root, "wmgwd2.deb")));
        systemd.Must(0, "rm", "-f", "/usr/sbin/policy-rc.d");
        string[] install = ["dpkg", "--no-triggers", "--force-confold", "-i", "/wmgwd2.deb"];
        systemd.Must(0, install);
        Assert.Equal("inactive disabled", $"{systemd.Show("ActiveState")} {systemd.Show("UnitFileState")}");

        systemd.Must(0, "sh", "-c", $"printf 'vnis = 1-{ServiceBed.Vnis}\ninterval = 10ms\n' >>/etc/wmgwd2/wmgwd2.conf");
        systemd.Must(0, "systemctl", "--quiet", "enable", "--now", "wmgwd2");
        string first = systemd.Show("MainPID");
        WaitUntilServing(bed);

        systemd.Must(0, install);
        Assert.Equal("active", systemd.Show("ActiveState"));
        Assert.NotEqual(first, systemd.Show("MainPID"));
        WaitUntilServing(bed);

        systemd.Must(0, "dpkg", "--no-triggers", "-r", "wmgwd2");
        Assert.True(bed.Gateway.AllQuiet());
        Assert.Equal("inactive", systemd.Show("ActiveState"));

        const string Link = "/etc/systemd/system/multi-user.target.wants/wmgwd2.service";
        systemd.Must(0, "test", "-L", Link);
        systemd.Must(0, "dpkg", "--no-triggers", "-P", "wmgwd2");
        systemd.Must(1, "test", "-L", Link);
        systemd.Must(1, "test", "-e", "/var/lib/wmgwd2");
        Assert.Equal("not-found", systemd.Show("LoadState"));
    }

    [NamespaceFact("dpkg", "chroot", "mount")]
    public void Removing_it_where_nothing_runs_touches_no_interface()
    {
        using var network = new TestNetwork(output, 1, 1);
        network[1].Ip("link set vrrp4-1 protodown off");
        Assert.Equal("removed\n", InCopyOfTheSystem(network,
            """
            dpkg --no-triggers --force-depends -i /package/wmgwd2.deb >/dev/null
            dpkg --no-triggers -P wmgwd2 >/dev/null
            echo removed
            """));
        Assert.Equal([1u], network[1].Served());
    }

    [Theory]
    [InlineData("--rid 'mips': want linux-x64 or linux-arm64", "--rid", "mips")]
    [InlineData("--binary '/nonexistent': no such program", "--binary", "/nonexistent")]
    [InlineData("--output needs a value", "--output")]
    [InlineData("unknown argument 'all'", "all")]
    public void A_wrong_argument_is_named(string expected, params string[] arguments)
    {
        CommandResult result = Command.Run([Packages.Script, .. arguments]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Errors);
    }

    [Fact]
    public void A_binary_of_another_architecture_is_refused()
    {
        string other = RuntimeInformation.OSArchitecture == Architecture.X64 ? "linux-arm64" : "linux-x64";
        CommandResult result = Command.Run([Packages.Script, "--rid", other, "--binary", Binary.Path, "--output", "/nonexistent/a"]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"'{Binary.Path}' is not for {other}", result.Errors);
    }

    private static void WaitUntilServing(ServiceBed bed) => Eventually.Get(
        "everything served", () => bed.Gateway.Served().Count(), served => served == ServiceBed.Vnis);

    private string InCopyOfTheSystem(TestNetwork network, string script)
    {
        string folder = Directory.CreateDirectory(Path.Combine(network.Folder, "system")).FullName;
        return Command.Must(
        [
            .. NetworkNamespace.Within(network[1].Name), "unshare", "--mount", "--pid", "--fork", "--kill-child",
            "sh", "-c", WithinCopyOfTheSystem, "sh", folder, packages.Debian, script,
        ]);
    }

    /// <summary>Modes, owners and names, without sizes and times.</summary>
    private static string List(string listing) => string.Concat(listing
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => Entry().Replace(line, "$1 $2\n")));

    // Mode, owner, size, date, time, name; the version is no part of what is compared.
    [GeneratedRegex(@"^(\S+ \S+) +\d+ \S+ \S+ (?:\./|wmgwd2-[0-9.]+[^/]*/)?(.*)$")]
    private static partial Regex Entry();

    [GeneratedRegex("(?<![A-Za-z0-9])/(?!usr/sbin/)[a-z/]*bin/wmgwd2\\b")]
    private static partial Regex OtherPath();

    /// <summary>Both packages, made once of the binary under test.</summary>
    public sealed class Packages : IDisposable
    {
        private readonly Lazy<string> _folder = new(Make);

        public static string Script { get; } = Path.Combine(Binary.RepositoryRoot, "scripts", "package.sh");

        public string Folder => _folder.Value;

        public string Debian => Assert.Single(Directory.GetFiles(Folder, "*.deb"));

        public string Archive => Assert.Single(Directory.GetFiles(Folder, "*.tar.gz"));

        public void Dispose()
        {
            if (_folder.IsValueCreated)
            {
                Directory.Delete(Folder, recursive: true);
            }
        }

        private static string Make()
        {
            string folder = Directory.CreateTempSubdirectory("wmgwd2-tests-").FullName;
            Command.Must([Script, "--binary", Binary.Path, "--output", folder]);
            return folder;
        }
    }
}
