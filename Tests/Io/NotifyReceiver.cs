using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Text;

namespace Wmgwd2.Tests.Io;

/// <summary>The service manager's end of NOTIFY_SOCKET.</summary>
internal sealed class NotifyReceiver : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly byte[] _buffer = new byte[4096];

    /// <param name="name">As NOTIFY_SOCKET has it: a path, or @ and an abstract name.</param>
    public NotifyReceiver(string name)
    {
        Name = name;
        _socket.Bind(new UnixDomainSocketEndPoint(name[0] == '@' ? '\0' + name[1..] : name));
    }

    /// <summary>What NOTIFY_SOCKET is to hold.</summary>
    public string Name { get; }

    /// <summary>A name of the abstract namespace that nobody else has.</summary>
    public static string AbstractName() => $"@wmgwd2-test-{Guid.NewGuid():N}";

    /// <summary>What has come since the last time, a text for each datagram.</summary>
    public IReadOnlyList<string> Take()
    {
        var messages = new List<string>();
        while (_socket.Poll(0, SelectMode.SelectRead))
        {
            messages.Add(Encoding.UTF8.GetString(_buffer, 0, _socket.Receive(_buffer)));
        }

        return messages;
    }

    public void Dispose()
    {
        _socket.Dispose();
        if (Name[0] == '/')
        {
            File.Delete(Name);
        }
    }
}
