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

/// <summary>What a trigger is there for.</summary>
public enum TriggerKind
{
    /// <summary>Carries changes to the old database.</summary>
    Replication,

    /// <summary>Keeps the audit log from being changed.</summary>
    Audit,

    /// <summary>One of the portal's own that has nothing to do with the replication.</summary>
    Business,

    /// <summary>No script of the portal has made it.</summary>
    Unknown,
}

/// <summary>What is the matter with a trigger.</summary>
public enum TriggerFinding
{
    /// <summary>Belongs there, and is not there.</summary>
    Missing,

    /// <summary>Never fires.</summary>
    Disabled,

    /// <summary>Fires for replicated changes only.</summary>
    Replica,

    /// <summary>Fires, but also in sessions where it should not, or not in all where it should.</summary>
    Firing,

    /// <summary>The trigger is not as its script has made it.</summary>
    Definition,

    /// <summary>Its function is not as its script has made it.</summary>
    Function,

    /// <summary>A function that its function calls, directly or through others, is not as its script has made it.</summary>
    Called,

    /// <summary>No script of the portal has made it.</summary>
    Unknown,
}

/// <summary>A trigger of the new database.</summary>
/// <param name="Table">Its table, schema-qualified.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it is there for.</param>
/// <param name="State">Whether it fires.</param>
/// <param name="Findings">What is the matter with it; empty when nothing is.</param>
/// <param name="Details">What PostgreSQL knows of it; null when it is missing.</param>
/// <param name="Wanted">How the scripts have made it; null where they have not.</param>
public sealed record ReplicationTrigger(
    string Table,
    string Name,
    TriggerKind Kind,
    TriggerState State,
    IReadOnlyList<TriggerFinding> Findings,
    TriggerDetails? Details,
    TriggerText? Wanted)
{
    private const string Public = "public.";

    /// <summary>Its table as people call it, with the schema only if that is not public.</summary>
    public string ShownTable => Table.StartsWith(Public, StringComparison.Ordinal) ? Table[Public.Length..] : Table;

    /// <summary>Whether the replication needs it; others are shown because they are on the same tables.</summary>
    public bool Replicates => Kind == TriggerKind.Replication;

    /// <summary>Whether the portal can put it right.</summary>
    public bool IsOurs => Kind is TriggerKind.Replication or TriggerKind.Audit;

    /// <summary>Whether it fires in the portal's sessions.</summary>
    public bool Fires => State is TriggerState.Origin or TriggerState.Always;

    /// <summary>Whether it, its function or what that calls is not as the scripts have made it.</summary>
    public bool IsChanged => Findings.Any(f => f is TriggerFinding.Definition or TriggerFinding.Function or TriggerFinding.Called);

    /// <summary>Whether it surely does what it is there for.</summary>
    public bool Works => Fires && !IsChanged;
}

/// <summary>The two statements that make a trigger.</summary>
/// <param name="Definition">Creates the trigger.</param>
/// <param name="Source">Creates its function, and those that this calls where they are not as they should be.</param>
public sealed record TriggerText(string Definition, string Source);

/// <summary>When and what a trigger runs.</summary>
/// <param name="Timing">before, after or instead of.</param>
/// <param name="Events">insert, update, delete, truncate.</param>
/// <param name="ForEachRow">Once for each row, or once for a statement.</param>
/// <param name="Deferrable">Whether it can wait until the end of the transaction.</param>
/// <param name="InitiallyDeferred">Whether it does wait unless told otherwise.</param>
/// <param name="Function">The function it calls.</param>
/// <param name="Purpose">What that function says of itself.</param>
/// <param name="Text">The statements that make both as they are.</param>
/// <param name="Calls">How often the function ran; null when the server does not count (<c>track_functions</c>).</param>
/// <param name="Time">How long it took in all.</param>
public sealed record TriggerDetails(
    string Timing,
    IReadOnlyList<string> Events,
    bool ForEachRow,
    bool Deferrable,
    bool InitiallyDeferred,
    string Function,
    string? Purpose,
    TriggerText Text,
    long? Calls,
    TimeSpan? Time);

/// <summary>All triggers on the tables of the replication.</summary>
public sealed record TriggerReport(IReadOnlyList<ReplicationTrigger> Triggers)
{
    public IEnumerable<ReplicationTrigger> Needed => Triggers.Where(t => t.Replicates);

    /// <summary>Those that are missing or do not fire, so that changes pass the old database by.</summary>
    public IEnumerable<ReplicationTrigger> Silent => Needed.Where(t => !t.Fires);

    /// <summary>Those that changes may pass by: silent ones, and changed ones of which nobody knows what they do.</summary>
    public IEnumerable<ReplicationTrigger> Faulty => Needed.Where(t => !t.Works);

    /// <summary>Those that a reinstallation would put right.</summary>
    public IEnumerable<ReplicationTrigger> ToReinstall => Triggers.Where(t => t.IsOurs && t.Findings.Count > 0);
}
