using System.Numerics;
using Wmgwd2.Core;
using Wmgwd2.Status;

namespace Wmgwd2.Check;

/// <summary>Who holds macvlans down: others, who must not; and without a daemon nobody, who should.</summary>
internal static class ProtodownRules
{
    public static void Check(GatewayFacts facts, VniChain chain, FindingList findings)
    {
        LinkFacts macvlan = chain.Macvlan;
        string name = chain.NameOf(macvlan);
        string quoted = VniTemplate.Quote(name);
        if (macvlan.State.ProtodownReasons != 0)
        {
            // A reason alone holds nothing down: the kernel refuses to clear protodown while there is one, and no more than that.
            string reasons = ProblemText.NameReasons(macvlan.State.ProtodownReasons);
            bool down = macvlan.State.Conditions.HasFlag(LinkConditions.Protodown);
            findings.AddFor(chain.Index, Severity.Error, "protodown",
                down ? $"others hold {name} down: protodown reason {reasons}" : $"{name} has protodown reason {reasons}, though protodown is off",
                down ? "wmgwd2 can't take it up while a reason is set"
                    : "once it is let go of it can't be taken up again: the kernel doesn't clear protodown while a reason is set",
                ClearReasons(quoted, macvlan.State.ProtodownReasons));
        }

        // What isn't set up is told to be held down before it is.
        if (!facts.DaemonMayServe && macvlan.IsSetUp
            && (macvlan.HasCarrier || !macvlan.State.Conditions.HasFlag(LinkConditions.Protodown)))
        {
            findings.AddFor(chain.Index, Severity.Warning, "protodown", $"{name} is not held down, and no daemon runs",
                "it may answer stations next to the gateway that serves the VNI; 'wmgwd2 run' begins with that too",
                $"ip link set {quoted} protodown on");
        }
    }

    private static string ClearReasons(string quoted, uint reasons)
    {
        string commands = "";
        for (; reasons != 0; reasons &= reasons - 1)
        {
            string bit = VniTemplate.Number(BitOperations.TrailingZeroCount(reasons));
            commands += Words.Of($"{(commands.Length == 0 ? "" : "; ")}ip link set {quoted} protodown_reason {bit} off");
        }

        return commands;
    }
}
