using NodaTime;
using Portal.Data.Replication.Backfill;

namespace Portal.Data.Replication.Planning;

/// <summary>What the new database knows that the plan asks for.</summary>
/// <param name="Mappings">The old tables that are written, schema-qualified.</param>
/// <param name="Round">When the last whole round of the backfill began.</param>
/// <param name="Refused">How many refused writes the last look has seen, and when the number last rose.</param>
internal sealed record NewFacts(
    Instant Now, Instant? RetiredAt, bool OldIsRight, IReadOnlyList<string> Mappings, long OutboxKeys, long SetAside,
    Instant? VerifiedAt, long Differences, Instant? Round, Instant? SampledAt, Instant? WatchedSince, Instant? InStepSince,
    Instant? RefusedAt);

/// <summary>Those who were seen connected to the old database, taken together.</summary>
/// <param name="Staying">How many of them have not moved on.</param>
/// <param name="LastSeen">When one was seen last.</param>
/// <param name="One">Program and login of the one that has not, and was seen last.</param>
internal sealed record ReaderFacts(long Seen, long Staying, Instant? LastSeen, (string Application, string Role)? One);

/// <summary>All that the conditions are made of.</summary>
/// <param name="PendingScripts">Scripts of this version that one of the databases lacks.</param>
/// <param name="Backfill">Null when the old database does not answer, so that its rows cannot be counted.</param>
internal sealed record PlanFacts(
    NewFacts New,
    GuardState? Guard,
    IReadOnlyList<string> PendingScripts,
    Reach Old,
    SchemaReport Schema,
    TriggerReport Triggers,
    BackfillReport? Backfill,
    ReaderFacts Readers,
    IReadOnlyDictionary<string, Duration> Settings,
    IReadOnlyDictionary<PlanStepName, Instant> Taken)
{
    public Duration Setting(string name) => Settings.TryGetValue(name, out var value) ? value : Duration.Zero;
}
