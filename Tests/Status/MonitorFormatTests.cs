using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using Wmgwd2.Core;
using Wmgwd2.Status;
using Xunit;

namespace Wmgwd2.Tests.Status;

/// <summary>Every event in both formats, and how it stands at the beginning, against Tests/Golden/monitor.</summary>
public sealed class MonitorFormatTests
{
    private static readonly DateTime Start = new(2026, 11, 22, 16, 40, 1, 7, DateTimeKind.Utc);

    [Fact]
    public void Lines_are_golden() => Golden.AssertEqual("monitor/events.txt", WriteAll(new MonitorText(Snapshots.Pattern)));

    [Fact]
    public void Objects_are_golden() => Golden.AssertEqual("monitor/events.json", WriteAll(new MonitorJson(Snapshots.Pattern)));

    [Fact]
    public void Each_object_is_a_line_with_time_and_event()
    {
        string[] lines = WriteAll(new MonitorJson(Snapshots.Pattern)).TrimEnd('\n').Split('\n');
        JsonNode[] objects = [.. lines.Select(line => JsonNode.Parse(line)!)];
        Assert.All(objects, each => Assert.Equal(
            ["time", "event"], each.AsObject().Take(2).Select(member => member.Key)));
        string[] kinds = [.. objects.Skip(1).Select(each => (string)each["event"]!).Distinct()];
        Assert.Equal(Enum.GetValues<MonitorEventKind>().Length, kinds.Length);
    }

    private static string WriteAll(IMonitorFormat format)
    {
        var text = new ArrayBufferWriter<byte>();
        StatusSnapshot status = Snapshots.With(
            [Snapshots.Serving, Snapshots.Interface(InterfaceProblem.Blocked, 16), Snapshots.Held, Snapshots.Missing,
                Snapshots.Serving, Snapshots.Missing], reasons: 1 << 7);
        var state = new MonitorEvent { Kind = MonitorEventKind.State, Time = Start, State = GatewayState.Active };
        format.WriteInitial(state, status, Bits(0, 1, 4), Bits(1, 3, 5), text);
        foreach (MonitorEvent happened in Events())
        {
            format.Write(happened, text);
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);

        static VniBitmap Bits(params int[] set)
        {
            var bits = new VniBitmap(6);
            foreach (int index in set)
            {
                bits[index] = true;
            }

            return bits;
        }
    }

    private static IEnumerable<MonitorEvent> Events()
    {
        MonitorEvent last = default;
        foreach (MonitorEventKind kind in Enum.GetValues<MonitorEventKind>())
        {
            last = new MonitorEvent
            {
                Kind = kind,
                Time = Start.AddMilliseconds(999.9 + (int)kind),
                Uid = new NodeId(ulong.MaxValue),
                Address = new Ipv4Address(0x0a00010c),
                Duration = TimeSpan.FromMilliseconds(3000.4),
                State = GatewayState.Standby,
                Text = kind is MonitorEventKind.VniBlocked or MonitorEventKind.VniProblem
                    ? "owned, but not set up (ip link set … up)" : null,
                Vni = new Vni(16777215),
                Count = 12,
            };
            yield return last;
        }

        yield return new MonitorEvent
        {
            Kind = MonitorEventKind.State, Time = last.Time, State = GatewayState.Fault, Text = "tracked file: '\"\\ no upstream'",
        };
    }
}
