using System;
using System.Globalization;
using System.IO;
using System.Net.Sockets;
using Wmgwd2.Config;
using Wmgwd2.Core;

namespace Wmgwd2.Io;

/// <summary>
/// Says to every other daemon of this network namespace whose interfaces are this one's: two that hold and let up the same would
/// undo each other's work for ever. It is the name of a socket of the abstract namespace (unix(7)), which belongs to the network
/// namespace, is listed in /proc/net/unix, and is gone with the process, however that ends. Nobody connects to it.
/// </summary>
/// <remarks>
/// <c>wmgwd2/RANDOM/PATTERN/VNIS</c>: nobody can take a name beforehand, and what another user's processes say isn't believed. A list
/// that is too long for a name is there from its lowest to its highest VNI. Where there is no /proc, nobody is seen.
/// </remarks>
internal sealed class InterfaceClaim : IDisposable
{
    private const string Prefix = "wmgwd2/";

    /// <summary>sun_path less the zero that an abstract name begins with (linux/un.h).</summary>
    private const int NameLimit = 107;

    private readonly string _pattern;
    private string _name = "";
    private Socket _socket;

    /// <summary>Claims interfaces.</summary>
    /// <exception cref="IOException">Another process has some of them; the message says which.</exception>
    public InterfaceClaim(Settings settings)
    {
        _pattern = settings.InterfacePattern.ToString();

        // Claimed first and looked for afterwards: of two that start in the same moment at least one sees the other.
        _socket = Bind(settings.Vnis);
        if (FindOther(settings.Vnis) is { } other)
        {
            _socket.Dispose();
            throw new IOException(other);
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Claims other VNIs.</summary>
    public void Change(VniSet vnis)
    {
        using Socket before = _socket;
        _socket = Bind(vnis);
    }

    /// <summary>Words which other process has interfaces of some of these VNIs; null when none has.</summary>
    public string? FindOther(VniSet vnis)
    {
        foreach (string line in (Processes.ReadText("/proc/net/unix") ?? "").Split('\n'))
        {
            // "0000000000000000: 00000002 00000000 00000000 0002 01 95263 @wmgwd2/1c0ffee5c0ffee00/vrrp4-%d/1-100"
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, _, _, _, _, var inode, ['@', .. var name]]
                && name != _name && name.StartsWith(Prefix, StringComparison.Ordinal)
                && name.Split('/') is [_, _, var pattern, var list] && pattern == _pattern
                && ValueParser.TryParseVnis(list, out VniSet? others) && vnis.Except(vnis.Except(others)) is { Count: > 0 } both
                && Processes.FindOwner(inode) is { Process: > 0 } owner && Processes.MayBeTrusted(owner.Process))
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"process {owner.Process} ({owner.Name}) has the interfaces of VNIs {both}; expected VNIs of its own for each daemon");
            }
        }

        return null;
    }

    private Socket Bind(VniSet vnis)
    {
        string claimed = $"{Prefix}{Random.Shared.NextInt64():x}/{_pattern}/";
        string list = vnis.ToString();
        _name = claimed + (claimed.Length + list.Length <= NameLimit
            ? list
            : new VniRange(vnis.Ranges[0].First, vnis.Ranges[^1].Last).ToString());
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint($"\0{_name}"));
        return socket;
    }
}
