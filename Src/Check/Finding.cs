using System;
using System.Collections.Generic;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Check;

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    /// <summary>A gateway can't serve so, or does harm.</summary>
    Error,

    /// <summary>It serves, but not as well as it should or not always.</summary>
    Warning,

    /// <summary>It could serve better.</summary>
    Advice,
}

/// <summary>Something that a check found.</summary>
/// <param name="severity">How bad it is.</param>
/// <param name="check">The name of the check, which stays the same.</param>
/// <param name="vnis">The VNIs that it concerns, as ranges; empty where it concerns the gateway.</param>
/// <param name="what">What is wrong.</param>
/// <param name="why">Why it matters.</param>
/// <param name="mend">The command that mends it; words in capitals are to be replaced.</param>
public sealed class Finding(Severity severity, string check, string vnis, string what, string why, string mend)
{
    /// <summary>How bad it is.</summary>
    public Severity Severity => severity;

    /// <summary>The name of the check, which stays the same.</summary>
    public string Check => check;

    /// <summary>The VNIs that it concerns, as ranges; empty where it concerns the gateway.</summary>
    public string Vnis => vnis;

    /// <summary>What is wrong.</summary>
    public string What => what;

    /// <summary>Why it matters.</summary>
    public string Why => why;

    /// <summary>The command that mends it; words in capitals are to be replaced.</summary>
    public string Mend => mend;

    /// <summary>The name of the severity, as every text of this program writes it.</summary>
    public string SeverityName => Severity switch
    {
        Severity.Error => "error",
        Severity.Warning => "warning",
        _ => "advice",
    };
}

/// <summary>Gathers findings: the same about many VNIs is one.</summary>
/// <param name="vnis">All VNIs.</param>
public sealed class FindingList(VniSet vnis)
{
    private readonly Dictionary<string, Group> _groups = [];
    private Growing<Group> _inOrder;
    private Group? _latest;

    /// <summary>Adds one about the gateway; or about VNIs that aren't configured, with its texts as they are to be.</summary>
    public void Add(Severity severity, string check, string what, string why, string mend, string others = "") =>
        Find(severity, check, what, why, mend, ofVnis: false, others);

    /// <summary>Adds one about a VNI; its texts have <see cref="VniTemplate.Mark"/> where the VNI stands.</summary>
    public void AddFor(int index, Severity severity, string check, string what, string why, string mend) =>
        Find(severity, check, what, why, mend, ofVnis: true).Vnis![index] = true;

    /// <summary>Words all: the worst first, of equal ones those that were added first.</summary>
    public Finding[] Finish()
    {
        Group[] groups = _inOrder.ToArray();
        var findings = new Growing<Finding>();
        for (Severity severity = Severity.Error; severity <= Severity.Advice; severity++)
        {
            foreach (Group group in groups)
            {
                if (group.Words.Severity == severity)
                {
                    findings.Add(Finish(group));
                }
            }
        }

        return findings.ToArray();
    }

    private Finding Finish(Group group)
    {
        // In any command that makes or mends a VXLAN device.
        string why = group.Words.Mend.Contains(ChainCommands.UnknownLocal, StringComparison.Ordinal)
            ? $"{group.Words.Why}; {ChainCommands.UnknownLocalHint}" : group.Words.Why;
        if (group.Vnis is not { } chosen)
        {
            return group.Words;
        }

        int first = chosen.NextSet(0);
        Vni? only = chosen.NextSet(first + 1) < 0 ? vnis[first] : null;
        return new Finding(
            group.Words.Severity, group.Words.Check, VniRanges.Format(vnis, index => chosen[index], int.MaxValue),
            VniTemplate.ToText(group.Words.What, only), VniTemplate.ToText(why, only),
            VniTemplate.ToShell(group.Words.Mend, vnis, chosen));
    }

    private Group Find(Severity severity, string check, string what, string why, string mend, bool ofVnis, string others = "")
    {
        // There may be millions of VNIs that all have the same.
        if (_latest is { } latest && ReferenceEquals(latest.Words.What, what) && ReferenceEquals(latest.Words.Mend, mend))
        {
            return latest;
        }

        string key = string.Join('\n', check, what, mend);
        if (!_groups.TryGetValue(key, out Group? group))
        {
            group = new Group(
                new Finding(severity, check, others, what, why, mend), ofVnis ? new VniBitmap(vnis.Count) : null);
            _groups.Add(key, group);
            _inOrder.Add(group);
        }

        _latest = group;
        return group;
    }

    private sealed class Group(Finding words, VniBitmap? vnis)
    {
        public Finding Words => words;

        public VniBitmap? Vnis => vnis;
    }
}
