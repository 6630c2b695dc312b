using System;
using System.Globalization;
using System.IO;
using Microsoft.Extensions.Logging;
using Wmgwd2.Config;
using Wmgwd2.Core;

namespace Wmgwd2.Io;

/// <summary>Keeps the uid of a gateway that was given none, so that it is the same after a restart.</summary>
internal static class UidFile
{
    private const int LargestSize = 4 << 10;

    /// <summary>Reads the uid; when the file isn't there, draws one and writes it.</summary>
    /// <param name="path">The file: one uid, decimal or 0x hex.</param>
    /// <param name="logger">Is told of a uid that was drawn, and of one that could not be kept.</param>
    /// <exception cref="InvalidDataException">The file holds something else; the message names it.</exception>
    public static NodeId ReadOrDraw(string path, ILogger logger)
    {
        NodeId drawn = Draw();
        try
        {
            if (SmallFile.Read(path, LargestSize)?.Trim() is { } text)
            {
                return ValueParser.TryParseUid(text, out NodeId uid)
                    ? uid
                    : throw new InvalidDataException(
                        $"{path}:1: {QuotedText.Of(text)} is not {SettingKey.Find("uid")!.Expected}; remove the file to have one drawn");
            }

            Write(path, drawn);
            Log.UidDrawn(logger, drawn, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Log.UidNotKept(logger, drawn, path, error.Message);
        }

        return drawn;
    }

    private static NodeId Draw()
    {
        ulong value;
        do
        {
            value = (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue);
        }
        while (value == 0);

        return new NodeId(value);
    }

    /// <summary>All of it or nothing: a power cut must not leave half a uid.</summary>
    private static void Write(string path, NodeId uid)
    {
        string full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        string temporary = full + ".new";
        File.Delete(temporary);
        using (var file = new FileStream(temporary, FileMode.CreateNew))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{uid}\n")));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, full, overwrite: true);
    }
}
