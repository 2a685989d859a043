using Portal.Data.Replication;
using Portal.Data.Replication.Comparing;
using Portal.Web.Replication;

namespace Portal.Web.Commands;

// What comparing has found.
internal sealed partial class SyncOutput
{
    public int Comparison(Answer<ComparisonRun> answer, Answer<DifferencePage>? rows)
    {
        if (answer.Value is not { } run)
        {
            return CouldNot(answer.Trouble);
        }

        if (run.State != ComparisonState.Finished)
        {
            return CouldNot(run.Problem ?? $"Comparison {run.Id} was stopped before its end.");
        }

        var summary = ComparisonSummary.Of(run);
        if (json)
        {
            Write(new SyncCompareJson(
                summary.Differences == 0 ? "same" : "different",
                ReplicationWords.Sentence(summary),
                run.Id,
                ComparisonJson.From(summary),
                rows?.Value is { } page ? [.. page.Rows.Select(RowJson.From)] : []));
        }
        else
        {
            WriteComparison(summary, rows?.Value);
        }

        return summary.Differences == 0 ? ExitCodes.Done : ExitCodes.Differences;
    }

    private void WriteComparison(ComparisonSummary summary, DifferencePage? page)
    {
        output.WriteLine(ReplicationWords.Sentence(summary));
        output.WriteLine();
        Count("Same in both", summary.Same);
        Count("Missing in the old database", summary.Missing);
        Count("Only in the old database", summary.Extra);
        Count("Different values", summary.Different);
        if (page is { Rows.Count: > 0 })
        {
            output.WriteLine();
            TextTable.Write(output, ["timesheet", "difference", "column", "new", "old"], [.. page.Rows.SelectMany(Lines)]);
            if (page.HasLater)
            {
                output.WriteLine("There are more; --limit lists them.");
            }
        }

        void Count(string label, long count) => output.WriteLine($"{label,-30}{ReplicationWords.Number(count),12}");
    }

    private static IEnumerable<string[]> Lines(FoundDifference row)
    {
        string[] head = [ReplicationWords.Whole(row.Key), ReplicationWords.Name(row.Kind)];
        return row.Kind != Difference.Different
            ? [[.. head, "", "", ""]]
            : row.Cells.Select((cell, index) => (string[])[.. index == 0 ? head : ["", ""], cell.Column, Visible(cell.New), Visible(cell.Old)]);
    }

    // Quotes where one would not see what is there.
    private static string Visible(string? value) =>
        value is null ? "null" : value.Length == 0 || value.Trim().Length != value.Length ? $"\"{value}\"" : value;
}
