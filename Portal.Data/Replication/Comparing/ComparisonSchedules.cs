using System.Text.Json;
using Cronos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Extensions;
using Npgsql;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Comparing;

/// <summary>When comparisons begin by themselves.</summary>
/// <param name="Cron">Minute, hour, day of month, month and day of week, in UTC.</param>
/// <param name="MaxShare">Part of the time in which they may work.</param>
/// <param name="Account">Who made it.</param>
/// <param name="Next">When the next one begins; null when none will.</param>
public sealed record ComparisonSchedule(string Mapping, string Cron, bool Enabled, double MaxShare, string Account, Instant? Next);

/// <summary>The schedule of comparisons; null when there is none.</summary>
public sealed record ScheduleReport(ComparisonSchedule? Schedule);

/// <summary>Keeps the schedules, and begins what is due.</summary>
public sealed class ComparisonSchedules(
    ComparisonStore store,
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    TimeProvider time,
    ILogger<ComparisonSchedules> log)
{
    /// <summary>Whether an expression can be used.</summary>
    public static bool IsValid(string? cron) => CronExpression.TryParse(cron ?? "", out _);

    /// <summary>The next times after now, for a person to see what an expression means.</summary>
    public IReadOnlyList<Instant> Upcoming(string cron, int count)
    {
        if (!CronExpression.TryParse(cron, out var times))
        {
            return [];
        }

        List<Instant> upcoming = [];
        for (var after = time.GetUtcNow().UtcDateTime; upcoming.Count < count && times.GetNextOccurrence(after) is { } next; after = next)
        {
            upcoming.Add(Instant.FromDateTimeUtc(next));
        }

        return upcoming;
    }

    internal async Task<ComparisonSchedule?> Current(CancellationToken cancel) =>
        (await All(cancel)).Select(s => s.Schedule).FirstOrDefault(s => s.Mapping == ComparedTable.Timesheets);

    /// <summary>Says when comparisons begin by themselves.</summary>
    /// <param name="cron">An expression that <see cref="IsValid"/>.</param>
    /// <param name="seen">The schedule as it was shown, null for none: one that somebody has changed since is left as it is.</param>
    public Task<Answer<ScheduleReport>> Set(
        Caller? caller, string cron, bool enabled, double maxShare, ComparisonSchedule? seen, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            CronExpression.Parse(cron);
            var shown = seen is null ? null : JsonSerializer.Serialize(new { cron = seen.Cron, enabled = seen.Enabled, max_share = (float)seen.MaxShare });
            var done = await newDatabase.Scalar<bool>("select replication.schedule_comparison($1, $2, $3, $4, $5, $6::jsonb)", cancel,
                ComparedTable.Timesheets, cron, enabled, (float)maxShare, caller?.Name ?? "", shown);
            return done is true
                ? (Answer<ScheduleReport>)new ScheduleReport(await AdminOnly.AfterChange(() => Current(cancel)))
                : Changed(await Current(cancel));
        });

    /// <summary>Begins those whose time has come; of several portals one does. While one is paused it stays due, and begins when that goes on or is stopped.</summary>
    internal async Task BeginDue(CancellationToken cancel)
    {
        var now = time.GetUtcNow().ToInstant();
        foreach (var (schedule, dueAfter) in await All(cancel))
        {
            if (schedule.Next <= now && await newDatabase.Scalar<bool>("""
                    update replication.comparison_schedule s set due_after = $3
                     where s.mapping = $1 and s.due_after = $2 and s.enabled
                       and not exists (select from replication.comparison c where c.mapping = s.mapping and c.state = 'paused')
                    returning true
                    """, cancel, schedule.Mapping, dueAfter, now) is true)
            {
                await store.Start(schedule.Mapping, schedule.Account, ComparisonOrigin.Schedule,
                    ComparisonLoad.Full with { MaxShare = schedule.MaxShare }, cancel);
            }
        }
    }

    private static Trouble Changed(ComparisonSchedule? current) => new(
        TroubleKind.NewDatabase,
        current is null ? "Meanwhile the schedule was taken away." : $"Meanwhile {current.Account} has set it to {current.Cron}, {(current.Enabled ? "on" : "off")}.",
        "What you typed is still there: save it again to put it in place of that.");

    private Task<List<(ComparisonSchedule Schedule, Instant DueAfter)>> All(CancellationToken cancel) =>
        newDatabase.Rows("select mapping, cron, enabled, max_share, account, due_after from replication.comparison_schedule order by mapping", r =>
        {
            var (cron, enabled, dueAfter) = (r.GetString(1), r.GetBoolean(2), r.GetFieldValue<Instant>(5));
            Instant? next = enabled && CronExpression.TryParse(cron, out var times) && times.GetNextOccurrence(dueAfter.ToDateTimeUtc()) is { } at
                ? Instant.FromDateTimeUtc(at)
                : null;
            return (new ComparisonSchedule(r.GetString(0), cron, enabled, r.GetFloat(3), r.GetString(4), next), dueAfter);
        }, cancel);
}
