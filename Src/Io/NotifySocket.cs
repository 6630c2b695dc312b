using System;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Wmgwd2.Io;

/// <summary>
/// The datagram socket on which a service manager is told how things are (sd_notify(3)). It is connected once, while this process
/// may still do what its starter may: a socket that is open stays open when the user changes. Never waits.
/// </summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly string _name;
    private readonly UnixDomainSocketEndPoint _address;
    private readonly ILogger _logger;
    private Socket _socket;
    private RateLimit _failed = new(1);

    private NotifySocket(string name, UnixDomainSocketEndPoint address, ILogger logger)
    {
        (_name, _address, _logger) = (name, address, logger);
        _socket = Connect(address);
    }

    /// <summary>Opens the socket that the service manager names.</summary>
    /// <param name="name">
    /// What NOTIFY_SOCKET holds: a path, or <c>@</c> and a name of the abstract namespace (unix(7)); null without a service manager
    /// that wants to be told. This process starts no other that could inherit it.
    /// </param>
    /// <param name="logger">Is told what is wrong with it: that the service manager hears nothing is no reason not to serve.</param>
    /// <returns>The socket, or null.</returns>
    public static NotifySocket? Open(string? name, ILogger logger)
    {
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        try
        {
            if (name.Length > 1 && name[0] is '/' or '@')
            {
                string path = name[0] == '@' ? '\0' + name[1..] : name;
                return new NotifySocket(name, new UnixDomainSocketEndPoint(path), logger);
            }

            Log.NotNotified(logger, name, "expected an absolute path, or @ and a name");
        }
        catch (ArgumentException)
        {
            Log.NotNotified(logger, name, "expected at most 107 bytes");
        }
        catch (SocketException error)
        {
            Log.NotNotified(logger, name, error.Message);
        }

        return null;
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Sends a message.</summary>
    /// <param name="message">Lines <c>NAME=value</c>.</param>
    /// <returns>False when there is no room for it now.</returns>
    public bool TrySend(string message)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(message);
        _socket.Send(bytes, SocketFlags.None, out SocketError error);
        if (error is not (SocketError.Success or SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable))
        {
            // Whoever listened there may have begun anew.
            error = SendAnew(bytes);
        }

        if (error != SocketError.Success && error != SocketError.WouldBlock && _failed.Allows(MonotonicClock.Now))
        {
            Log.NotNotified(_logger, _name, new SocketException((int)error).Message);
        }

        return error != SocketError.WouldBlock;
    }

    private static Socket Connect(UnixDomainSocketEndPoint address)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(address);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private SocketError SendAnew(byte[] bytes)
    {
        try
        {
            Socket socket = Connect(_address);
            _socket.Dispose();
            _socket = socket;
            _socket.Send(bytes, SocketFlags.None, out SocketError error);
            return error;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode;
        }
    }
}
