using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Wmgwd2.Tests.Wire;

/// <summary>
/// Messages as a kernel or <c>ip</c> sent them: one file each, in hex, with a first line that says what it is and how
/// it was made. They are little-endian, as netlink is on x64 and arm64.
/// </summary>
internal static class Golden
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Golden");

    public static string[] Names()
    {
        string[] files = Directory.GetFiles(Folder, "*.hex");
        Array.Sort(files, StringComparer.Ordinal);
        return Array.ConvertAll(files, file => Path.GetFileNameWithoutExtension(file));
    }

    public static byte[] Read(string name)
    {
        IEnumerable<string> lines = File.ReadLines(Path.Combine(Folder, name + ".hex"));
        string hex = string.Concat(lines.Where(line => line[0] != '#'));
        return Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
    }
}
