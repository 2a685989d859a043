using Portal.Data.Replication;
using Portal.Web.Replication;

namespace Portal.Web.Commands;

// What `sync ... --json` writes. Described in docs/commands.md; names and words stay as they are.

internal sealed record SyncStatusJson(
    ReplicationState State, string Sentence, ReachJson OldDatabase, TriggersJson Triggers, OutboxJson Outbox, ComparisonJson? Comparison)
{
    public static SyncStatusJson From(ReplicationReport report) => new(
        report.State,
        ReplicationWords.Sentence(report),
        new(report.Old.Reachable, report.Old.Latency?.TotalMilliseconds, report.Old.Trouble?.Summary, report.Old.Trouble?.Check, report.Old.Trouble?.Code),
        new(report.Triggers.Needed.Count(), report.Triggers.Needed.Count(t => t.Fires),
            [.. report.Triggers.Silent.Select(t => new TriggerJson(t.Table, t.Name, t.State))]),
        new(report.OutboxLength),
        report.Newest is { } newest ? ComparisonJson.From(newest) : null);
}

internal sealed record ReachJson(bool Reachable, double? LatencyMs, string? Problem, string? Check, string? Code);

internal sealed record TriggersJson(int Needed, int Firing, IReadOnlyList<TriggerJson> Silent);

internal sealed record TriggerJson(string Table, string Name, TriggerState State);

internal sealed record OutboxJson(long Length);

internal sealed record ComparisonJson(
    DateTimeOffset At, double TookMs, long Compared, long Same, long Missing, long Extra, long Different)
{
    public static ComparisonJson From(ComparisonSummary summary) => new(
        summary.At.ToDateTimeOffset(), summary.Took.TotalMilliseconds,
        summary.Compared, summary.Same, summary.Missing, summary.Extra, summary.Different);
}

internal sealed record SyncCompareJson(string State, string Sentence, ComparisonJson Comparison, IReadOnlyList<RowJson> Rows);

internal sealed record RowJson(long Id, Difference Difference, IReadOnlyList<CellJson> Columns)
{
    public static RowJson From(ComparedRow row, IReadOnlyList<ComparedColumn> columns) => new(row.Id, row.Difference,
        [.. columns.Zip(row.Cells).Where(c => c.Second.Differs).Select(c => new CellJson(c.First.Name, c.Second.New, c.Second.Old))]);
}

internal sealed record CellJson(string Name, string? New, string? Old);
