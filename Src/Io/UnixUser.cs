using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Wmgwd2.Io;

/// <summary>
/// A user of /etc/passwd (passwd(5)) with the groups of /etc/group (group(5)). libc's own lookup needs shared libraries at run
/// time, which a static binary can't count on.
/// </summary>
/// <param name="Uid">The user's number.</param>
/// <param name="Gid">The number of the user's own group.</param>
/// <param name="Groups">The numbers of the other groups.</param>
internal sealed record UnixUser(uint Uid, uint Gid, uint[] Groups)
{
    /// <summary>Finds a user.</summary>
    /// <exception cref="InvalidDataException">There is none of that name, or it is root; the message says so.</exception>
    /// <exception cref="IOException">A file can't be read.</exception>
    public static UnixUser Find(string name, string passwd = "/etc/passwd", string group = "/etc/group")
    {
        string[] fields = ReadFields(passwd, 7).FirstOrDefault(fields => fields[0] == name)
            ?? throw new InvalidDataException($"user: '{name}' is not in {passwd}; expected the name of a user there");
        if (!TryParse(fields[2], out uint uid) || !TryParse(fields[3], out uint gid)
            || uid is 0 or uint.MaxValue || gid == uint.MaxValue)
        {
            throw new InvalidDataException($"user: '{name}' has uid '{fields[2]}' and gid '{fields[3]}' in {passwd}; expected numbers, "
                + "and another user than root");
        }

        var groups = new List<uint>();
        foreach (string[] entry in File.Exists(group) ? ReadFields(group, 4) : [])
        {
            if (entry[3].Split(',').Contains(name) && TryParse(entry[2], out uint number))
            {
                groups.Add(number);
            }
        }

        return new UnixUser(uid, gid, [.. groups]);
    }

    private static IEnumerable<string[]> ReadFields(string path, int count) =>
        File.ReadAllLines(path).Select(line => line.Split(':')).Where(fields => fields.Length == count);

    private static bool TryParse(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
