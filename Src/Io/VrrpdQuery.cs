using System;
using System.Globalization;
using System.IO;
using System.Net.Sockets;
using System.Text;
using Wmgwd2.Check;

namespace Wmgwd2.Io;

/// <summary>
/// Asks FRR's vrrpd for its virtual routers, by the socket that vtysh asks it by: a command closed by a zero; the answer is
/// text, three zeros and a status (FRR, lib/vty.c: vtysh_read). Another FRR on this machine may be another network namespace's,
/// which vtysh would not say. Waits for nobody longer than a moment.
/// </summary>
internal static class VrrpdQuery
{
    private const int TrailerLength = 4;
    private const int AnswerLimit = 16 << 20;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>Asks all vrrpds of this network namespace.</summary>
    public static VirtualRouterFacts[] Ask()
    {
        // FRR's folder, and one in it for each FRR that was started with a path space (-N) of its own.
        const string Folder = "/var/run/frr";
        var found = new Growing<VirtualRouterFacts>();
        Ask(Folder, "", ref found);
        foreach (string name in Processes.List(Folder))
        {
            if (name is not ("." or ".."))
            {
                Ask($"{Folder}/{name}", name, ref found);
            }
        }

        return found.ToArray();
    }

    /// <summary>Reads what <c>show vrrp json</c> prints: an array of objects, of which three members are looked for.</summary>
    internal static void Read(string text, string pathSpace, ref Growing<VirtualRouterFacts> found)
    {
        const string RouterId = "\"vrid\":";
        const string Interface = "\"interface\":";
        for (int at = text.IndexOf(RouterId, StringComparison.Ordinal); at >= 0;)
        {
            int next = text.IndexOf(RouterId, at + 1, StringComparison.Ordinal);
            string router = next < 0 ? text[at..] : text[at..next];
            int end = router.AsSpan().IndexOfAny(',', '}', '\n');
            bool valid = int.TryParse(
                router.AsSpan(RouterId.Length, Math.Max(end, RouterId.Length) - RouterId.Length).Trim(), NumberStyles.None,
                CultureInfo.InvariantCulture, out int number);
            int first = router.IndexOf(Interface, StringComparison.Ordinal);
            int family = router.IndexOf("\"v4\":", StringComparison.Ordinal);
            int second = family < 0 ? -1 : router.IndexOf(Interface, family, StringComparison.Ordinal);
            if (valid && first >= 0)
            {
                found.Add(new VirtualRouterFacts(
                    Quoted(router, first + Interface.Length), number,
                    second < 0 ? "" : Quoted(router, second + Interface.Length), pathSpace));
            }

            at = next;
        }
    }

    private static string Quoted(string text, int from)
    {
        int start = text.IndexOf('"', from) + 1;
        int end = start == 0 ? -1 : text.IndexOf('"', start);
        return end < 0 ? "" : text[start..end];
    }

    private static void Ask(string folder, string pathSpace, ref Growing<VirtualRouterFacts> found)
    {
        string path = $"{folder}/vrrpd.vty";
        if (!File.Exists(path))
        {
            return;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.SendTimeout = (int)Limit.TotalMilliseconds;
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            if (Processes.IsInThisNetwork(Processes.FindPeer(socket)) == true)
            {
                socket.Send("show vrrp json\0"u8);
                Read(Receive(socket), pathSpace, ref found);
            }
        }
        catch (SocketException)
        {
            // It has ended, or doesn't answer. What it did to interfaces is seen there.
        }
    }

    /// <summary>Reads until the answer has come, its sender has gone, or the time is over.</summary>
    private static string Receive(Socket socket)
    {
        var answer = new byte[4096];
        int length = 0;
        long end = Environment.TickCount64 + (long)Limit.TotalMilliseconds;
        while (length < AnswerLimit && Environment.TickCount64 < end)
        {
            if (length == answer.Length)
            {
                Array.Resize(ref answer, 2 * length);
            }

            socket.ReceiveTimeout = (int)Math.Max(end - Environment.TickCount64, 1);
            int received = socket.Receive(answer.AsSpan(length));
            length += received;
            if (received == 0 || IsWhole(answer.AsSpan(0, length)))
            {
                break;
            }
        }

        return Encoding.UTF8.GetString(answer, 0, length);
    }

    private static bool IsWhole(ReadOnlySpan<byte> answer) =>
        answer.Length >= TrailerLength && !answer[^TrailerLength..^1].ContainsAnyExcept((byte)0);
}
