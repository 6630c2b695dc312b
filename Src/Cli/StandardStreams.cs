using System;
using System.IO;
using System.Text;
using Wmgwd2.Interop;
using Wmgwd2.Io;

namespace Wmgwd2.Cli;

/// <summary>Standard output and standard error as this program writes to them, however it was started.</summary>
internal static class StandardStreams
{
    private const string Nothing = "/dev/null";

    /// <summary>Has the console write by these streams, and none of the standard descriptors be anything else.</summary>
    public static void Prepare()
    {
        FillGaps();
        Console.SetOut(WriteTo(OpenOutput()));
        Console.SetError(WriteTo(new StandardStream(isOutput: false)));
    }

    /// <summary>Standard output; what isn't written is a <see cref="SystemCallException"/>, but for want of a reader.</summary>
    public static Stream OpenOutput() => new StandardStream(isOutput: true);

    private static StreamWriter WriteTo(Stream stream) => new(stream, new UTF8Encoding(false)) { AutoFlush = true };

    /// <summary>
    /// Whoever starts this may have closed one: a socket that is opened later would get its number, and the log or an answer be
    /// sent to the kernel or to the network.
    /// </summary>
    private static void FillGaps()
    {
        // The lowest free number is given. Standard output stays one that can't be written to, for that is to be told.
        _ = IsOpen(Libc.STDIN_FILENO) || Libc.open(Nothing, Libc.O_RDONLY) >= 0;
        _ = IsOpen(Libc.STDOUT_FILENO) || Libc.open(Nothing, Libc.O_RDONLY) >= 0;
        _ = IsOpen(Libc.STDERR_FILENO) || Libc.open(Nothing, Libc.O_WRONLY) >= 0;
    }

    private static unsafe bool IsOpen(int descriptor)
    {
        var asked = new pollfd { fd = descriptor };
        _ = Libc.poll(&asked, 1, 0);
        return (asked.revents & Libc.POLLNVAL) == 0;
    }

    /// <summary>Writes without a buffer.</summary>
    /// <param name="isOutput">Standard output, or else standard error, of which nobody can be told that it fails.</param>
    private sealed class StandardStream(bool isOutput) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                _ = StandardOutput.TryWrite(buffer, isOutput ? Libc.STDOUT_FILENO : Libc.STDERR_FILENO);
            }
            catch (SystemCallException) when (!isOutput)
            {
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
