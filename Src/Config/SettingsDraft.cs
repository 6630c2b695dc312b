using System;
using Wmgwd2.Core;

namespace Wmgwd2.Config;

/// <summary>Settings while they are read, layer by layer: the defaults, the file, the flags; a later layer wins.</summary>
internal sealed class SettingsDraft
{
    private VniSet? _vnis;
    private Vni _minimumVni;
    private Vni _maximumVni;
    private int _vnisLayer;
    private int _boundsLayer;
    private string _vnisOrigin = "";
    private string _boundsOrigin = "";
    private string _latestOrigin = "";
    private string _patternOrigin = "";

    public NodeId? Uid { get; set; }

    public string UidFile { get; set; } = "";

    public TimeSpan Interval { get; set; }

    public int DeadAfter { get; set; }

    public TimeSpan StartupDelay { get; set; }

    public TimeSpan HandoverLead { get; set; }

    public Ipv4Address Broadcast { get; set; }

    public ushort Port { get; set; }

    public string BindInterface { get; set; } = "";

    public Ipv4Address[] Allow { get; set; } = [];

    public InterfacePattern? InterfacePattern { get; private set; }

    public TimeSpan ArpInterval { get; set; }

    public AnnounceKinds Announce { get; set; }

    public string[] TrackInterface { get; set; } = [];

    public string TrackFile { get; set; } = "";

    public TimeSpan StuckAfter { get; set; }

    public int RealtimePriority { get; set; }

    public bool LockMemory { get; set; }

    public string User { get; set; } = "";

    public string ControlSocket { get; set; } = "";

    public LogThreshold LogLevel { get; set; }

    /// <summary>The layer being read; 0 are the defaults.</summary>
    public int Layer { get; set; }

    /// <summary>Where the value being read stands.</summary>
    public string Origin { get; set; } = "";

    public bool Set(Action<SettingsDraft> assign)
    {
        assign(this);
        return true;
    }

    public bool SetVnis(VniSet vnis)
    {
        _vnis = vnis;
        (_vnisLayer, _vnisOrigin, _latestOrigin) = (Layer, Origin, Origin);
        return true;
    }

    public bool SetPattern(InterfacePattern pattern)
    {
        (InterfacePattern, _patternOrigin) = (pattern, Origin);
        return true;
    }

    public bool SetMinimumVni(Vni vni) => SetBounds(vni, _maximumVni);

    public bool SetMaximumVni(Vni vni) => SetBounds(_minimumVni, vni);

    /// <summary>What all values together must be.</summary>
    /// <returns>What is wrong, or null; with its origin.</returns>
    public string? FindConflict()
    {
        if (_vnis != null && _vnisLayer == _boundsLayer)
        {
            return $"{_latestOrigin}: vnis stands beside minvni or maxvni; expected either vnis or the other two";
        }

        if (!VnisFromList && _minimumVni.Value > _maximumVni.Value)
        {
            return $"{_boundsOrigin}: minvni '{_minimumVni}' is above maxvni '{_maximumVni}'; expected the lower one first";
        }

        Vni highest = Vnis.Ranges[^1].Last;
        string longest = InterfacePattern!.NameOf(highest);
        string origin = _patternOrigin.Length > 0 ? _patternOrigin : VnisFromList ? _vnisOrigin : _boundsOrigin;
        return longest.Length > InterfacePattern.MaximumNameLength
            ? $"{origin}: interface-pattern '{InterfacePattern}' makes '{longest}' of VNI {highest}; expected at most "
                + $"{InterfacePattern.MaximumNameLength} characters"
            : null;
    }

    public Settings Finish() => new()
    {
        Uid = Uid,
        UidFile = UidFile,
        Vnis = Vnis,
        Timing = new GatewayTiming(Interval, DeadAfter, StartupDelay, HandoverLead),
        Broadcast = Broadcast,
        Port = Port,
        BindInterface = NullIfEmpty(BindInterface),
        Allow = Allow,
        InterfacePattern = InterfacePattern!,
        ArpInterval = ArpInterval,
        Announce = Announce,
        TrackInterface = TrackInterface,
        TrackFile = NullIfEmpty(TrackFile),
        StuckAfter = StuckAfter,
        RealtimePriority = RealtimePriority,
        LockMemory = LockMemory,
        User = NullIfEmpty(User),
        ControlSocket = ControlSocket,
        LogLevel = LogLevel,
    };

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private bool VnisFromList => _vnis != null && _vnisLayer > _boundsLayer;

    private VniSet Vnis => VnisFromList ? _vnis! : new VniSet([new VniRange(_minimumVni, _maximumVni)]);

    private bool SetBounds(Vni minimum, Vni maximum)
    {
        (_minimumVni, _maximumVni) = (minimum, maximum);
        (_boundsLayer, _boundsOrigin, _latestOrigin) = (Layer, Origin, Origin);
        return true;
    }
}
