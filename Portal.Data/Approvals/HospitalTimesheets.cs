using Microsoft.EntityFrameworkCore;
using Portal.Data.Accounts;
using Portal.Data.Databases;
using Portal.Data.Timesheets;

namespace Portal.Data.Approvals;

/// <summary>
/// The timesheets that hospital staff may see, and how a row of them is read. Every query of this feature and of the
/// payments begins with <see cref="Of"/>, so that what belongs to other hospitals does not exist for them.
/// </summary>
internal static class HospitalTimesheets
{
    /// <summary>A timesheet with what it refers to.</summary>
    internal sealed class Joined
    {
        public required Timesheet Timesheet { get; init; }

        public required TimesheetOptions Options { get; init; }

        public required Hospital Hospital { get; init; }

        public required Worker Worker { get; init; }
    }

    /// <summary>The hospitals the caller acts for; none unless the caller is hospital staff.</summary>
    public static long[] Hospitals(Caller caller) =>
        caller.Role == AccountRole.HospitalStaff ? [.. caller.HospitalIds] : [];

    /// <summary>All timesheets of the caller's hospitals.</summary>
    public static IQueryable<Joined> Of(PortalDbContext db, Caller caller)
    {
        var hospitals = Hospitals(caller);
        return from timesheet in db.Timesheets.AsNoTracking()
               join options in db.TimesheetOptions on timesheet.TimesheetOptionsId equals options.Id
               join hospital in db.Hospitals on options.HospitalId equals hospital.Id
               join worker in db.Workers on timesheet.WorkerId equals worker.Id
               where hospitals.Contains(hospital.Id)
               select new Joined { Timesheet = timesheet, Options = options, Hospital = hospital, Worker = worker };
    }

    public static IQueryable<Joined> Matching(this IQueryable<Joined> rows, ApprovalFilter filter)
    {
        if (filter.HospitalId is { } hospital)
        {
            rows = rows.Where(r => r.Hospital.Id == hospital);
        }

        if (filter.Hours is { } hours)
        {
            var asPlanned = hours == HoursFilter.AsPlanned;
            rows = rows.Where(r => asPlanned == (
                r.Options.PlannedStart != null
                && r.Timesheet.ClaimedStart == r.Options.PlannedStart
                && r.Timesheet.ClaimedEnd == r.Options.PlannedEnd
                && r.Timesheet.ClaimedBreakMinutes == r.Options.PlannedBreakMinutes));
        }

        // PostgreSQL takes no zero character in a text.
        var name = filter.Worker?.Replace("\0", "", StringComparison.Ordinal).Trim();
        if (!string.IsNullOrEmpty(name))
        {
            var pattern = $"%{Escape(name)}%";
            rows = rows.Where(r => EF.Functions.ILike(r.Worker.Name, pattern, "\\"));
        }

        return rows;
    }

    /// <summary>Approved and not yet paid.</summary>
    public static IQueryable<Joined> Unpaid(PortalDbContext db, Caller caller) =>
        Of(db, caller).Where(r => r.Timesheet.Status == TimesheetStatus.Approved
            && !db.Payments.Any(p => p.TimesheetId == r.Timesheet.Id));

    /// <summary>In the order of the queue: what was submitted first comes first.</summary>
    public static IOrderedQueryable<Joined> InQueueOrder(this IQueryable<Joined> rows) =>
        rows.OrderBy(r => r.Timesheet.SubmittedAt).ThenBy(r => r.Timesheet.Id);

    /// <summary>
    /// The rows with the last decision on each and its payment. Those come by queries of their own: as part of the
    /// first one they would be numbered over the whole history (row_number) before a page is cut out of it.
    /// </summary>
    public static async Task<List<ApprovalRow>> ReadRows(
        this IQueryable<Joined> joined, PortalDbContext db, Caller caller, CancellationToken cancel)
    {
        var rows = await joined.Select(r => new ApprovalRow
        {
            Id = r.Timesheet.Id,
            Version = r.Timesheet.Version,
            Status = r.Timesheet.Status,
            Worker = r.Worker.Name,
            Hospital = r.Hospital.Name,
            TimeZone = r.Hospital.TimeZone,
            Unit = r.Options.Unit,
            Planned = Claim.From(r.Options.PlannedStart, r.Options.PlannedEnd, r.Options.PlannedBreakMinutes),
            Claimed = Claim.From(r.Timesheet.ClaimedStart, r.Timesheet.ClaimedEnd, r.Timesheet.ClaimedBreakMinutes),
            HourlyRate = r.Options.HourlyRate,
            Currency = r.Options.Currency,
            SubmittedAt = r.Timesheet.SubmittedAt,
            IsOwn = r.Timesheet.WorkerId == caller.WorkerId,
            WorkerReason = db.TimesheetHistory
                .Where(h => h.TimesheetId == r.Timesheet.Id && h.Reason != null
                    && (h.Action == TimesheetAction.Amended || h.Action == TimesheetAction.Submitted))
                .OrderByDescending(h => h.Id).Select(h => h.Reason).FirstOrDefault(),
        }).ToListAsync(cancel);

        long[] ids = [.. rows.Select(r => r.Id)];
        // The history last: whatever was seen done before it is read is in it, with who did it.
        var payments = await db.Payments.AsNoTracking().Where(p => ids.Contains(p.TimesheetId))
            .ToDictionaryAsync(p => p.TimesheetId, cancel);
        var acts = await db.TimesheetHistory.AsNoTracking()
            .Where(h => ids.Contains(h.TimesheetId)
                && (h.Action == TimesheetAction.Approved || h.Action == TimesheetAction.Rejected || h.Action == TimesheetAction.Paid))
            .OrderBy(h => h.Id).ToListAsync(cancel);
        var decisions = Last(acts.Where(h => h.Action != TimesheetAction.Paid));
        var payers = Last(acts.Where(h => h.Action == TimesheetAction.Paid));
        return
        [
            .. rows.Select(row => row with
            {
                Decision = decisions.GetValueOrDefault(row.Id) is { } made
                    ? new DecisionMade(made.ToStatus, made.AccountId, made.AccountName, made.HappenedAt, made.Reason)
                    : null,
                Payment = payments.GetValueOrDefault(row.Id) is { } paid
                    ? new PaymentMade(paid.Amount, paid.Currency, paid.PaidAt, payers.GetValueOrDefault(row.Id)?.AccountName)
                    : null,
            }),
        ];
    }

    private static Dictionary<long, TimesheetHistory> Last(IEnumerable<TimesheetHistory> entries) =>
        entries.GroupBy(h => h.TimesheetId).ToDictionary(g => g.Key, g => g.Last());

    /// <summary>One page of rows; reads one row more than it shows, to know whether there is a next page.</summary>
    public static async Task<RowPage<ApprovalRow>> ReadPage(
        this IQueryable<Joined> ordered, PortalDbContext db, Caller caller, int page, CancellationToken cancel)
    {
        // Cut before the projection: what a row looks up is looked up for the rows of the page only.
        var number = Math.Clamp(page, 1, 100_000);
        var rows = await ordered.Skip((number - 1) * RowPage<ApprovalRow>.Size).Take(RowPage<ApprovalRow>.Size + 1)
            .ReadRows(db, caller, cancel);
        return new RowPage<ApprovalRow>(
            [.. rows.Take(RowPage<ApprovalRow>.Size)], number, rows.Count > RowPage<ApprovalRow>.Size);
    }

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("%", "\\%", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal);
}
