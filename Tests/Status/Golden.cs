using System;
using System.IO;
using Wmgwd2.Tests.Namespaces;
using Xunit;

namespace Wmgwd2.Tests.Status;

/// <summary>Texts that are compared as a whole, kept as files under Tests/Golden.</summary>
internal static class Golden
{
    /// <summary>Set to 1, it has the files rewritten; the tests fail then, so that nobody leaves it set.</summary>
    private const string UpdateVariable = "WMGWD2_UPDATE_GOLDEN";

    public static string Read(string name) => File.ReadAllText(Path.Combine(Binary.RepositoryRoot, "Tests", "Golden", name));

    public static void AssertEqual(string name, string actual)
    {
        string path = Path.Combine(Binary.RepositoryRoot, "Tests", "Golden", name);
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            File.WriteAllText(path, actual);
            Assert.Fail($"{path} was rewritten; look at the difference, unset {UpdateVariable} and run again.");
        }

        Assert.True(File.Exists(path), $"{path} isn't there; {UpdateVariable}=1 writes it.");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
