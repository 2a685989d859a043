namespace Portal.Data.Replication;

/// <summary>Whether the old database is true right now.</summary>
public enum ReplicationState
{
    /// <summary>Everything works and no row differs.</summary>
    InStep,

    /// <summary>Changes are kept and will be delivered; until then rows may differ.</summary>
    CatchingUp,

    /// <summary>Rows differ, and nothing that waits explains it.</summary>
    OutOfStep,

    /// <summary>No row is known to differ, but something is wrong that will make rows differ.</summary>
    AtRisk,

    /// <summary>It could not be found out.</summary>
    Unknown,

    /// <summary>The old database is still the one that is right: its rows are taken over, and nothing is written to it.</summary>
    TakingOver,

    /// <summary>Nothing is written to the old database any more.</summary>
    Retired,
}

/// <summary>The state of the whole replication at one moment.</summary>
/// <param name="Old">How the old database answered through its foreign server.</param>
/// <param name="Triggers">The triggers that carry changes there.</param>
/// <param name="Outbox">What waits to be written there, and the switches.</param>
/// <param name="SetAside">The refused rows that are tried again soonest.</param>
/// <param name="Newest">The newest comparison of all rows; null when none could be made.</param>
/// <param name="LaggedAtComparison">Whether changes waited while it was made, so that differences were to be expected.</param>
/// <param name="ComparisonTrouble">Why a comparison that was due could not be made.</param>
public sealed record ReplicationReport(
    Reach Old,
    TriggerReport Triggers,
    OutboxState Outbox,
    IReadOnlyList<SetAsideRow> SetAside,
    ComparisonSummary? Newest,
    bool LaggedAtComparison,
    Trouble? ComparisonTrouble)
{
    public ReplicationState State => this switch
    {
        { Outbox.Retired: true } => ReplicationState.Retired,
        { Old.Reachable: true, Outbox.OldIsRight: true } => ReplicationState.TakingOver,
        { Old.Reachable: false } or { ComparisonTrouble: not null } or { Newest: null } => ReplicationState.Unknown,
        { Newest.Differences: > 0 } when !KeepsEveryChange || !(IsBehind || LaggedAtComparison) => ReplicationState.OutOfStep,
        { KeepsEveryChange: false } => ReplicationState.AtRisk,
        { Newest.Differences: > 0 } => ReplicationState.CatchingUp,
        { IsBehind: true } => ReplicationState.CatchingUp,
        { Outbox.SetAside: > 0 } => ReplicationState.AtRisk,
        _ => ReplicationState.InStep,
    };

    /// <summary>Whether all triggers fire as they were made, so that every change is recorded even while it cannot be delivered.</summary>
    public bool KeepsEveryChange => !Triggers.Faulty.Any();

    /// <summary>Whether there is something to catch up with.</summary>
    public bool IsBehind => Outbox.OutboxKeys > 0 || Outbox.BreakerOpen;
}
