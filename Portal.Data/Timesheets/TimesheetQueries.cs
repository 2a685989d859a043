using Microsoft.EntityFrameworkCore;
using NodaTime;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Timesheets;

/// <summary>What a worker sees of the own timesheets. Those of others answer like ones that do not exist.</summary>
public sealed class TimesheetQueries(IDbContextFactory<PortalDbContext> contexts, TimeProvider time)
{
    /// <summary>How many timesheets a page of the list shows.</summary>
    public const int PageSize = 20;

    /// <summary>
    /// The caller's timesheets, most urgent first: rejected; drafts whose shift is over; drafts still to come;
    /// submitted; approved; paid. The first three, which wait for the worker, oldest shift first; the others latest first.
    /// </summary>
    public async Task<TimesheetList> ListAsync(
        Caller caller, TimesheetState? state = null, int page = 1, CancellationToken cancellationToken = default)
    {
        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        if (caller is not { Role: AccountRole.Worker, WorkerId: { } workerId })
        {
            return new TimesheetList([], 1, 1, [], now);
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var totals = await TotalsAsync(db, workerId, cancellationToken);
        var count = totals.Where(t => state is null || t.State == state).Sum(t => t.Count);
        var pages = (int)Math.Max(1, (count + PageSize - 1) / PageSize);
        page = Math.Clamp(page, 1, pages);

        var items = await MostUrgentFirst(InState(db.Timesheets.AsNoTracking().Where(t => t.WorkerId == workerId), state), now)
            .Skip((page - 1) * PageSize)
            .Take(PageSize)
            .Select(t => new
            {
                t.Id,
                HospitalName = t.Options!.Hospital!.Name,
                t.Options.Unit,
                t.Options.Hospital.TimeZone,
                t.Options.PlannedStart,
                t.Options.PlannedEnd,
                t.Options.PlannedBreakMinutes,
                t.ClaimedStart,
                t.ClaimedEnd,
                t.ClaimedBreakMinutes,
                t.Options.HourlyRate,
                t.Options.Currency,
                t.Status,
                Paid = t.Payment != null,
                RejectionReason = t.Status == TimesheetStatus.Rejected
                    ? t.History.Where(h => h.Action == TimesheetAction.Rejected).OrderByDescending(h => h.Id).Select(h => h.Reason).FirstOrDefault()
                    : null,
            })
            .ToListAsync(cancellationToken);
        return new TimesheetList(
            [
                .. items.Select(t => new TimesheetListItem(
                    t.Id,
                    t.HospitalName,
                    t.Unit,
                    t.TimeZone,
                    Claim.From(t.PlannedStart, t.PlannedEnd, t.PlannedBreakMinutes),
                    Claim.From(t.ClaimedStart, t.ClaimedEnd, t.ClaimedBreakMinutes),
                    t.HourlyRate,
                    t.Currency,
                    t.Status,
                    t.Paid,
                    t.RejectionReason)),
            ],
            page,
            pages,
            totals,
            now);
    }

    /// <summary>One timesheet of the caller; null if there is none of this number or it is somebody else's.</summary>
    public async Task<TimesheetDetail?> GetAsync(Caller caller, long id, CancellationToken cancellationToken = default)
    {
        if (caller is not { Role: AccountRole.Worker, WorkerId: { } workerId })
        {
            return null;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await DetailAsync(db.Timesheets.Where(t => t.Id == id && t.WorkerId == workerId), cancellationToken);
    }

    /// <summary>The details of the one timesheet that is left of these.</summary>
    internal static async Task<TimesheetDetail?> DetailAsync(IQueryable<Timesheet> timesheets, CancellationToken cancellationToken)
    {
        var found = await timesheets.AsNoTracking()
            .Include(t => t.Worker)
            .Include(t => t.Options).ThenInclude(o => o!.Hospital)
            .Include(t => t.Payment)
            .Include(t => t.History.OrderBy(h => h.Id))
            .SingleOrDefaultAsync(cancellationToken);
        return found is { Options: { Hospital: { } hospital } options }
            ? new TimesheetDetail(
                found.Id,
                found.Worker?.Name ?? "",
                hospital.Name,
                options.Unit,
                hospital.TimeZone,
                options.Plan,
                found.Claim,
                options.HourlyRate,
                options.Currency,
                found.Status,
                found.SubmittedAt,
                found.Version,
                [.. found.History.Select(HistoryEntry.Of)],
                found.Payment is { } paid ? new PaidFact(paid.Amount, paid.Currency, paid.PaidAt) : null)
            : null;
    }

    private static IQueryable<Timesheet> InState(IQueryable<Timesheet> timesheets, TimesheetState? state) => state switch
    {
        TimesheetState.Rejected => timesheets.Where(t => t.Status == TimesheetStatus.Rejected),
        TimesheetState.Draft => timesheets.Where(t => t.Status == TimesheetStatus.Draft),
        TimesheetState.Submitted => timesheets.Where(t => t.Status == TimesheetStatus.Submitted),
        TimesheetState.Approved => timesheets.Where(t => t.Status == TimesheetStatus.Approved && t.Payment == null),
        TimesheetState.Paid => timesheets.Where(t => t.Payment != null),
        _ => timesheets,
    };

    private static IQueryable<Timesheet> MostUrgentFirst(IQueryable<Timesheet> timesheets, Instant now) =>
        from t in timesheets
        let urgency =
            t.Status == TimesheetStatus.Rejected ? 1
            : t.Status == TimesheetStatus.Draft ? (t.ClaimedEnd == null || t.ClaimedEnd <= now ? 2 : 3)
            : t.Status == TimesheetStatus.Submitted ? 4
            : t.Payment == null ? 5
            : 6
        orderby urgency, urgency <= 3 ? t.ClaimedStart : null, t.ClaimedStart == null, t.ClaimedStart descending, t.Id descending
        select t;

    private static async Task<List<TimesheetTotal>> TotalsAsync(PortalDbContext db, long workerId, CancellationToken cancellationToken)
    {
        // In SQL because the money of each timesheet is rounded by the same view that the old database is written from.
        var rows = await db.Database.SqlQuery<TotalRow>(
            $"""
            select m.status,
                   m.is_paid,
                   o.currency,
                   count(*) as count,
                   coalesce(sum(extract(epoch from t.claimed_end - t.claimed_start) - 60 * t.claimed_break_minutes), 0)::bigint as seconds,
                   coalesce(sum(m.amount_due), 0) as due
              from mapping.timesheet_old m
              join public.timesheet_new t on t.id = m.id
              join public.timesheet_options o on o.id = t.timesheet_options_id
             where t.worker_id = {workerId}
             group by m.status, m.is_paid, o.currency
            """).ToListAsync(cancellationToken);
        return
        [
            .. rows.Select(r => new TimesheetTotal(
                r.IsPaid ? TimesheetState.Paid : Enum.Parse<TimesheetState>(r.Status, true),
                r.Currency,
                r.Count,
                Duration.FromSeconds(r.Seconds),
                r.Due)),
        ];
    }

    private sealed record TotalRow(string Status, bool IsPaid, string Currency, long Count, long Seconds, decimal Due);
}
