using System.Globalization;
using CsvHelper;
using Portal.Data.Replication;
using Portal.Data.Replication.Comparing;

namespace Portal.Web.Replication;

/// <summary>What a comparison found, as a file: a line for each cell, written while it is read.</summary>
internal static class ComparisonCsv
{
    // A spreadsheet must not take a text for a formula; numbers may be negative.
    private static readonly CsvWriterOptions Format = new() { Injection = CsvInjection.Escape, InjectionCharacters = "=@\t\r", NullValue = "null" };

    public static WebApplication MapComparisonCsv(this WebApplication app)
    {
        app.MapGet("/replication/comparison/{id:long}.csv", Write).RequireAuthorization(policy => policy.RequireRole(nameof(Data.Accounts.AccountRole.Admin)));
        return app;
    }

    private static async Task Write(
        long id, string? kind, string? cause, HttpContext http, Accounts.CurrentCaller caller, ComparisonRuns runs, CancellationToken cancel)
    {
        if ((await runs.Read(await caller.OfAsync(http.User), id, cancel)).Value is null)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        http.Response.ContentType = "text/csv; charset=utf-8";
        http.Response.Headers.ContentDisposition = $"attachment; filename=comparison-{id.ToString(CultureInfo.InvariantCulture)}.csv";
        await using var csv = CsvWriter.Create(http.Response.Body, Format, leaveOpen: true);
        await csv.WriteRecordAsync(["timesheet", "difference", "likely cause", "column", "new", "old", "found at"], cancel);
        var filter = new DifferenceFilter(
            Enum.TryParse<Difference>(kind, ignoreCase: true, out var only) ? only : null,
            Enum.TryParse<DifferenceCause>(cause, ignoreCase: true, out var because) ? because : null);
        await foreach (var row in runs.AllDifferences(id, filter, cancel))
        {
            foreach (var cell in row.Cells)
            {
                await csv.WriteRecordAsync(
                    [ReplicationWords.Whole(row.Key), ReplicationWords.Name(row.Kind), ReplicationWords.Name(row.Cause), cell.Column, cell.New, cell.Old, row.FoundAt.ToString()],
                    cancel);
            }
        }
    }
}
