namespace Wmgwd2.Tests.Simulation;

/// <summary>What is broken, on purpose, about a gateway: each checker must be seen to notice what it is there for.</summary>
internal enum Sabotage
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It never lets go, and takes the kernel's part for done.</summary>
    NeverLetsGo,

    /// <summary>It lets go two seconds after it should.</summary>
    LetsGoLate,

    /// <summary>It takes up two seconds after it should.</summary>
    TakesUpLate,

    /// <summary>When its share changes it lets go of all of it for a moment.</summary>
    LetsGoOfAll,

    /// <summary>It announces the next VNI too.</summary>
    AnnouncesTheNext,

    /// <summary>It announces nothing.</summary>
    AnnouncesNothing,

    /// <summary>It listens for 20 seconds longer than it should.</summary>
    ListensForever,

    /// <summary>It elects by the weight of the next VNI, and announces nothing.</summary>
    ElectsByTheNext,
}
