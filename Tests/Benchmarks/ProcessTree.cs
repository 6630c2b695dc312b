using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Wmgwd2.Benchmarks;

/// <summary>A process and what descends from it: keepalived does its work in a child.</summary>
internal static class ProcessTree
{
    /// <summary>The ids of a process and of all that descend from it, children before their parents.</summary>
    public static IReadOnlyList<int> Of(int root)
    {
        ILookup<int, int> children = Processes().ToLookup(entry => entry.Parent, entry => entry.Id);
        var found = new List<int>();
        Add(root, children, found);
        return found;
    }

    /// <summary>Whether a process runs: it is there, and not merely waiting to be noticed by its parent.</summary>
    public static bool Runs(int id) => StateOf(id) is not (null or 'Z' or 'X');

    /// <summary>
    /// The fields of /proc/PID/stat (proc_pid_stat(5)) from the third, the state, on: the name before it, in brackets, may have
    /// anything in it. Null when the process has ended meanwhile.
    /// </summary>
    public static string[]? Fields(int id)
    {
        try
        {
            string text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void Add(int id, ILookup<int, int> children, List<int> found)
    {
        foreach (int child in children[id])
        {
            Add(child, children, found);
        }

        found.Add(id);
    }

    private static IEnumerable<(int Id, int Parent)> Processes()
    {
        foreach (string folder in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int id) && Fields(id) is { } fields)
            {
                yield return (id, int.Parse(fields[1], CultureInfo.InvariantCulture));
            }
        }
    }

    private static char? StateOf(int id) => Fields(id)?[0][0];
}
