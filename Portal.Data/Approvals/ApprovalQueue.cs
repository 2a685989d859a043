using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore;
using Portal.Data.Accounts;
using Portal.Data.Databases;
using Portal.Data.Timesheets;

namespace Portal.Data.Approvals;

/// <summary>What hospital staff look at: what waits for them, what they decided, and one timesheet in full.</summary>
[SuppressMessage("Naming", "CA1711", Justification = "The queue is what the hospital calls it; no collection is meant.")]
public sealed class ApprovalQueue(IDbContextFactory<PortalDbContext> contexts)
{
    /// <summary>At most so many timesheets are approved by one press.</summary>
    public const int BulkLimit = 200;

    /// <summary>Submitted timesheets, the oldest submission first.</summary>
    public async Task<RowPage<ApprovalRow>> Waiting(Caller caller, ApprovalFilter filter, int page, CancellationToken cancel = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await Waiting(db, caller, filter).InQueueOrder().ReadPage(db, caller, page, cancel);
    }

    /// <summary>The first waiting timesheets that may be approved together, <see cref="BulkLimit"/> at most.</summary>
    public async Task<IReadOnlyList<ApprovalRow>> WaitingAsPlanned(Caller caller, ApprovalFilter filter, CancellationToken cancel = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await Waiting(db, caller, filter with { Hours = HoursFilter.AsPlanned })
            .Where(r => caller.WorkerId == null || r.Timesheet.WorkerId != caller.WorkerId)
            .InQueueOrder().Take(BulkLimit).ReadRows(db, caller, cancel);
    }

    /// <summary>Decided and paid timesheets, the latest first.</summary>
    public async Task<RowPage<ApprovalRow>> Decided(Caller caller, ApprovalFilter filter, int page, CancellationToken cancel = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var rows = HospitalTimesheets.Of(db, caller).Matching(filter);
        rows = filter.Outcome switch
        {
            OutcomeFilter.Approved => rows.Where(r => r.Timesheet.Status == TimesheetStatus.Approved),
            OutcomeFilter.Rejected => rows.Where(r => r.Timesheet.Status == TimesheetStatus.Rejected),
            OutcomeFilter.Paid => rows.Where(r => db.Payments.Any(p => p.TimesheetId == r.Timesheet.Id)),
            _ => rows.Where(r => r.Timesheet.Status == TimesheetStatus.Approved || r.Timesheet.Status == TimesheetStatus.Rejected),
        };

        // Begins with the history, in the order of its index: however much was ever decided, only its end is read.
        var lastFirst =
            from entry in db.TimesheetHistory
            where (entry.Action == TimesheetAction.Approved || entry.Action == TimesheetAction.Rejected || entry.Action == TimesheetAction.Paid)
                && !db.TimesheetHistory.Any(later => later.TimesheetId == entry.TimesheetId && later.Id > entry.Id
                    && (later.Action == TimesheetAction.Approved || later.Action == TimesheetAction.Rejected || later.Action == TimesheetAction.Paid))
            join row in rows on entry.TimesheetId equals row.Timesheet.Id
            orderby entry.HappenedAt descending, entry.Id descending
            select row;
        return await lastFirst.ReadPage(db, caller, page, cancel);
    }

    /// <summary>One timesheet with its history; null when the caller's hospitals have none of this number.</summary>
    public async Task<ApprovalDetail?> Find(Caller caller, long id, CancellationToken cancel = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var row = (await HospitalTimesheets.Of(db, caller)
            .Where(r => r.Timesheet.Id == id
                // A draft is the worker's own affair until it is submitted; once it was, the hospital keeps seeing it.
                && (r.Timesheet.Status != TimesheetStatus.Draft || r.Timesheet.SubmittedAt != null))
            .ReadRows(db, caller, cancel)).SingleOrDefault();
        if (row is null)
        {
            return null;
        }

        var history = await db.TimesheetHistory.Where(h => h.TimesheetId == id).OrderBy(h => h.Id)
            .Select(h => HistoryEntry.Of(h)).ToListAsync(cancel);
        return new ApprovalDetail(row, history);
    }

    /// <summary>The waiting timesheets before and after this one, which need not wait itself any more.</summary>
    public async Task<QueuePlace> Place(Caller caller, ApprovalFilter filter, ApprovalRow here, CancellationToken cancel = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var (id, at) = (here.Id, here.SubmittedAt);
        // Those without a time of submission stand at the end.
        var before = Waiting(db, caller, filter).Where(r =>
            (r.Timesheet.SubmittedAt == at && r.Timesheet.Id < id) || r.Timesheet.SubmittedAt < at || (at == null && r.Timesheet.SubmittedAt != null));
        var after = Waiting(db, caller, filter).Where(r =>
            (r.Timesheet.SubmittedAt == at && r.Timesheet.Id > id) || r.Timesheet.SubmittedAt > at || (at != null && r.Timesheet.SubmittedAt == null));
        return new QueuePlace(
            await before.OrderByDescending(r => r.Timesheet.SubmittedAt == null).ThenByDescending(r => r.Timesheet.SubmittedAt)
                .ThenByDescending(r => r.Timesheet.Id).Select(r => (long?)r.Timesheet.Id).FirstOrDefaultAsync(cancel),
            await after.InQueueOrder().Select(r => (long?)r.Timesheet.Id).FirstOrDefaultAsync(cancel));
    }

    /// <summary>How much waits in all of the caller's hospitals.</summary>
    public async Task<ApprovalCounts> Count(Caller caller, CancellationToken cancel = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return new ApprovalCounts(
            await Waiting(db, caller, new ApprovalFilter()).CountAsync(cancel),
            await HospitalTimesheets.Unpaid(db, caller).CountAsync(cancel));
    }

    /// <summary>The caller's hospitals by name.</summary>
    public async Task<IReadOnlyList<HospitalChoice>> Hospitals(Caller caller, CancellationToken cancel = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var ids = HospitalTimesheets.Hospitals(caller);
        return await db.Hospitals.Where(h => ids.Contains(h.Id)).OrderBy(h => h.Name)
            .Select(h => new HospitalChoice(h.Id, h.Name)).ToListAsync(cancel);
    }

    private static IQueryable<HospitalTimesheets.Joined> Waiting(PortalDbContext db, Caller caller, ApprovalFilter filter) =>
        HospitalTimesheets.Of(db, caller).Where(r => r.Timesheet.Status == TimesheetStatus.Submitted).Matching(filter);
}
