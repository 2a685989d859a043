using Xunit.v3;

namespace Portal.Tests.Support;

/// <summary>
/// Tests of what runs inside a server, which <c>.ci/run</c> repeats on the newest PostgreSQL: <c>--filter-trait Postgres=every</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class EveryPostgresAttribute : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Postgres", "every")];
}
