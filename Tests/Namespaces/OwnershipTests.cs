using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace Wmgwd2.Tests.Namespaces;

[Collection(NamespaceCollection.Name)]
public sealed class OwnershipTests(ITestOutputHelper output)
{
    [NamespaceFact]
    public void Three_daemons_own_what_the_vectors_say()
    {
        Dictionary<uint, ulong> owners = ReadVectors("1,2,3");
        uint[] vnis = [.. owners.Keys.Order()];
        using var network = new TestNetwork(output, 3, vnis);
        Daemon[] daemons = [network[1].Start(1), network[2].Start(2), network[3].Start(3)];

        for (int number = 1; number <= 3; number++)
        {
            uint[] expected = [.. vnis.Where(vni => owners[vni] == (ulong)number)];
            ulong[] peers = [.. new ulong[] { 1, 2, 3 }.Where(uid => uid != (ulong)number)];
            DaemonStatus status = daemons[number - 1].WaitUntilServing(peers);
            Assert.Equal((ulong)number, status.Uid);
            Assert.Equal(network[number].Address, status.Address);
            Assert.Equal(expected, status.Owned);
            Assert.All(status.Vnis, vni => Assert.Equal(owners[vni.Vni], vni.Owner));
            Assert.All(status.Vnis, vni => Assert.Null(vni.Problem));
            Assert.All(status.Peers, peer => Assert.Equal($"10.0.1.{10 + peer.Uid}", peer.Address));
            Assert.All(status.Peers, peer => Assert.Equal(
                owners.Values.Count(owner => owner == peer.Uid), peer.OwnedVnis));

            IReadOnlyDictionary<uint, KernelLink> links = network[number].Macvlans();
            Assert.Equal(vnis, links.Keys.Order());
            Assert.All(links, link => Assert.True(
                expected.Contains(link.Key) ? link.Value.Serves : link.Value.Quiet, link.Value.ToString()));
            Assert.All(status.Vnis, vni => Assert.Equal(links[vni.Vni].Ifindex, vni.Ifindex));
        }
    }

    [NamespaceFact]
    public void Status_as_text_names_gateway_peers_and_shares()
    {
        using var network = new TestNetwork(output, 2, TestNetwork.Range(1, 4));
        Daemon first = network[1].Start(1);
        Daemon second = network[2].Start(2);
        first.WaitUntilServing(2);
        second.WaitUntilServing(1);

        CommandResult status = Binary.Run("status", "--control-socket", network[1].ControlSocket);

        Assert.Equal(0, status.ExitCode);
        Assert.Equal("", status.Errors);
        Assert.Contains("gateway 1 (10.0.1.11): active for", status.Output);
        Assert.Matches(@"2 +10\.0\.1\.12 +alive", status.Output);
        Assert.Matches($@"1 \(this gateway\) +{string.Join(',', network.Share(1, 2))}\b", Expand(status.Output));
        Assert.DoesNotContain("wrong:", status.Output);
    }

    // Ranges of two are as good as the two.
    private static string Expand(string text) => System.Text.RegularExpressions.Regex.Replace(
        text, @"\b(\d)-(\d)\b", match => string.Join(',', TestNetwork.Range(
            uint.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture),
            uint.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))));

    private static Dictionary<uint, ulong> ReadVectors(string uids) => File
        .ReadLines(Path.Combine(AppContext.BaseDirectory, "Vectors", "rendezvous.tsv"))
        .Select(line => line.Split('\t'))
        .Where(fields => fields[0] == uids)
        .ToDictionary(
            fields => uint.Parse(fields[1], CultureInfo.InvariantCulture),
            fields => ulong.Parse(fields[3], CultureInfo.InvariantCulture));
}
