using NodaTime;

namespace Portal.Data.Replication.Comparing;

/// <summary>How a repair stands.</summary>
public enum RepairState
{
    Running,
    Stopped,
    Finished,
    Failed,
}

/// <summary>What became of a row that was to be repaired.</summary>
public enum RepairOutcome
{
    /// <summary>It is equal now.</summary>
    Repaired,

    /// <summary>It was equal already.</summary>
    Same,

    /// <summary>It is in the outbox and will be written.</summary>
    Waiting,

    /// <summary>The old table does not accept it.</summary>
    Refused,

    /// <summary>Somebody else has written it in the old database, or it was not taken over from there; it was left as it was.</summary>
    Kept,
}

/// <summary>Rows that were to be written anew.</summary>
/// <param name="Comparison">The comparison that found them; null when keys were given.</param>
/// <param name="Account">Who asked.</param>
/// <param name="Why">Why, in the words of who asked.</param>
/// <param name="Overwrite">Whether rows that somebody else wrote may be overwritten.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Outcomes">How many of them had which outcome; the others are to be done.</param>
/// <param name="Problem">Why it failed, or cannot go on at the moment.</param>
public sealed record Repair(
    long Id,
    string Mapping,
    long? Comparison,
    string Account,
    string Why,
    bool Overwrite,
    RepairState State,
    Instant StartedAt,
    Instant? FinishedAt,
    string? Problem,
    long Rows,
    IReadOnlyDictionary<RepairOutcome, long> Outcomes)
{
    public bool IsOver => State != RepairState.Running;

    public long Done => Outcomes.Values.Sum();

    public long Count(RepairOutcome outcome) => Outcomes.GetValueOrDefault(outcome);

    /// <summary>Whether every row is as it should be.</summary>
    public bool IsComplete => State == RepairState.Finished && Done == Count(RepairOutcome.Repaired) + Count(RepairOutcome.Same);
}

/// <summary>Which rows to repair: the keys, or all that a comparison found.</summary>
/// <param name="Comparison">The comparison whose differences they are.</param>
/// <param name="Keys">Only these, of a comparison those among them that it found; null: all of the comparison.</param>
/// <param name="Kind">Of the comparison's differences only those of a kind.</param>
/// <param name="Cause">Only those with a cause.</param>
public sealed record RepairScope(
    long? Comparison = null, IReadOnlyList<long>? Keys = null, Difference? Kind = null, DifferenceCause? Cause = null);

/// <summary>What a repair would change, cell by cell, as things are now.</summary>
/// <param name="Total">How many rows it would look at.</param>
/// <param name="Rows">Those that differ now, of the first ones.</param>
/// <param name="Looked">How many were looked at.</param>
public sealed record RepairPreview(long Total, int Looked, IReadOnlyList<FoundDifference> Rows)
{
    /// <summary>Rows that somebody else has written in the old database.</summary>
    public int WrittenByOthers => Rows.Count(r => r.Cause == DifferenceCause.WrittenByOther);

    /// <summary>Rows that were not taken over from the old table; they are never written.</summary>
    public int LeftOut => Rows.Count(r => r.Cause == DifferenceCause.LeftOut);

    /// <summary>Rows that would be written, if also those of somebody else.</summary>
    public int Changes => Rows.Count - LeftOut;

    /// <summary>Rows that would be written.</summary>
    public int Writes(bool overwrite) => overwrite ? Changes : Changes - WrittenByOthers;
}
