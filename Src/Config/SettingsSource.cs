using System;
using System.Collections.Generic;

namespace Wmgwd2.Config;

/// <summary>Where a daemon's settings come from, so that they can be read once more.</summary>
/// <param name="file">The config file, or null for none.</param>
/// <param name="flags">The flags that were given; they win over the file.</param>
public sealed class SettingsSource(ConfigFile? file, IReadOnlyList<Assignment> flags)
{
    /// <summary>The config file's path, or null for none.</summary>
    public string? File => file?.Path;

    /// <summary>Whether the file says which interfaces there are, so that they may have been others before.</summary>
    public bool FileNamesInterfaces => file != null && Find("vnis", "minvni", "maxvni", "interface-pattern") == null;

    /// <summary>Whether the file, if only by what it leaves out, or a flag says which VNIs there are.</summary>
    public bool NamesVnis => file != null || Find("vnis", "minvni", "maxvni") != null;

    /// <summary>Reads them, as they are now.</summary>
    /// <param name="errors">One line for each thing that is wrong; empty when nothing is.</param>
    /// <returns>The settings, or null when anything is wrong.</returns>
    public Settings? Read(out IReadOnlyList<string> errors) => SettingsReader.Read(file, flags, out errors);

    /// <summary>Reads where the control socket is, whatever else is wrong.</summary>
    /// <param name="errors">One line for each thing that is wrong about it; empty when nothing is.</param>
    /// <returns>Its path, or null when anything about it is wrong.</returns>
    public string? ReadControlSocket(out IReadOnlyList<string> errors) =>
        SettingsReader.ReadControlSocket(file, Find("control-socket"), out errors);

    /// <summary>The latest flag of some; null where none of them is given.</summary>
    private Assignment? Find(params ReadOnlySpan<string> keys)
    {
        Assignment? found = null;
        foreach (Assignment flag in flags)
        {
            found = keys.Contains(flag.Key) ? flag : found;
        }

        return found;
    }
}
