using System.Collections.Generic;
using System.Linq;

namespace Wmgwd2.Config;

/// <summary>Where a daemon's settings come from, so that they can be read once more.</summary>
/// <param name="file">The config file, or null for none.</param>
/// <param name="flags">The flags that were given; they win over the file.</param>
public sealed class SettingsSource(ConfigFile? file, IReadOnlyList<Assignment> flags)
{
    /// <summary>The config file's path, or null for none.</summary>
    public string? File => file?.Path;

    /// <summary>Whether the file says which interfaces there are, so that they may have been others before.</summary>
    public bool FileNamesInterfaces => file != null
        && !flags.Any(flag => flag.Key is "vnis" or "minvni" or "maxvni" or "interface-pattern");

    /// <summary>Whether the file, if only by what it leaves out, or a flag says which VNIs there are.</summary>
    public bool NamesVnis => file != null || flags.Any(flag => flag.Key is "vnis" or "minvni" or "maxvni");

    /// <summary>Reads them, as they are now.</summary>
    /// <param name="errors">One line for each thing that is wrong; empty when nothing is.</param>
    /// <returns>The settings, or null when anything is wrong.</returns>
    public Settings? Read(out IReadOnlyList<string> errors) => SettingsReader.Read(file, flags, out errors);
}
