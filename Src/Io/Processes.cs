using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Wmgwd2.Interop;

namespace Wmgwd2.Io;

/// <summary>What /proc says of other processes; nothing where there is no /proc, or it isn't this user's to know.</summary>
internal static class Processes
{
    /// <summary>Whether a process is in the same network namespace as this one; null where that isn't known.</summary>
    public static bool? IsInThisNetwork(int process)
    {
        string? own = ReadLink("/proc/self/ns/net");
        string? other = ReadLink(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/ns/net"));
        return own == null || other == null ? null : own == other;
    }

    /// <summary>The process at the other end of a connected unix socket: the one that listens there.</summary>
    public static int FindPeer(Socket socket)
    {
        // struct ucred (sys/socket.h): pid, uid and gid.
        Span<byte> credentials = stackalloc byte[3 * sizeof(int)];
        return socket.GetRawSocketOption(Libc.SOL_SOCKET, Libc.SO_PEERCRED, credentials) == credentials.Length
            ? MemoryMarshal.Read<int>(credentials)
            : 0;
    }

    /// <summary>Finds the process that has a socket.</summary>
    /// <returns>The process and its name; 0 and nothing where none is found.</returns>
    public static (int Process, string Name) FindOwner(string inode)
    {
        string wanted = $"socket:[{inode}]";
        foreach (string name in List("/proc"))
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int process))
            {
                continue;
            }

            foreach (string descriptor in List($"/proc/{name}/fd"))
            {
                if (ReadLink($"/proc/{name}/fd/{descriptor}") == wanted)
                {
                    return (process, ReadText($"/proc/{name}/comm")?.TrimEnd() ?? "");
                }
            }
        }

        return (0, "");
    }

    /// <summary>Whether a process is root's or this user's, so that what it says may be believed.</summary>
    public static bool MayBeTrusted(int process) =>
        FindUser(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}")) is { } user
        && (user == 0 || user == FindUser("/proc/self"));

    /// <summary>The text of a file; null where it can't be read.</summary>
    public static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The names in a folder; none where it can't be read.</summary>
    public static unsafe List<string> List(string folder)
    {
        var names = new List<string>();
        nint stream = Libc.opendir(folder);
        if (stream == 0)
        {
            // Another user's, or its process has ended.
            return names;
        }

        for (dirent* entry; (entry = Libc.readdir(stream)) != null;)
        {
            names.Add(Marshal.PtrToStringUTF8((nint)entry->d_name)!);
        }

        _ = Libc.closedir(stream);
        return names;
    }

    private static unsafe uint? FindUser(string path)
    {
        statx status;
        return Libc.statx(Libc.AT_FDCWD, path, 0, Libc.STATX_UID, &status) == 0 ? status.stx_uid : null;
    }

    private static unsafe string? ReadLink(string path)
    {
        // Such names as net:[4026531840]; a longer one is none that is looked for.
        const int Room = 64;
        byte* buffer = stackalloc byte[Room];
        nint length = Libc.readlink(path, buffer, Room);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, (int)length);
    }
}
