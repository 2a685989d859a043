using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Data.Accounts;
using Portal.Data.Replication;
using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>The foreign servers of the new database, whether the old one answers, and whether its tables are still as they were imported.</summary>
public sealed partial class Servers(ForeignServers servers, OldSchema schema, CurrentCaller caller, IDialogService dialogs, ISnackbar snackbar, TimeProvider time)
    : LiveReportPage<ServerReport>(caller, time)
{
    protected override TimeSpan Interval => TimeSpan.FromSeconds(10);

    protected override Task<Answer<ServerReport>> Ask(Caller? by, CancellationToken cancel) => servers.List(by, cancel);

    private async Task Import(TableDrift table)
    {
        var preview = await AskAsCaller(by => schema.Preview(by, table.ForeignTable));
        if (preview.Value is not { } steps)
        {
            snackbar.Add($"{preview.Trouble?.Summary} {preview.Trouble?.Check}", Severity.Error);
            return;
        }

        await Do(new ReasonQuestion(
            $"Import {table.ForeignTable} anew?",
            "The picture becomes what the old table is now. Users go on working; who reads the picture waits a moment. The old table and the mapping stay as they are.",
            "Import",
            async reason =>
            {
                var trouble = (await AskAsCaller(by => schema.ImportAnew(by, table.ForeignTable, steps, reason))).Trouble;
                if (trouble?.Code != OldSchema.ChangedSinceShown || (await AskAsCaller(by => schema.Preview(by, table.ForeignTable))).Value is not { } stepsNow)
                {
                    return trouble;
                }

                steps = stepsNow;
                return trouble with { Check = "Above is what would be done now: read it, then press Import again. Nothing was changed." };
            },
            // Drawn again with what it would be then.
            More: builder => Preview(steps)(builder)));
    }

    private Task LeaveOut((TableDrift Table, DriftColumn Column) which)
    {
        var (table, column) = which;
        var leaveOut = column.LeftOutReason is null;
        return Do(new ReasonQuestion(
            leaveOut ? $"Leave {column.Name} out?" : $"Leave {column.Name} out no longer?",
            leaveOut
                ? $"{column.Name} is not in the picture, now and whenever {table.ForeignTable} is imported anew. The old table keeps it; the replication does not touch it."
                : $"{column.Name} counts as not imported, until {table.ForeignTable} is imported anew.",
            leaveOut ? "Leave out" : "No longer",
            async reason => (await AskAsCaller(by => schema.LeaveOut(by, table.ForeignTable, column.Name, leaveOut, reason))).Trouble));
    }

    private async Task Do(ReasonQuestion question)
    {
        if (await ReasonDialog.Ask(dialogs, question))
        {
            snackbar.Add("Done. It stands in the audit log.", Severity.Success);
        }

        await Load();
    }

    private static RenderFragment Preview(IReadOnlyList<string> steps) => builder =>
    {
        builder.OpenComponent<ImportPreview>(0);
        builder.AddComponentParameter(1, nameof(ImportPreview.Statements), steps);
        builder.CloseComponent();
    };
}
