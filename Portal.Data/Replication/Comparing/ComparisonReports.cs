using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Comparing;

/// <summary>All that the page of comparisons shows.</summary>
/// <param name="Runs">The newest first.</param>
/// <param name="UnderWay">Those that are not over, the newest first, however many have been made since.</param>
/// <param name="Shown">The one whose differences are shown; null when there is none.</param>
/// <param name="Differences">A page of what it found.</param>
/// <param name="Repairs">The newest first.</param>
public sealed record ComparisonReport(
    IReadOnlyList<ComparisonRun> Runs,
    IReadOnlyList<ComparisonRun> UnderWay,
    ComparisonRun? Shown,
    DifferencePage? Differences,
    ComparisonSchedule? Schedule,
    IReadOnlyList<Repair> Repairs)
{
    /// <summary>One that is under way, or paused.</summary>
    public ComparisonRun? Open => UnderWay is [var newest, ..] ? newest : null;

    /// <summary>One that is paused: the schedule waits for it.</summary>
    public ComparisonRun? Paused => UnderWay.FirstOrDefault(r => r.State == ComparisonState.Paused);
}

/// <summary>Something that was done to a timesheet, for whom looks for the cause of a difference.</summary>
public sealed record PastEvent(Instant At, string By, string Action, string? From, string To);

/// <summary>What was done to a timesheet, the latest first.</summary>
public sealed record PastEvents(IReadOnlyList<PastEvent> Events);

/// <summary>Reads what the page of comparisons shows, in one go.</summary>
public sealed class ComparisonReports(
    ComparisonStore comparisons,
    ComparisonSchedules schedules,
    RepairStore repairs,
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    [FromKeyedServices(DatabaseNames.Old)] NpgsqlDataSource oldDatabase,
    ILogger<ComparisonReports> log)
{
    private const int RunsShown = 10;
    private const int RepairsShown = 5;
    private const int EventsShown = 20;

    /// <param name="id">The comparison to show; null: the newest.</param>
    public Task<Answer<ComparisonReport>> Read(Caller? caller, long? id, DifferenceFilter filter, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            await newDatabase.NeedOldDatabase(cancel);
            var runs = await comparisons.List(RunsShown, cancel);
            var shown = id is { } wanted ? await comparisons.Read(wanted, cancel) : runs.FirstOrDefault();
            return new ComparisonReport(
                runs, await comparisons.UnderWay(cancel), shown, shown is null ? null : await Differences(shown, filter, cancel),
                await schedules.Current(cancel), await repairs.List(RepairsShown, cancel));
        });

    /// <summary>What was done to a timesheet.</summary>
    public Task<Answer<PastEvents>> History(Caller? caller, long timesheet, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () => new PastEvents(await newDatabase.Rows(
            "select happened_at, account_name, action, from_status, to_status from timesheet_history where timesheet_id = $1 order by id desc limit $2",
            r => new PastEvent(r.GetFieldValue<Instant>(0), r.GetString(1), r.GetString(2), r.TextOrNull(3), r.GetString(4)),
            cancel, timesheet, EventsShown)));

    private async Task<DifferencePage> Differences(ComparisonRun run, DifferenceFilter filter, CancellationToken cancel)
    {
        var columns = (await ComparedTable.Read(run.Mapping, newDatabase, oldDatabase, cancel)).Columns;
        return await comparisons.Page(run.Id, filter, columns, ComparisonRuns.PageSize, cancel);
    }
}
