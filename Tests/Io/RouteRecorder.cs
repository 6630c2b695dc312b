using System.Collections.Generic;
using System.Linq;
using System.Text;
using Wmgwd2.Core;
using Wmgwd2.Io;
using Wmgwd2.Wire;

namespace Wmgwd2.Tests.Io;

/// <summary>Keeps what the kernel shows.</summary>
internal sealed class RouteRecorder : IRouteObserver
{
    public Dictionary<string, LinkState> Links { get; } = [];

    public List<(int Ifindex, string Address)> Addresses { get; } = [];

    /// <summary>Ports of bridges: the other end of each, and whether the bridge learns from it.</summary>
    public Dictionary<string, (int OtherEnd, bool Learning)> Ports { get; } = [];

    public int Unreadable { get; private set; }

    /// <summary>What the kernel shows now.</summary>
    public static RouteRecorder Dump()
    {
        using var client = new RouteClient();
        var recorder = new RouteRecorder();
        client.Dump(recorder);
        client.DumpPorts(recorder);
        return recorder;
    }

    /// <summary>Whether a link has a condition.</summary>
    public bool Is(string name, LinkConditions condition) => Links[name].Conditions.HasFlag(condition);

    public void ObserveLink(in LinkMessage link) => Links[Encoding.ASCII.GetString(link.Name)] = link.State;

    public void ObserveLinkGone(int ifindex) => Links.Remove(Links.Single(link => link.Value.Ifindex == ifindex).Key);

    public void ObservePort(in LinkMessage port) =>
        Ports[Encoding.ASCII.GetString(port.Name)] = (port.State.LowerIfindex, port.Learning);

    public void ObserveAddress(in AddressMessage address, bool present) =>
        Addresses.Add((address.Ifindex, address.Address.ToString()));

    public void ObserveUnreadable(WireError error) => Unreadable++;
}
