using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Wmgwd2.Config;
using Wmgwd2.Tests.Namespaces;
using Xunit;

namespace Wmgwd2.Tests.Configuration;

/// <summary>wmgwd2.conf.example: every key as a comment, <c>#key = value</c>, with its default where it has one.</summary>
public sealed partial class ExampleFileTests
{
    private static readonly string Example = Path.Combine(Binary.RepositoryRoot, "wmgwd2.conf.example");

    private static readonly (string Key, string Value)[] Documented =
    [
        .. File.ReadLines(Example)
            .Select(line => CommentedSetting().Match(line))
            .Where(match => match.Success)
            .Select(match => (match.Groups[1].Value, match.Groups[2].Value)),
    ];

    [Fact]
    public void It_has_every_key_once() =>
        Assert.Equal(SettingKey.All.Select(key => key.Name).Order(), Documented.Select(setting => setting.Key).Order());

    [Fact]
    public void It_has_every_default() => Assert.Equal(
        SettingKey.All.Where(key => key.DefaultText.Length > 0).ToDictionary(key => key.Name, key => key.DefaultText),
        Documented.Where(setting => SettingKey.Find(setting.Key)!.DefaultText.Length > 0)
            .ToDictionary(setting => setting.Key, setting => setting.Value));

    [Fact]
    public void Every_value_in_it_is_valid() => Assert.Equal(
        [], Documented.Where(setting => !SettingKey.Find(setting.Key)!.TryRead(new SettingsDraft(), setting.Value)));

    [Fact]
    public void With_and_without_its_defaults_it_means_the_defaults()
    {
        IEnumerable<string> defaults = SettingKeyTests.ShowAll(SettingsReader.Read(null, [], out _)!);
        Assert.Equal(defaults, Read(File.ReadAllText(Example)));

        // Those that have no default, and example values in its place, stay comments.
        Assert.Equal(defaults, Read(CommentedSetting().Replace(
            File.ReadAllText(Example),
            match => SettingKey.Find(match.Groups[1].Value)!.DefaultText.Length > 0 ? match.Value[1..] : match.Value)));
    }

    private static IEnumerable<string> Read(string text)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            Settings? settings = SettingsReader.Read(new ConfigFile(file, () => File.ReadAllText(file)), [], out IReadOnlyList<string> errors);
            Assert.Equal([], errors);
            return SettingKeyTests.ShowAll(settings!);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex("^#([a-z-]+) = ?(.*)$", RegexOptions.Multiline)]
    private static partial Regex CommentedSetting();
}
