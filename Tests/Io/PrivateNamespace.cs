using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>
/// A network namespace that one thread is in. It has no name and is gone with the thread and its sockets, so nothing of
/// the machine's own is touched, and nothing is left over.
/// </summary>
internal static partial class PrivateNamespace
{
    private const int CLONE_NEWNET = 0x40000000; // linux/sched.h

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Runs a test on a thread in a new namespace, in which lo is up and IPv6 off.</summary>
    public static void Run(Action test)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Assert.Equal(0, unshare(CLONE_NEWNET));
                DisableIpv6();
                Ip("link set lo up");
                test();
            }
            catch (Exception error)
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
        Assert.True(thread.Join(Limit), $"The test waits for something that doesn't come within {Limit}.");
        failure?.Throw();
    }

    /// <summary>Has ip(8) carry out commands.</summary>
    public static void Ip(params IEnumerable<string> commands)
    {
        using Process process = Process.Start(new ProcessStartInfo("ip", ["-batch", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Write(string.Concat(commands.Select(command => command + "\n")));
        process.StandardInput.Close();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
    }

    /// <summary>
    /// Makes what a gateway has for each VNI: a veth pair lower/far, and on the lower end the macvlan vrrp4, held down
    /// before it is set up. Its addresses are 192.168.VNI.1 and up.
    /// </summary>
    public static void MakeGatewayInterfaces(int vnis, int addresses = 1)
    {
        Ip(Enumerable.Range(1, vnis).SelectMany(vni => (string[])
        [
            $"link add lower{vni} type veth peer name far{vni}", $"link set lower{vni} up", $"link set far{vni} up",
        ]));

        // A lower device that comes up later would bring the carrier of the macvlan with it, whatever protodown says.
        WaitUntilOperational(Enumerable.Range(1, vnis).Select(vni => $"lower{vni}"));
        Ip(Enumerable.Range(1, vnis).SelectMany(vni => (string[])
        [
            $"link add vrrp4-{vni} link lower{vni} address 00:00:5e:00:01:{vni:x2} type macvlan mode bridge",
            $"link set vrrp4-{vni} protodown on",
            .. Enumerable.Range(1, addresses).Select(host => $"address add 192.168.{vni}.{host}/24 dev vrrp4-{vni}"),
            $"link set vrrp4-{vni} up",
        ]));
    }

    /// <summary>Waits until the kernel shows links operational; frames that are sent before are lost without an error.</summary>
    public static void WaitUntilOperational(params IEnumerable<string> names) => SpinWait.SpinUntil(
        () => RouteRecorder.Dump() is { } shown && names.All(name => shown.Links[name].Operational));

    // Without IPv6 the kernel has less to do, and nothing but the test changes links.
    private static void DisableIpv6()
    {
        const string Default = "/proc/sys/net/ipv6/conf/default/disable_ipv6";
        if (File.Exists(Default))
        {
            File.WriteAllText(Default, "1");
        }
    }

    [LibraryImport("libc")]
    private static partial int unshare(int flags);
}
