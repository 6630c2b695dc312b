using System;
using System.IO;
using Wmgwd2.Io;
using Xunit;

namespace Wmgwd2.Tests.Io;

public sealed class UnixUserTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wmgwd2-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_user_has_an_own_group_and_others()
    {
        UnixUser user = Find("gateway");
        Assert.Equal((101u, 102u), (user.Uid, user.Gid));
        Assert.Equal([7u, 9u], user.Groups);
    }

    [Theory]
    [InlineData("nobody", "is not in")]
    [InlineData("gate", "is not in")]
    [InlineData("root", "another user than root")]
    [InlineData("broken", "expected numbers")]
    public void Anybody_else_is_refused(string name, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Find(name)).Message);

    private UnixUser Find(string name)
    {
        string passwd = Path.Combine(_folder, "passwd");
        string group = Path.Combine(_folder, "group");
        File.WriteAllText(passwd, "root:x:0:0:root:/root:/bin/sh\n\nbroken:x:-1:5::/:/bin/sh\ngateway:x:101:102:a:/:/bin/false\n");
        File.WriteAllText(group, "root:x:0:\nhealth:x:7:frr,gateway\nother:x:8:gateways\nfrr:x:9:gateway\n");
        return UnixUser.Find(name, passwd, group);
    }
}
