using System.Collections.Generic;
using System.Text;
using Wmgwd2.Check;
using Wmgwd2.Core;
using Wmgwd2.Wire;

namespace Wmgwd2.Io;

/// <summary>All links and IPv4 addresses of this network namespace, with what a check wants to know of them.</summary>
internal sealed class LinkSurvey : IRouteObserver
{
    // A dump that was interrupted is made again: what is said twice does no harm, and what is said last counts.
    private Growing<LinkFacts> _links;
    private Growing<AddressFacts> _addresses;

    private LinkSurvey()
    {
    }

    /// <summary>The links.</summary>
    public LinkFacts[] Links => _links.ToArray();

    /// <summary>The addresses.</summary>
    public AddressFacts[] Addresses => _addresses.ToArray();

    /// <summary>The ends of veth pairs that a bridge doesn't learn from. VXLAN devices are often set so, and rightly.</summary>
    public HashSet<int> FindNotLearnedFrom()
    {
        var found = new HashSet<int>();
        foreach (LinkFacts link in Links)
        {
            if (link.Details is { Kind: LinkKind.Veth, NotLearnedFrom: true })
            {
                found.Add(link.State.Ifindex);
            }
        }

        return found;
    }

    /// <summary>Asks the kernel.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public static LinkSurvey Make()
    {
        var survey = new LinkSurvey();
        using var client = new RouteClient();
        client.Dump(survey);
        return survey;
    }

    void IRouteObserver.ObserveLink(in LinkMessage link)
    {
        if (LinkInformation.TryRead(link.Payload, out LinkDetails details) == WireError.None)
        {
            _links.Add(new LinkFacts(Encoding.UTF8.GetString(link.Name), link.State, details));
        }
    }

    void IRouteObserver.ObserveAddress(in AddressMessage address, bool present) =>
        _addresses.Add(new AddressFacts(address.Ifindex, address.Address, address.PrefixLength, address.Broadcast));
}
