using NodaTime;

namespace Portal.Data.Replication.Backfill;

/// <summary>What an admin can decide of an old row that does not fit.</summary>
public enum QuarantineDecision
{
    /// <summary>Status is right, the flag beside it wrong.</summary>
    TakeStatus,

    /// <summary>The flag is right; the status is made to fit it.</summary>
    TakeFlag,

    /// <summary>What the new database makes of the row is right, also where the old one says something else.</summary>
    Accept,

    /// <summary>Taken over with some columns put right.</summary>
    Edit,

    /// <summary>Not taken over; the old row stays as it is.</summary>
    Skip,
}

/// <summary>Rows in quarantine for the same reasons.</summary>
/// <param name="Reasons">What is wrong: the words of mapping.timesheet_new_from_old, or the columns that would come out differently.</param>
/// <param name="Open">Nobody has decided.</param>
/// <param name="Decided">Decided, and taken over with the next run.</param>
/// <param name="Skipped">Left out.</param>
/// <param name="Taken">Taken over as decided.</param>
/// <param name="Newest">When the newest of the open ones was found: who decides for all has seen none found later.</param>
public sealed record QuarantineGroup(IReadOnlyList<string> Reasons, long Open, long Decided, long Skipped, long Taken, Instant? Newest);

/// <summary>One old row in quarantine.</summary>
/// <param name="Key">Its number.</param>
/// <param name="OldRow">All its columns, as text.</param>
/// <param name="Detail">What the new database said to it, for the log.</param>
/// <param name="State">open, decided, skipped or taken.</param>
/// <param name="FoundAt">When it was put there, as it is.</param>
/// <param name="Decided">What somebody has decided; null while nobody has.</param>
public sealed record QuarantinedRow(
    long Key, IReadOnlyDictionary<string, string?> OldRow, string? Detail, string State, Instant FoundAt, QuarantineDecided? Decided);

/// <summary>What was decided on a row in quarantine.</summary>
/// <param name="Values">With <see cref="QuarantineDecision.Edit"/>: columns and their right values.</param>
/// <param name="By">Who decided.</param>
public sealed record QuarantineDecided(QuarantineDecision Decision, IReadOnlyDictionary<string, string?> Values, string By, Instant At);

/// <summary>How far the taking over of the old rows has come.</summary>
/// <param name="OldIsRight">The old system still writes; rows are taken over from it.</param>
/// <param name="Running">A portal works on it.</param>
/// <param name="Share">The share of the time it may work, up to 1.</param>
/// <param name="Round">The first takes over everything, later ones what has changed since.</param>
/// <param name="RowsToRead">Old rows there were when the round began.</param>
/// <param name="RowsRead">Old rows read in this round.</param>
/// <param name="RowsWritten">New rows written in this round.</param>
/// <param name="RowsRemoved">New rows removed in this round, because the old ones are gone.</param>
/// <param name="Worked">Time worked in this round, pauses left out.</param>
/// <param name="BetweenRounds">The last round is complete and none is under way.</param>
/// <param name="ChangedLast">Rows the last whole round had to change; null before the first has ended.</param>
/// <param name="FinishedAt">When the last whole round ended.</param>
/// <param name="Error">Why the last step failed; it is tried again.</param>
/// <param name="OldRows">Rows in the old table now.</param>
/// <param name="NewRows">Rows in the new one now.</param>
/// <param name="Groups">The quarantine, the largest group first.</param>
public sealed record BackfillReport(
    bool OldIsRight,
    bool Running,
    decimal Share,
    int Round,
    long RowsToRead,
    long RowsRead,
    long RowsWritten,
    long RowsRemoved,
    Duration Worked,
    bool BetweenRounds,
    long? ChangedLast,
    Instant? FinishedAt,
    string? Error,
    long OldRows,
    long NewRows,
    IReadOnlyList<QuarantineGroup> Groups)
{
    public long Open => Groups.Sum(g => g.Open + g.Decided);

    public long Skipped => Groups.Sum(g => g.Skipped);

    /// <summary>Every old row is in the new database, in quarantine, or left out by somebody's decision.</summary>
    public bool AddsUp => OldRows == NewRows + Open + Skipped;

    /// <summary>Nothing is left to take over: a whole round found no change, and nothing waits for a decision.</summary>
    public bool CaughtUp => ChangedLast == 0 && Open == 0 && AddsUp;

    /// <summary>Rows a second in this round; null before it can be told.</summary>
    public double? Rate => Worked.TotalSeconds > 0.5 ? RowsRead / Worked.TotalSeconds : null;

    /// <summary>How much of the round is done, up to 1.</summary>
    public double Done => BetweenRounds ? 1 : RowsToRead == 0 ? 0 : Math.Min(1, RowsRead / (double)RowsToRead);

    /// <summary>How long the rest of the round will take, pauses included.</summary>
    public Duration? Left => Rate is { } rate && !BetweenRounds
        ? Duration.FromSeconds(Math.Max(0, RowsToRead - RowsRead) / rate / (double)Share)
        : null;
}
