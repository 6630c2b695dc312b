using System;
using System.Text;
using Wmgwd2.Core;
using Wmgwd2.Interop;
using Wmgwd2.Wire;

namespace Wmgwd2.Io;

/// <summary>Is told what the kernel shows, in dumps and notifications alike; what it has no use for it need not hear.</summary>
internal interface IRouteObserver
{
    /// <summary>A link is as follows.</summary>
    void ObserveLink(in LinkMessage link);

    /// <summary>A link is gone.</summary>
    void ObserveLinkGone(int ifindex)
    {
    }

    /// <summary>A link is a port of a bridge, as follows.</summary>
    void ObservePort(in LinkMessage port)
    {
    }

    /// <summary>A link has an IPv4 address, or has it no longer.</summary>
    void ObserveAddress(in AddressMessage address, bool present)
    {
    }

    /// <summary>A message could not be read.</summary>
    void ObserveUnreadable(WireError error)
    {
    }
}

/// <summary>
/// Asks the kernel for links, addresses and ports of bridges, and changes protodown flags and learning. Every call is carried
/// out before it returns, and so may wait for rtnl. Allocates nothing after its construction but the texts of errors.
/// </summary>
internal sealed class RouteClient : IDisposable
{
    /// <summary>How many requests are sent together: enough to save system calls, few enough to announce in between.</summary>
    public const int BatchSize = 32;

    // The kernel makes dump messages of up to 32 KiB.
    private const int ReceiveSize = 64 << 10;
    private const int RequestSize = BatchSize * 64;
    private const int DumpAttempts = 3;

    private readonly NetlinkSocket _socket = new();
    private readonly byte[] _received = new byte[ReceiveSize];
    private readonly byte[] _requests = new byte[RequestSize];
    private readonly int[] _results = new int[BatchSize];
    private readonly string?[] _texts = new string?[BatchSize];
    private uint _sequence;

    public void Dispose() => _socket.Dispose();

    /// <summary>Tells the observer of one message that was received.</summary>
    public static void Dispatch(in NetlinkMessage message, IRouteObserver observer)
    {
        WireError error = WireError.None;
        switch (message.Type)
        {
            case NetlinkMessageType.NewLink:
            case NetlinkMessageType.DelLink:
                error = LinkMessage.TryRead(message.Payload, out LinkMessage link);
                if (error == WireError.None)
                {
                    DispatchLink(message.Type == NetlinkMessageType.NewLink, link, observer);
                }

                break;
            case NetlinkMessageType.NewAddress:
            case NetlinkMessageType.DelAddress:
                error = AddressMessage.TryRead(message.Payload, out AddressMessage address);
                if (error == WireError.None && address.Family == AddressMessage.Ipv4)
                {
                    observer.ObserveAddress(address, present: message.Type == NetlinkMessageType.NewAddress);
                }

                break;
        }

        if (error != WireError.None)
        {
            observer.ObserveUnreadable(error);
        }
    }

    /// <summary>Tells the observer of all links, then of all IPv4 addresses.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Dump(IRouteObserver observer)
    {
        DumpLinks(observer);
        DumpAddresses(observer);
    }

    /// <summary>Tells the observer of all IPv4 addresses.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void DumpAddresses(IRouteObserver observer) => Dump(DumpKind.Addresses, observer);

    /// <summary>Tells the observer of all links.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void DumpLinks(IRouteObserver observer) => Dump(DumpKind.Links, observer);

    /// <summary>Tells the observer of all ports of bridges.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void DumpPorts(IRouteObserver observer) => Dump(DumpKind.Ports, observer);

    /// <summary>Sends the batch that <paramref name="commands"/> are, and has it carried out.</summary>
    /// <param name="commands">Changes and queries, at most <see cref="BatchSize"/>.</param>
    /// <param name="observer">Is told what the queries gave.</param>
    /// <returns>0 or errno for each command; good until the next call.</returns>
    public ReadOnlySpan<int> Execute(ReadOnlySpan<KernelCommand> commands, IRouteObserver observer)
    {
        var writer = new NetlinkWriter(_requests);
        uint first = _sequence + 1;
        foreach (KernelCommand command in commands)
        {
            _sequence++;
            switch (command.Kind)
            {
                case KernelCommandKind.QueryLink:
                    LinkMessage.WriteQuery(ref writer, _sequence, command.Ifindex);
                    break;
                case KernelCommandKind.SetLearning:
                case KernelCommandKind.ClearLearning:
                    LinkMessage.WriteLearning(
                        ref writer, _sequence, command.Ifindex, command.Kind == KernelCommandKind.SetLearning);
                    break;
                default:
                    LinkMessage.WriteProtodown(
                        ref writer, _sequence, command.Ifindex, command.Kind == KernelCommandKind.SetProtodown);
                    break;
            }
        }

        if (!writer.TryFinish(out ReadOnlySpan<byte> messages))
        {
            throw new ArgumentException("A batch has more commands than there is room for.", nameof(commands));
        }

        // What isn't answered was lost with its answer.
        Span<int> results = _results.AsSpan(0, commands.Length);
        results.Fill(Errno.ENOBUFS);
        _texts.AsSpan().Clear();
        int errno = _socket.Send(messages);
        if (errno != 0)
        {
            results.Fill(errno);
            return results;
        }

        int open = commands.Length;
        while (open > 0)
        {
            ReadOnlySpan<byte> received = _socket.Receive(_received, out errno);
            if (errno == Errno.ENOBUFS)
            {
                continue;
            }

            if (errno != 0)
            {
                break;
            }

            open -= ReadAnswers(received, first, results, observer);
        }

        return results;
    }

