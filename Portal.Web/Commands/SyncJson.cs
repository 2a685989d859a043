using Portal.Data.Replication;
using Portal.Data.Replication.Comparing;
using Portal.Web.Replication;

namespace Portal.Web.Commands;

// What `sync ... --json` writes. Described in docs/commands.md; names and words stay as they are.

internal sealed record SyncStatusJson(
    ReplicationState State,
    string Sentence,
    ReplicationMode Mode,
    ReachJson OldDatabase,
    BreakerJson Breaker,
    TriggersJson Triggers,
    OutboxJson Outbox,
    SetAsideJson SetAside,
    ErrorJson? LastError,
    VerificationJson? LastVerification,
    RatesJson? Rates,
    ComparisonJson? Comparison,
    double? VisibleAfterMs)
{
    public static SyncStatusJson From(ReplicationReport report, Rates? rates) => new(
        report.State,
        ReplicationWords.Sentence(report),
        report.Outbox.Mode,
        new(report.Old.Reachable, report.Old.Latency?.TotalMilliseconds, report.Old.Trouble?.Summary, report.Old.Trouble?.Check, report.Old.Trouble?.Code),
        new(report.Outbox.BreakerOpen ? "open" : "closed", report.Outbox.BreakerSince.ToDateTimeOffset()),
        new(report.Triggers.Needed.Count(), report.Triggers.Needed.Count(t => t.Fires),
            [.. report.Triggers.Silent.Select(t => new TriggerJson(t.ShownTable, t.Name, t.State))]),
        new(report.Outbox.OutboxKeys, report.Outbox.OldestAge?.TotalMilliseconds),
        new(report.Outbox.SetAside,
            [.. report.SetAside.Select(r => new SetAsideRowJson(r.Mapping, r.Key, r.Code, r.Message, r.Attempts, r.NextAttemptAt.ToDateTimeOffset()))]),
        report.Outbox is { ErrorCode: { } code, ErrorAt: { } failed }
            ? new(code, report.Outbox.ErrorMessage ?? "", failed.ToDateTimeOffset())
            : null,
        report.Outbox.VerifiedAt is { } verified ? new(verified.ToDateTimeOffset(), report.Outbox.VerifiedDifferences ?? 0) : null,
        rates is null ? null : new(rates.Over.TotalMilliseconds, rates.Changed, rates.Written),
        report.Newest is { } newest ? ComparisonJson.From(newest) : null,
        report.Outbox.VisibleAfter?.TotalMilliseconds);
}

internal sealed record ReachJson(bool Reachable, double? LatencyMs, string? Problem, string? Check, string? Code);

internal sealed record TriggersJson(int Needed, int Firing, IReadOnlyList<TriggerJson> Silent);

internal sealed record TriggerJson(string Table, string Name, TriggerState State);

internal sealed record BreakerJson(string State, DateTimeOffset Since);

internal sealed record OutboxJson(long Length, double? OldestAgeMs);

internal sealed record SetAsideJson(long Count, IReadOnlyList<SetAsideRowJson> Rows);

internal sealed record SetAsideRowJson(string Mapping, long Key, string Code, string Message, int Attempts, DateTimeOffset NextAttemptAt);

internal sealed record ErrorJson(string Code, string Message, DateTimeOffset At);

internal sealed record VerificationJson(DateTimeOffset At, long Differences);

internal sealed record RatesJson(double OverMs, double ChangedPerSecond, double? WrittenPerSecond);

internal sealed record ComparisonJson(
    DateTimeOffset At, double TookMs, long Compared, long Same, long Missing, long Extra, long Different)
{
    public static ComparisonJson From(ComparisonSummary summary) => new(
        summary.At.ToDateTimeOffset(), summary.Took.TotalMilliseconds,
        summary.Compared, summary.Same, summary.Missing, summary.Extra, summary.Different);
}

internal sealed record SyncCompareJson(string State, string Sentence, long Run, ComparisonJson Comparison, IReadOnlyList<RowJson> Rows);

internal sealed record RowJson(long Id, Difference Difference, DifferenceCause Cause, IReadOnlyList<CellJson> Columns)
{
    // Of a row that only one side has, every column would differ.
    public static RowJson From(FoundDifference row) => new(row.Key, row.Kind, row.Cause,
        row.Kind == Difference.Different ? [.. row.Cells.Select(c => new CellJson(c.Column, c.New, c.Old))] : []);
}

internal sealed record CellJson(string Name, string? New, string? Old);

internal sealed record SyncPreviewJson(string State, string Sentence, long Rows, int Looked, IReadOnlyList<ChangeJson> Changes);

internal sealed record ChangeJson(long Id, Difference Difference, DifferenceCause Cause, IReadOnlyList<CellJson> Columns)
{
    public static ChangeJson From(FoundDifference row) => new(row.Key, row.Kind, row.Cause, [.. row.Cells.Select(c => new CellJson(c.Column, c.New, c.Old))]);
}

internal sealed record SyncRepairJson(
    RepairState State, string Sentence, long Repair, long Rows, long Repaired, long Same, long Waiting, long Refused, long Kept)
{
    public static SyncRepairJson From(Repair repair) => new(
        repair.State, ReplicationWords.Sentence(repair), repair.Id, repair.Rows,
        repair.Count(RepairOutcome.Repaired), repair.Count(RepairOutcome.Same), repair.Count(RepairOutcome.Waiting),
        repair.Count(RepairOutcome.Refused), repair.Count(RepairOutcome.Kept));
}
