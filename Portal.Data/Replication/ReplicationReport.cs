namespace Portal.Data.Replication;

/// <summary>Whether the old database is true right now.</summary>
public enum ReplicationState
{
    /// <summary>Everything works and no row differs.</summary>
    InStep,

    /// <summary>Rows differ.</summary>
    OutOfStep,

    /// <summary>No row is known to differ, but something is wrong that will make rows differ.</summary>
    AtRisk,

    /// <summary>It could not be found out.</summary>
    Unknown,
}

/// <summary>The state of the whole replication at one moment.</summary>
/// <param name="Old">How the old database answered through its foreign server.</param>
/// <param name="Triggers">The triggers that carry changes there.</param>
/// <param name="OutboxLength">Changes that are recorded and not yet written to the old database.</param>
/// <param name="Newest">The newest comparison of all rows; null when none could be made.</param>
/// <param name="ComparisonTrouble">Why a comparison that was due could not be made.</param>
public sealed record ReplicationReport(
    Reach Old, TriggerReport Triggers, long OutboxLength, ComparisonSummary? Newest, Trouble? ComparisonTrouble)
{
    public ReplicationState State => this switch
    {
        { Old.Reachable: false } or { ComparisonTrouble: not null } or { Newest: null } => ReplicationState.Unknown,
        { Newest.Differences: > 0 } => ReplicationState.OutOfStep,
        _ when Triggers.Silent.Any() || OutboxLength > 0 => ReplicationState.AtRisk,
        _ => ReplicationState.InStep,
    };
}
