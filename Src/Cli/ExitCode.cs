namespace Wmgwd2.Cli;

/// <summary>What a command ends with.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Failed.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage: a flag, a config file; nothing was touched.</summary>
    public const int Usage = 2;
}
