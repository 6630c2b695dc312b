using System.Text;
using Wmgwd2.Core;
using Xunit;

namespace Wmgwd2.Tests.Core;

public sealed class TrackedInterfacesTests
{
    private readonly TrackedInterfaces _tracked = new(["eth0", "uplink0"]);

    [Fact]
    public void What_was_never_seen_is_missing()
    {
        Assert.True(_tracked.Changed);
        Assert.Equal("eth0 is missing, uplink0 is missing", _tracked.Describe());
    }

    [Fact]
    public void All_with_a_carrier_are_well()
    {
        Observe("eth0", 2, carrier: true);
        Observe("uplink0", 3, carrier: true);
        Assert.Null(_tracked.Describe());
    }

    [Fact]
    public void A_lost_carrier_is_told_once()
    {
        All_with_a_carrier_are_well();
        _tracked.Changed = false;
        Observe("eth0", 2, carrier: true);
        Observe("eth00", 4, carrier: false);
        Assert.False(_tracked.Changed);

        Observe("eth0", 2, carrier: false);
        Assert.True(_tracked.Changed);
        Assert.Equal("eth0 has no carrier", _tracked.Describe());
        _tracked.Changed = false;
        Observe("eth0", 2, carrier: false);
        Assert.False(_tracked.Changed);
    }

    [Fact]
    public void What_is_deleted_or_renamed_is_missing_until_there_is_one_of_that_name()
    {
        All_with_a_carrier_are_well();
        _tracked.ObserveLinkGone(2);
        Observe("other", 3, carrier: true);
        Assert.Equal("eth0 is missing, uplink0 is missing", _tracked.Describe());

        Observe("eth0", 9, carrier: true);
        _tracked.ObserveLinkGone(2);
        Assert.Equal("uplink0 is missing", _tracked.Describe());
    }

    [Fact]
    public void What_a_dump_does_not_show_is_missing()
    {
        All_with_a_carrier_are_well();
        _tracked.BeginDump();
        Observe("uplink0", 3, carrier: true);
        _tracked.EndDump();
        Assert.Equal("eth0 is missing", _tracked.Describe());
    }

    private void Observe(string name, int ifindex, bool carrier) => _tracked.ObserveLink(
        Encoding.ASCII.GetBytes(name),
        new LinkState(ifindex, 0, LinkConditions.AdministrativelyUp
            | (carrier ? LinkConditions.LowerUp | LinkConditions.OperationallyUp : LinkConditions.None), 0, 0));
}