    /// <summary>What the kernel said about a command of the latest batch, or null.</summary>
    public string? GetErrorText(int command) => _texts[command];

    private int ReadAnswers(ReadOnlySpan<byte> received, uint first, Span<int> results, IRouteObserver observer)
    {
        int answered = 0;
        var reader = new NetlinkReader(received);
        while (reader.TryRead(out NetlinkMessage message))
        {
            uint at = message.Sequence - first;
            if (at >= results.Length || message.Port != _socket.Port)
            {
                continue;
            }

            if (message.Type != NetlinkMessageType.Error)
            {
                results[(int)at] = 0;
                Dispatch(message, observer);
                answered++;
            }
            else if (NetlinkError.TryRead(message, out NetlinkError error) is WireError.None)
            {
                results[(int)at] = error.Errno;
                _texts[at] = error.Text.IsEmpty || error.Errno == 0 ? null : Encoding.UTF8.GetString(error.Text);
                answered++;
            }
        }

        return answered;
    }

    private static void DispatchLink(bool isThere, in LinkMessage link, IRouteObserver observer)
    {
        if (link.Family == 0 && isThere)
        {
            observer.ObserveLink(link);
        }
        else if (link.Family == 0)
        {
            observer.ObserveLinkGone(link.State.Ifindex);
        }
        else if (link.Family == LinkMessage.Bridge && isThere)
        {
            observer.ObservePort(link);
        }
    }

    private void Dump(DumpKind kind, IRouteObserver observer)
    {
        for (int attempt = 1; !TryDump(kind, observer) && attempt < DumpAttempts; attempt++)
        {
            // Links came or went meanwhile. What is still inconsistent after some attempts, notifications mend.
        }
    }

    /// <returns>False when what was dumped changed meanwhile.</returns>
    private bool TryDump(DumpKind kind, IRouteObserver observer)
    {
        var writer = new NetlinkWriter(_requests);
        _sequence++;
        switch (kind)
        {
            case DumpKind.Links:
                LinkMessage.WriteDump(ref writer, _sequence);
                break;
            case DumpKind.Addresses:
                AddressMessage.WriteDump(ref writer, _sequence);
                break;
            default:
                LinkMessage.WritePortDump(ref writer, _sequence);
                break;
        }

        writer.TryFinish(out ReadOnlySpan<byte> request);
        string operation = kind == DumpKind.Addresses ? "RTM_GETADDR dump" : "RTM_GETLINK dump";
        if (_socket.Send(request) is int sendErrno and not 0)
        {
            throw new SystemCallException(operation, sendErrno);
        }

        bool consistent = true;
        while (true)
        {
            ReadOnlySpan<byte> received = _socket.Receive(_received, out int errno);
            if (errno != 0)
            {
                throw new SystemCallException(operation, errno);
            }

            var reader = new NetlinkReader(received);
            while (reader.TryRead(out NetlinkMessage message))
            {
                if (message.Sequence != _sequence || message.Port != _socket.Port)
                {
                    continue;
                }

                consistent &= !message.Flags.HasFlag(NetlinkFlags.DumpInterrupted);
                if (message.Type is NetlinkMessageType.Done or NetlinkMessageType.Error)
                {
                    _ = NetlinkError.TryRead(message, out NetlinkError error);
                    return error.Errno == 0 ? consistent : throw new SystemCallException(operation, error.Errno);
                }

                Dispatch(message, observer);
            }

            if (reader.Error != WireError.None)
            {
                throw new SystemCallException($"{operation}: a message of the kernel has a wrong length", Errno.EINVAL);
            }
        }
    }

    private enum DumpKind
    {
        Links,
        Addresses,
        Ports,
    }
}
