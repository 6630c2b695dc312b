using System;
using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Io;

/// <summary>
/// One client of the control socket, from its connection to its end. It says one line and gets one answer: a line
/// <c>ok</c> and the document, or a line <c>error</c> and why. Who asks to follow gets events from then on.
/// </summary>
/// <remarks>
/// The end of the request stays unread until the client has its whole answer: a unix socket that is closed before, or that
/// goes with its process, resets the connection then. So what is cut off is an error for who reads it, and no end.
/// </remarks>
internal sealed class ControlClient : IDisposable
{
    /// <summary>The longest line that is a request, in bytes.</summary>
    private const int RequestLimit = 128;

    /// <summary>How much of an answer is made when the client has read what was made before, in VNIs.</summary>
    private const int VnisPerPiece = 64;

    private const string Expected =
        "expected 'status json', 'status text COLUMNS [ROWS] [color]', 'status vni VNI json', "
        + "'status vni VNI text COLUMNS [color]', 'status prometheus [per-vni]', 'monitor text [no-initial]', "
        + "'monitor json [no-initial]', 'drain', 'undrain' or 'reload'";

    private readonly Socket _socket;
    private readonly byte[] _request = new byte[RequestLimit];
    private readonly ArrayBufferWriter<byte> _answer = new();
    private int _requestLength;
    private int _sent;
    private IStatusDocument? _document;

    public ControlClient(Socket socket, Instant deadline)
    {
        _socket = socket;
        _socket.Blocking = false;
        Deadline = deadline;
    }

    /// <summary>Its descriptor.</summary>
    public int Descriptor => (int)_socket.Handle;

    /// <summary>When it has had its time.</summary>
    public Instant Deadline { get; set; }

    /// <summary>What it follows, if it does.</summary>
    public MonitorSubscription? Subscription { get; private set; }

    /// <summary>Whether there is something that it has not got yet; who has a whole answer is gone.</summary>
    public bool HasMore => Subscription == null || _sent < _answer.WrittenCount || !Subscription.Unread.IsEmpty;

    /// <summary>Whether it has said its line, so that it is written to now.</summary>
    public bool Answering { get; private set; }

    public void Dispose()
    {
        _document?.Dispose();
        Subscription?.End();
        _socket.Dispose();
    }

    /// <summary>Reads what the client says.</summary>
    /// <param name="daemon">What is asked.</param>
    /// <param name="monitor">What can be followed; null when there are too many who do.</param>
    /// <returns>False when the client is gone.</returns>
    public bool Read(IControlled daemon, MonitorStream? monitor)
    {
        Span<byte> room = _request.AsSpan(_requestLength);
        int length = _socket.Receive(room, SocketFlags.Peek, out SocketError error);
        if (error == SocketError.WouldBlock)
        {
            return true;
        }

        if (error != SocketError.Success || length == 0)
        {
            return false;
        }

        int end = room[..length].IndexOf((byte)'\n');
        length = end >= 0 ? end : length;
        if (length > 0)
        {
            // Of what was seen just now, so there is as much.
            _requestLength += _socket.Receive(room[..length], SocketFlags.None, out _);
        }

        if (end >= 0)
        {
            Answer(Encoding.UTF8.GetString(_request.AsSpan(0, _requestLength)), daemon, monitor);
        }
        else if (_requestLength == RequestLimit)
        {
            Refuse($"a request is one line of at most {RequestLimit} bytes");
        }

        return true;
    }

    /// <summary>The client has all: so that this is the end, and no reset. Who goes on talking isn't listened to for ever.</summary>
    public void TakeRest()
    {
        for (int i = 0; i < RequestLimit; i++)
        {
            if (_socket.Receive(_request, SocketFlags.None, out SocketError error) == 0 || error != SocketError.Success)
            {
                return;
            }
        }
    }

    /// <summary>Writes as much of the answer as the client takes.</summary>
    /// <returns>False when it has all, or is gone.</returns>
    public bool Write()
    {
        while (true)
        {
            while (_sent == _answer.WrittenCount && _document != null)
            {
                MakeNextPiece(_document);
            }

            bool following = _sent == _answer.WrittenCount && Subscription != null;
            ReadOnlySpan<byte> next = following ? Subscription!.Unread : _answer.WrittenSpan[_sent..];
            if (next.IsEmpty)
            {
                if (following && !Subscription!.Dropped)
                {
                    return true;
                }

                TakeRest();
                return false;
            }

            int length = _socket.Send(next, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                return true;
            }

            if (error != SocketError.Success)
            {
                return false;
            }

            if (following)
            {
                Subscription!.Advance(length);
            }
            else
            {
                _sent += length;
            }
        }
    }

