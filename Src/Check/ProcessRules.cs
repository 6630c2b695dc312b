using System;

namespace Wmgwd2.Check;

/// <summary>What the daemon's process needs of the machine: capabilities, a user, memory, files.</summary>
internal static class ProcessRules
{
    public static void Check(GatewayFacts facts, FindingList findings)
    {
        if (facts.MissingCapabilities.Length > 0)
        {
            findings.Add(Severity.Error, "capabilities", $"{string.Join(", ", facts.MissingCapabilities)} missing",
                "started as this check is, 'wmgwd2 run' ends at once; run it as root, or have its service give them "
                    + "(systemd: AmbientCapabilities=)",
                $"sudo setcap {string.Join(',', facts.NeededCapabilities).ToLowerInvariant()}=ep {VniTemplate.Quote(facts.Program)}");
        }

        CheckUser(facts, findings);
        if (facts.MemoryNotLockable)
        {
            findings.Add(Severity.Advice, "lock-memory",
                "memory can't be locked: CAP_IPC_LOCK is missing and RLIMIT_MEMLOCK is not unlimited",
                "where memory is short the daemon may be paged out just when a peer dies; systemd: LimitMEMLOCK=infinity",
                "ulimit -l unlimited");
        }

        CheckUid(facts, findings);
        CheckControlSocket(facts, findings);
    }

    private static void CheckUser(GatewayFacts facts, FindingList findings)
    {
        const string Why = "'wmgwd2 run' ends at once";
        string user = facts.User ?? "";
        switch (facts.UserState)
        {
            case UserState.Missing:
                findings.Add(Severity.Error, "user", $"user {user} is not in /etc/passwd", Why,
                    $"useradd --system --no-create-home --shell /usr/sbin/nologin {VniTemplate.Quote(user)}");
                break;
            case UserState.Unfit:
                findings.Add(Severity.Error, "user", $"user {user} is root, or has no number in /etc/passwd",
                    $"{Why}; leave the key out to run as whoever starts it", $"sed -i '/^ *user *=/d' {ConfigFile(facts)}");
                break;
            case UserState.NotRoot:
                findings.Add(Severity.Error, "user", $"only root can become user {user}", Why,
                    $"sudo {VniTemplate.Quote(facts.Program)} run --config {ConfigFile(facts)}");
                break;
        }
    }

    private static string ConfigFile(GatewayFacts facts) =>
        facts.ConfigFile is { } config ? VniTemplate.Quote(config) : "CONFIG_FILE";

    private static void CheckUid(GatewayFacts facts, FindingList findings)
    {
        if (facts.Uid == UidState.Malformed)
        {
            findings.Add(Severity.Error, "uid", $"{facts.UidFile} holds no uid",
                "'wmgwd2 run' ends at once; without the file it draws a uid and keeps it",
                $"rm {VniTemplate.Quote(facts.UidFile)}");
        }
        else if (facts.Uid == UidState.NotKept)
        {
            findings.Add(Severity.Warning, "uid", $"no uid is given, and {facts.UidFile} can't be read or written",
                "each start draws another uid: VNIs move, and the old uid stays among the peers' dead ones; "
                    + "UID is a number that no other gateway has",
                $"echo 'uid = UID' >>{ConfigFile(facts)}");
        }
    }

    private static void CheckControlSocket(GatewayFacts facts, FindingList findings)
    {
        if (facts.Daemon == DaemonPlace.Elsewhere)
        {
            findings.Add(Severity.Error, "control-socket",
                $"a daemon of another network namespace answers at {facts.ControlSocket}",
                "each daemon of a machine needs a control-socket of its own, and a uid; 'wmgwd2 run' ends at once",
                $"echo 'control-socket = /run/NAME.sock' >>{ConfigFile(facts)}");
        }
        else if (facts.Daemon == DaemonPlace.Unknown)
        {
            string config = facts.ConfigFile == null ? "" : $" --config {ConfigFile(facts)}";
            findings.Add(Severity.Warning, "control-socket",
                $"can't tell whether a daemon runs: this user may not connect to {facts.ControlSocket}",
                "what is wrong only where none runs is left out; run check as root, with the same flags",
                $"sudo {VniTemplate.Quote(facts.Program)} check{config}");
        }
        else if (!facts.HasControlFolder)
        {
            string socket = facts.ControlSocket;
            string folder = socket[..Math.Max(socket.LastIndexOf('/'), 1)];
            findings.Add(Severity.Error, "control-socket", $"there is no folder {folder} for the control socket",
                "'wmgwd2 run' ends at once", $"mkdir -p {VniTemplate.Quote(folder)}");
        }
    }
}
