using System.Collections.Generic;
using System.Linq;
using Wmgwd2.Config;
using Xunit;

namespace Wmgwd2.Tests.Io;

/// <summary>Settings from flags, as the command line gives them.</summary>
internal static class TestSettings
{
    public static Settings Read(params string[] flags)
    {
        Assignment[] assignments = [.. flags.Select(flag => flag.Split('=', 2))
            .Select(parts => new Assignment(parts[0], parts[1], $"--{parts[0]}"))];
        Settings? settings = SettingsReader.Read(null, assignments, out IReadOnlyList<string> errors);
        Assert.Equal([], errors);
        return settings!;
    }
}