    private void Answer(string request, IControlled daemon, MonitorStream? monitor)
    {
        Answering = true;
        switch (request.TrimEnd('\r').Split(' '))
        {
            case ["status", "json"]:
                Begin(new StatusJson(daemon.TakeStatus(), _answer));
                break;
            case ["status", "text", var columns, .. var options]:
                AnswerText(columns, options, daemon);
                break;
            case ["status", "vni", var vni, .. var options]:
                AnswerVni(vni, options, daemon);
                break;
            case ["status", "prometheus"]:
                Begin(new StatusMetrics(daemon.TakeStatus(), _answer, perVni: false));
                break;
            case ["status", "prometheus", "per-vni"]:
                Begin(new StatusMetrics(daemon.TakeStatus(), _answer, perVni: true));
                break;
            case ["monitor", "text" or "json"] or ["monitor", "text" or "json", "no-initial"]:
                Follow(request, monitor);
                break;
            case ["drain" or "undrain"]:
                Encoding.UTF8.GetBytes($"ok\n{daemon.RequestDrain(request[0] == 'd')}", _answer);
                break;
            case ["reload"]:
                bool done = daemon.TryReload(out string report);
                Encoding.UTF8.GetBytes($"{(done ? "ok" : "error the config is not taken over:")}\n{report}", _answer);
                break;
            default:
                RefuseUnknown();
                break;
        }
    }

    private void AnswerText(string columns, string[] options, IControlled daemon)
    {
        bool coloured = options is [.., "color"];
        string[] numbers = coloured ? options[..^1] : options;
        int height = int.MaxValue;
        if (!TryParse(columns, out int width) || numbers.Length > 1
            || (numbers.Length == 1 && !TryParse(numbers[0], out height)))
        {
            RefuseUnknown();
            return;
        }

        _answer.Write("ok\n"u8);
        Encoding.UTF8.GetBytes(
            StatusText.Render(daemon.TakeStatus(), width, height, coloured ? Palette.Coloured : Palette.Plain), _answer);
    }

    private void AnswerVni(string vni, string[] options, IControlled daemon)
    {
        bool json = options is ["json"];
        bool coloured = options is ["text", _, "color"];
        int width = 0;
        if (!uint.TryParse(vni, NumberStyles.None, CultureInfo.InvariantCulture, out uint value)
            || !(json || ((coloured || options is ["text", _]) && TryParse(options[1], out width))))
        {
            RefuseUnknown();
            return;
        }

        StatusSnapshot status = daemon.TakeStatus();
        int index = status.Vnis.IndexOf(new Vni(value));
        if (index < 0)
        {
            Refuse($"VNI {value} is not configured; expected one of {VniRanges.Format(status.Vnis, _ => true, VniRanges.LogLimit)}");
            return;
        }

        _answer.Write("ok\n"u8);
        var explanation = new VniExplanation(status, index);
        if (json)
        {
            VniJson.Write(explanation, _answer);
        }
        else
        {
            Encoding.UTF8.GetBytes(
                VniText.Render(explanation, width, coloured ? Palette.Coloured : Palette.Plain), _answer);
        }
    }

    private void Follow(string request, MonitorStream? monitor)
    {
        if (monitor == null)
        {
            Refuse("too many follow already; expected fewer at once");
            return;
        }

        _answer.Write("ok\n"u8);
        string[] words = request.TrimEnd('\r').Split(' ');
        Subscription = monitor.Subscribe(words[1] == "json", words.Length == 2 ? _answer : null, MonotonicClock.Now);
        Deadline = Instant.Never;
    }

    private static bool TryParse(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;

    private void Begin(IStatusDocument document)
    {
        _answer.Write("ok\n"u8);
        _document = document;
    }

    private void RefuseUnknown() => Refuse($"unknown request; {Expected}");

    private void Refuse(string reason)
    {
        Answering = true;
        Encoding.UTF8.GetBytes($"error {reason}\n", _answer);
    }

    private void MakeNextPiece(IStatusDocument document)
    {
        _answer.ResetWrittenCount();
        _sent = 0;
        if (!document.WriteNext(VnisPerPiece))
        {
            document.Dispose();
            _document = null;
        }
    }
}
