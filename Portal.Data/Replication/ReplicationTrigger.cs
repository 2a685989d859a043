namespace Portal.Data.Replication;

/// <summary>When PostgreSQL fires a trigger, by <c>session_replication_role</c>.</summary>
public enum TriggerState
{
    /// <summary>On: fires for every ordinary session.</summary>
    Origin,

    /// <summary>Off: never fires.</summary>
    Disabled,

    /// <summary>Fires only in sessions that apply changes from elsewhere, so not for the portal.</summary>
    Replica,

    /// <summary>On: fires for every session.</summary>
    Always,

    /// <summary>Belongs there, and is not there.</summary>
    Missing,
}

/// <summary>A trigger of the new database.</summary>
/// <param name="Table">Its table, with the schema if that is not public.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">Whether it fires.</param>
/// <param name="Replicates">Whether the replication needs it; others are shown because they are on the same tables.</param>
/// <param name="Details">What PostgreSQL knows of it; null when it is missing.</param>
public sealed record ReplicationTrigger(string Table, string Name, TriggerState State, bool Replicates, TriggerDetails? Details)
{
    /// <summary>Whether it does its work in the portal's sessions.</summary>
    public bool Fires => State is TriggerState.Origin or TriggerState.Always;
}

/// <summary>When and what a trigger runs.</summary>
/// <param name="Timing">before, after or instead of.</param>
/// <param name="Events">insert, update, delete, truncate.</param>
/// <param name="ForEachRow">Once for each row, or once for a statement.</param>
/// <param name="Deferrable">Whether it can wait until the end of the transaction.</param>
/// <param name="InitiallyDeferred">Whether it does wait unless told otherwise.</param>
/// <param name="Function">The function it calls.</param>
/// <param name="Purpose">What that function says of itself.</param>
/// <param name="Definition">The statement that creates the trigger.</param>
/// <param name="Source">The statement that creates the function.</param>
public sealed record TriggerDetails(
    string Timing,
    IReadOnlyList<string> Events,
    bool ForEachRow,
    bool Deferrable,
    bool InitiallyDeferred,
    string Function,
    string? Purpose,
    string Definition,
    string Source);

/// <summary>All triggers on the tables of the replication.</summary>
public sealed record TriggerReport(IReadOnlyList<ReplicationTrigger> Triggers)
{
    public IEnumerable<ReplicationTrigger> Needed => Triggers.Where(t => t.Replicates);

    /// <summary>Those that are missing or do not fire, so that changes pass the old database by.</summary>
    public IEnumerable<ReplicationTrigger> Silent => Needed.Where(t => !t.Fires);
}
