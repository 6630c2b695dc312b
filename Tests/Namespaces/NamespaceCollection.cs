using System;
using Xunit;

namespace Wmgwd2.Tests.Namespaces;

/// <summary>All tests that make namespaces: one after the other, and next to nothing else.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class NamespaceCollection : ICollectionFixture<NamespaceCollection.Sweep>
{
    public const string Name = "Namespaces";

    /// <summary>Removes what was left behind: by a run that was killed before, and by this one.</summary>
    public sealed class Sweep : IDisposable
    {
        public Sweep()
        {
            if (Requirements.FindMissing([]) == null)
            {
                NetworkNamespace.RemoveStale();
            }
        }

        public void Dispose()
        {
            if (Requirements.FindMissing([]) == null)
            {
                NetworkNamespace.RemoveAll(NetworkNamespace.Prefix);
            }
        }
    }
}
