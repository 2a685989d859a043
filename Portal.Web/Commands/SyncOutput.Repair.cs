using Portal.Data.Replication;
using Portal.Data.Replication.Comparing;
using Portal.Web.Replication;

namespace Portal.Web.Commands;

// What repairing does, or would do.
internal sealed partial class SyncOutput
{
    public int Preview(Answer<RepairPreview> answer, bool overwrite)
    {
        if (answer.Value is not { } preview)
        {
            return CouldNot(answer.Trouble);
        }

        if (json)
        {
            Write(new SyncPreviewJson("dryRun", ReplicationWords.Sentence(preview, overwrite), preview.Total, preview.Looked, [.. preview.Rows.Select(ChangeJson.From)]));
        }
        else
        {
            output.WriteLine(ReplicationWords.Sentence(preview, overwrite));
            if (preview.Rows.Count > 0)
            {
                output.WriteLine();
                TextTable.Write(output, ["timesheet", "would be", "likely cause", "column", "now", "then"], [.. preview.Rows.SelectMany(Changes)]);
            }
        }

        // Of rows that were not looked at nobody knows.
        return preview.Writes(overwrite) == 0 && preview.Looked >= preview.Total ? ExitCodes.Done : ExitCodes.Differences;
    }

    public int Repaired(Answer<Repair> answer)
    {
        if (answer.Value is not { } repair)
        {
            return CouldNot(answer.Trouble);
        }

        if (json)
        {
            Write(SyncRepairJson.From(repair));
        }
        else
        {
            output.WriteLine(ReplicationWords.Sentence(repair));
        }

        return repair.IsComplete ? ExitCodes.Done : ExitCodes.Differences;
    }

    private static IEnumerable<string[]> Changes(FoundDifference row)
    {
        string[] head = [ReplicationWords.Whole(row.Key), ReplicationWords.Repairing(row.Kind), ReplicationWords.Name(row.Cause)];
        return row.Cells.Select((cell, index) => (string[])
        [
            .. index == 0 ? head : ["", "", ""],
            cell.Column,
            row.Kind == Difference.Missing ? "" : Visible(cell.Old),
            row.Kind == Difference.Extra ? "" : Visible(cell.New),
        ]);
    }
}
