using NodaTime;
using Portal.Data.Replication.Comparing;

namespace Portal.Data.Replication;

/// <summary>How an old row stands to what the mapping shows.</summary>
public enum Difference
{
    /// <summary>Equal in every column.</summary>
    Same,

    /// <summary>Not in the old database.</summary>
    Missing,

    /// <summary>Only in the old database.</summary>
    Extra,

    /// <summary>In both, with at least one column that differs.</summary>
    Different,
}

/// <summary>Which rows to look at; what is null does not narrow it.</summary>
/// <param name="WorkerName">A part of the worker's name in either database, in any case.</param>
/// <param name="HospitalName">A part of the hospital's name in either database, in any case.</param>
public sealed record RowFilter(
    long? Id = null,
    long? WorkerId = null,
    string? WorkerName = null,
    long? HospitalId = null,
    string? HospitalName = null,
    bool OnlyDifferences = false);

/// <summary>Where a page of rows begins: after one id, or before one.</summary>
public sealed record PageKey(long? After = null, long? Before = null);

/// <summary>A column that both databases have.</summary>
/// <param name="Name">Its name in the old table.</param>
/// <param name="IsNumber">Whether its values are numbers, which are read from the right.</param>
public sealed record ComparedColumn(string Name, bool IsNumber);

/// <summary>The two values of one column, as PostgreSQL writes them; null is null.</summary>
public sealed record ComparedCell(string? New, string? Old, bool Differs);

/// <summary>A timesheet in both databases.</summary>
/// <param name="Cells">One for each of the page's columns, in their order.</param>
public sealed record ComparedRow(long Id, Difference Difference, IReadOnlyList<ComparedCell> Cells)
{
    public bool InNew => Difference != Difference.Extra;

    public bool InOld => Difference != Difference.Missing;
}

/// <summary>Some rows in order of id.</summary>
/// <param name="HasEarlier">Whether rows come before the first.</param>
/// <param name="HasLater">Whether rows come after the last.</param>
public sealed record ComparedPage(
    IReadOnlyList<ComparedColumn> Columns, IReadOnlyList<ComparedRow> Rows, bool HasEarlier, bool HasLater);

/// <summary>The result of comparing all rows.</summary>
/// <param name="StartedAt">When it was begun: what was committed before counts.</param>
/// <param name="At">When it was finished.</param>
/// <param name="Took">How long it was worked on, rests left out.</param>
/// <param name="Compared">Rows looked at: the ids that either database has.</param>
/// <param name="Missing">Not in the old database.</param>
/// <param name="Extra">Only in the old database.</param>
/// <param name="Different">In both, and not equal.</param>
public sealed record ComparisonSummary(Instant StartedAt, Instant At, TimeSpan Took, long Compared, long Missing, long Extra, long Different)
{
    public long Differences => Missing + Extra + Different;

    public long Same => Compared - Differences;

    /// <summary>The result of one that is finished.</summary>
    public static ComparisonSummary Of(ComparisonRun run) =>
        new(run.StartedAt, run.FinishedAt ?? run.StartedAt, run.Worked, run.Compared - run.LeftOut, run.Missing, run.Extra, run.Different);
}
