using System;
using System.Buffers;
using System.Net.Sockets;
using System.Text;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Io;

/// <summary>
/// One client of the control socket, from its connection to its end. It says one line and gets one answer: a line
/// <c>ok</c> and the document, or a line <c>error</c> and why.
/// </summary>
internal sealed class ControlClient : IDisposable
{
    /// <summary>The longest line that is a request, in bytes.</summary>
    private const int RequestLimit = 128;

    /// <summary>How much of an answer is made when the client has read what was made before, in VNIs.</summary>
    private const int VnisPerPiece = 512;

    private readonly Socket _socket;
    private readonly byte[] _request = new byte[RequestLimit];
    private readonly ArrayBufferWriter<byte> _answer = new();
    private int _requestLength;
    private int _sent;
    private StatusJson? _json;

    public ControlClient(Socket socket, Instant deadline)
    {
        _socket = socket;
        _socket.Blocking = false;
        Deadline = deadline;
    }

    /// <summary>Its descriptor.</summary>
    public int Descriptor => (int)_socket.Handle;

    /// <summary>When it has had its time.</summary>
    public Instant Deadline { get; }

    /// <summary>Whether it has said its line, so that it is written to now.</summary>
    public bool Answering { get; private set; }

    public void Dispose()
    {
        _json?.Dispose();
        _socket.Dispose();
    }

    /// <summary>Reads what the client says.</summary>
    /// <param name="daemon">What is asked.</param>
    /// <returns>False when the client is gone.</returns>
    public bool Read(IControlled daemon)
    {
        int length = _socket.Receive(_request.AsSpan(_requestLength), SocketFlags.None, out SocketError error);
        if (error == SocketError.WouldBlock)
        {
            return true;
        }

        if (error != SocketError.Success || length == 0)
        {
            return false;
        }

        _requestLength += length;
        int end = _request.AsSpan(0, _requestLength).IndexOf((byte)'\n');
        if (end >= 0)
        {
            Answer(Encoding.UTF8.GetString(_request.AsSpan(0, end)), daemon);
        }
        else if (_requestLength == RequestLimit)
        {
            Refuse($"a request is one line of at most {RequestLimit} bytes");
        }

        return true;
    }

    /// <summary>Writes as much of the answer as the client takes.</summary>
    /// <returns>False when it has all, or is gone.</returns>
    public bool Write()
    {
        while (true)
        {
            if (_sent == _answer.WrittenCount && _json != null)
            {
                MakeNextPiece(_json);
            }

            int length = _socket.Send(_answer.WrittenSpan[_sent..], SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                return true;
            }

            _sent += length;
            if (error != SocketError.Success || (_sent == _answer.WrittenCount && _json == null))
            {
                return false;
            }
        }
    }

    private void Answer(string request, IControlled daemon)
    {
        string[] words = request.TrimEnd('\r').Split(' ');
        Answering = true;
        if (words is ["status", "json"])
        {
            _answer.Write("ok\n"u8);
            _json = new StatusJson(daemon.TakeStatus(), _answer);
        }
        else if (words is ["status", "text", var columns] && int.TryParse(columns, out int width) && width > 0)
        {
            _answer.Write("ok\n"u8);
            Encoding.UTF8.GetBytes(StatusText.Render(daemon.TakeStatus(), width), _answer);
        }
        else if (words is ["drain" or "undrain"])
        {
            daemon.RequestDrain(words[0] == "drain");
            _answer.Write("ok\n"u8);
        }
        else if (words is ["reload"])
        {
            bool done = daemon.TryReload(out string report);
            Encoding.UTF8.GetBytes($"{(done ? "ok" : "error the config is not taken over:")}\n{report}", _answer);
        }
        else
        {
            Refuse("unknown request; expected 'status json', 'status text COLUMNS', 'drain', 'undrain' or 'reload'");
        }
    }

    private void Refuse(string reason)
    {
        Answering = true;
        Encoding.UTF8.GetBytes($"error {reason}\n", _answer);
    }

    private void MakeNextPiece(StatusJson json)
    {
        _answer.ResetWrittenCount();
        _sent = 0;
        if (!json.WriteNext(VnisPerPiece))
        {
            json.Dispose();
            _json = null;
        }
    }
}
