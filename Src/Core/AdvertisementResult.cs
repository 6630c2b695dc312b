namespace Wmgwd2.Core;

/// <summary>What became of a datagram on the cluster's port.</summary>
public enum AdvertisementResult
{
    /// <summary>A peer's advertisement.</summary>
    Accepted,

    /// <summary>This gateway's own advertisement, looped back.</summary>
    Own,

    /// <summary>This gateway's uid, from another address.</summary>
    DuplicateUid,

    /// <summary>Uid 0, which no gateway can have.</summary>
    ZeroUid,

    /// <summary>One peer more than there is room for.</summary>
    PeerTableFull,

    /// <summary>A handover message.</summary>
    Handover,

    /// <summary>A handover message from another address than the sender's advertisements.</summary>
    ForgedHandover,

    /// <summary>Neither 8 bytes long nor a handover message.</summary>
    WrongLength,

    /// <summary>From an address that is not on the allow list.</summary>
    NotAllowed,
}
