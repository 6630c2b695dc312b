using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

namespace Wmgwd2.Benchmarks;

/// <summary>By how many gateways VNIs are served, at one moment.</summary>
internal readonly record struct Owners(int One, int Two, int None)
{
    /// <inheritdoc/>
    public override string ToString() => $"{One}/{Two}/{None}";

    /// <summary>Looks at the kernels of both gateways at once, as far as two processes can.</summary>
    public static Owners Count(Contender contender) => Count(contender.Lab.Vnis, LookAtBoth(contender));

    /// <summary>Whether each VNI has one owner, and both gateways a share of them.</summary>
    public static bool AreSettled(Contender contender)
    {
        IReadOnlySet<int>[] served = LookAtBoth(contender);
        return Count(contender.Lab.Vnis, served).One == contender.Lab.Vnis
            && served.All(each => each.Count >= contender.Lab.Vnis / 4);
    }

    private static IReadOnlySet<int>[] LookAtBoth(Contender contender)
    {
        Task<IReadOnlySet<int>> other = Task.Run(() => contender.ServedBy(2));
        IReadOnlySet<int> first = contender.ServedBy(1);
        return [first, other.GetAwaiter().GetResult()];
    }

    private static Owners Count(int vnis, IReadOnlySet<int>[] served)
    {
        int two = served[0].Count(served[1].Contains);
        int one = served[0].Count + served[1].Count - (2 * two);
        return new Owners(one, two, vnis - one - two);
    }
}
