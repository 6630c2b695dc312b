using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Wmgwd2.Config;

/// <content>For who needs one setting, and isn't to be kept from it by what is wrong with the others.</content>
public static partial class SettingsReader
{
    /// <summary>Reads where the control socket is, whatever else is wrong in the file: the daemon may run well all the same.</summary>
    /// <param name="file">The config file, or null for none.</param>
    /// <param name="flag">The flag, which wins over the file, or null.</param>
    /// <param name="errors">One line for each thing that is wrong; empty when nothing is.</param>
    /// <returns>The control socket's path, or null when anything about it is wrong.</returns>
    public static string? ReadControlSocket(ConfigFile? file, Assignment? flag, out IReadOnlyList<string> errors)
    {
        Assignment[] inFile = [];
        try
        {
            inFile = file == null
                ? []
                : [.. LinesOf(file.ReadText(), file.Path, settings: true).Where(line => line.Key == "control-socket")];
        }
        catch (IOException error)
        {
            errors = [$"{file!.Path}: can't be read: {error.Message}"];
            return null;
        }

        Settings? settings = Read(null, inFile, out errors);
        if (flag != null && settings != null)
        {
            settings = Read(null, [flag.Value], out errors);
        }

        return settings?.ControlSocket;
    }
}
