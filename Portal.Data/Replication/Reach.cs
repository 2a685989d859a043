using NodaTime;

namespace Portal.Data.Replication;

/// <summary>What one attempt to reach a database met.</summary>
/// <param name="At">When it was made.</param>
/// <param name="Latency">How long one small read took; null when it did not succeed.</param>
/// <param name="ServerVersion">The version of the server, where the way allows to ask for it.</param>
/// <param name="Trouble">Why it did not succeed.</param>
public sealed record Reach(Instant At, TimeSpan? Latency, string? ServerVersion, Trouble? Trouble)
{
    public bool Reachable => Trouble is null;
}
