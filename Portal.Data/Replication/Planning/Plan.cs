using NodaTime;

namespace Portal.Data.Replication.Planning;

/// <summary>The steps of the migration, in their order.</summary>
public enum PlanStepName
{
    /// <summary>Everything is in place.</summary>
    Prepare,

    /// <summary>The new database holds what the old one does.</summary>
    Backfill,

    /// <summary>From here on the new database is the one that is right.</summary>
    MoveWriters,

    /// <summary>Those who read move to the new service, one by one.</summary>
    MoveReaders,

    /// <summary>Nobody but the replication can write the old database.</summary>
    Freeze,

    /// <summary>Nothing is written to the old database any more. This cannot be undone.</summary>
    Retire,
}

/// <summary>Something that should be so before a step is taken.</summary>
/// <param name="Condition">What should be so.</param>
/// <param name="Figure">How it is.</param>
/// <param name="Holds">Whether it is so.</param>
public sealed record PlanCondition(string Condition, string Figure, bool Holds);

/// <summary>A step and how it stands.</summary>
/// <param name="TakenAt">When it was taken; null while it is not.</param>
/// <param name="TakenBy">Who took it.</param>
/// <param name="Why">Why, if that was said: it had to be if not all conditions held.</param>
/// <param name="Conditions">What should be so, as it is at this moment; for a step that was taken, as it was then.</param>
public sealed record PlanStep(PlanStepName Name, Instant? TakenAt, string? TakenBy, string? Why, IReadOnlyList<PlanCondition> Conditions)
{
    public bool Taken => TakenAt is not null;

    public bool Holds => Conditions.Count > 0 && Conditions.All(c => c.Holds);
}

/// <summary>Somebody else than the replication who has written an old table.</summary>
public sealed record OtherWriter(
    string Application, string Role, string Address, string Table, string Operation, long Statements, long Rows, Instant FirstAt, Instant LastAt);

/// <summary>What the guard of the old database says.</summary>
/// <param name="Now">The old server's clock.</param>
/// <param name="Refuses">Whether writes that are not the replication's fail; otherwise they are noted.</param>
/// <param name="Since">Since when all its tables are watched; null: none is.</param>
/// <param name="Tables">The tables it watches, schema-qualified.</param>
/// <param name="Silent">Its triggers that are missing or switched off.</param>
/// <param name="Refused">How many statements it has refused.</param>
/// <param name="WritingNow">How many sessions of others are in the middle of a transaction that writes.</param>
/// <param name="Writers">Who has written besides the replication, the latest first.</param>
public sealed record GuardState(
    Instant Now, bool Refuses, Instant ChangedAt, string? ChangedBy, Instant? Since, IReadOnlyList<string> Tables, IReadOnlyList<string> Silent,
    long Refused, long WritingNow, IReadOnlyList<OtherWriter> Writers)
{
    /// <summary>When somebody else wrote last, or the watching began.</summary>
    public Instant? QuietSince => Since is { } since ? Writers.Select(w => w.LastAt).Append(since).Max() : null;
}

/// <summary>Somebody who was seen connected to the old database.</summary>
public sealed record OldReader(
    string Application, string Role, string Address, Instant FirstSeen, Instant LastSeen, long TimesSeen, Instant? MovedOnAt, string? MovedOnBy, string? Note)
{
    /// <summary>Was seen after it should have moved.</summary>
    public bool CameBack => LastSeen > MovedOnAt;

    public bool HasMoved => MovedOnAt is not null && !CameBack;
}

/// <summary>How much an old table was read in the hour that begins then, the replication included.</summary>
public sealed record ScanHour(string Table, Instant Hour, long Scans, long RowsRead);

/// <summary>How long something must have been so.</summary>
/// <param name="Name">writers_quiet, in_step, readers_quiet or frozen.</param>
public sealed record PlanSetting(string Name, Duration Value);

/// <summary>The whole plan at one moment.</summary>
/// <param name="Now">The new server's clock.</param>
/// <param name="Guard">The guard; null when the old database does not answer.</param>
/// <param name="OldTrouble">Why it does not.</param>
/// <param name="Readers">All of them or a page: those first that have not moved on, of these the one that was seen last.</param>
/// <param name="ReadersSeen">How many there are.</param>
/// <param name="WatchedSince">Since when readers are looked for without a gap.</param>
/// <param name="SampledAt">When they were looked for last.</param>
/// <param name="Scans">Reads of the old tables in the last seven days, hour by hour.</param>
/// <param name="Leftovers">After retiring: what is still there of the replication; nothing, if all went well.</param>
public sealed record PlanReport(
    Instant Now, IReadOnlyList<PlanStep> Steps, GuardState? Guard, Trouble? OldTrouble, IReadOnlyList<OldReader> Readers, long ReadersSeen,
    Instant? WatchedSince, Instant? SampledAt, IReadOnlyList<ScanHour> Scans, IReadOnlyList<PlanSetting> Settings,
    IReadOnlyList<Leftover> Leftovers)
{
    public const int ReadersOnPage = 25;

    /// <summary>The step to take next; null when all are taken.</summary>
    public PlanStep? Next => Steps.FirstOrDefault(s => !s.Taken);

    /// <summary>The step that can be undone; null when none can.</summary>
    public PlanStep? Last => Steps.LastOrDefault(s => s.Taken) is { Name: not PlanStepName.Retire } last ? last : null;

    public bool Retired => Steps.Any(s => s is { Name: PlanStepName.Retire, Taken: true });

    public Duration Setting(string name) => Settings.FirstOrDefault(s => s.Name == name)?.Value ?? Duration.Zero;
}

/// <summary>A kind of object of the replication, and how many of it there are.</summary>
public sealed record Leftover(string Kind, IReadOnlyList<string> Names);

/// <summary>What came of taking or undoing a step.</summary>
/// <param name="Done">Whether it was done (or, in a dry run, would have been).</param>
/// <param name="Sentence">What happened, for a person to read.</param>
public sealed record PlanOutcome(bool Done, string Sentence, PlanReport Plan);
