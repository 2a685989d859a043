using Portal.Data.Replication;
using Portal.Data.Replication.Backfill;
using Portal.Web.Replication;

namespace Portal.Web.Commands;

internal sealed partial class SyncOutput
{
    public int Backfill(Answer<BackfillReport> answer, bool dryRun)
    {
        if (answer.Value is not { } report)
        {
            return CouldNot(answer.Trouble);
        }

        var sentence = dryRun ? $"Nothing was changed. It would be: {BackfillWords.Sum(report)}." : BackfillWords.Sentence(report);
        if (json)
        {
            Write(BackfillJson.From(report, sentence, dryRun));
        }
        else
        {
            output.WriteLine(sentence);
            if (!dryRun)
            {
                output.WriteLine($"{BackfillWords.Sum(report)}.");
            }

            foreach (var group in report.Groups.Where(g => g.Open > 0))
            {
                output.WriteLine($"  {ReplicationWords.Rows(group.Open)}: {BackfillWords.Reasons(group.Reasons)}");
            }
        }

        return !report.OldIsRight ? ExitCodes.CouldNot : report.CaughtUp || (dryRun && report.Open == 0 && report.AddsUp) ? ExitCodes.Done : ExitCodes.Differences;
    }

    private sealed record BackfillJson(
        string State, string Sentence, bool DryRun, long OldRows, long NewRows, long Quarantined, long Skipped, bool AddsUp,
        long RowsRead, long RowsWritten, long RowsRemoved, double Seconds, IReadOnlyList<QuarantineJson> Quarantine)
    {
        public static BackfillJson From(BackfillReport report, string sentence, bool dryRun) => new(
            !report.OldIsRight ? "over" : report.CaughtUp ? "caughtUp" : report.Open > 0 ? "quarantine" : "following",
            sentence, dryRun, report.OldRows, report.NewRows, report.Open, report.Skipped, report.AddsUp,
            report.RowsRead, report.RowsWritten, report.RowsRemoved, Math.Round(report.Worked.TotalSeconds, 3),
            [.. report.Groups.Select(g => new QuarantineJson(g.Reasons, g.Open, g.Decided, g.Skipped, g.Taken))]);
    }

    private sealed record QuarantineJson(IReadOnlyList<string> Reasons, long Open, long Decided, long Skipped, long Taken);
}
