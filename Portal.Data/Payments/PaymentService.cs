using Microsoft.EntityFrameworkCore;
using NodaTime;
using Npgsql;
using Portal.Data.Accounts;
using Portal.Data.Approvals;
using Portal.Data.Databases;
using Portal.Data.Timesheets;

namespace Portal.Data.Payments;

/// <summary>Records what was paid. A timesheet is paid at most once and stays approved.</summary>
public sealed class PaymentService(IDbContextFactory<PortalDbContext> contexts, TimeProvider time)
{
    /// <summary>Approved timesheets that are not paid, the oldest submission first.</summary>
    public async Task<RowPage<ApprovalRow>> Due(Caller caller, ApprovalFilter filter, int page, CancellationToken cancel = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await HospitalTimesheets.Unpaid(db, caller).Matching(filter).InQueueOrder().ReadPage(db, caller, page, cancel);
    }

    /// <summary>Paid timesheets, the latest payment first.</summary>
    public async Task<RowPage<ApprovalRow>> Paid(Caller caller, ApprovalFilter filter, int page, CancellationToken cancel = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var latestFirst =
            from payment in db.Payments
            join row in HospitalTimesheets.Of(db, caller).Matching(filter) on payment.TimesheetId equals row.Timesheet.Id
            orderby payment.PaidAt descending, payment.Id descending
            select row;
        return await latestFirst.ReadPage(db, caller, page, cancel);
    }

    /// <summary>Records that these were paid what <see cref="Pay"/> says. One that cannot be paid does not hold up the others.</summary>
    public async Task<IReadOnlyList<RowPayment>> MarkPaid(Caller caller, IReadOnlyCollection<long> ids, CancellationToken cancel = default)
    {
        var results = new List<RowPayment>(ids.Count);
        foreach (var id in ids.Distinct())
        {
            results.Add(new RowPayment(id, await MarkPaid(caller, id, cancel)));
        }

        return results;
    }

    private async Task<PaymentResult> MarkPaid(Caller caller, long id, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var row = await Read(db, caller, id, cancel);
        switch (row)
        {
            case null:
                return new PaymentResult.NotFound();
            case { Payment: { } paid }:
                return new PaymentResult.AlreadyPaid(paid.By, paid.At);
            case { IsOwn: true }:
                return new PaymentResult.Invalid("This is your own timesheet. Ask a colleague to record the payment.");
            case not { Status: TimesheetStatus.Approved }:
                return new PaymentResult.Invalid("It is not approved. Only approved timesheets are paid.");
            case not { Due: not null }:
                return new PaymentResult.Invalid("It has no hours to pay for.");
        }

        var (amount, now) = (row.Due ?? 0, Instant.FromDateTimeOffset(time.GetUtcNow()));
        // Both rows, or none: they are saved in one transaction.
        db.Payments.Add(new Payment
        {
            TimesheetId = id,
            Amount = amount,
            Currency = row.Currency,
            PaidAt = now,
            PaidBy = caller.AccountId,
        });
        db.TimesheetHistory.Add(new TimesheetHistory
        {
            TimesheetId = id,
            HappenedAt = now,
            AccountId = caller.AccountId,
            AccountName = caller.Name,
            Action = TimesheetAction.Paid,
            FromStatus = TimesheetStatus.Approved,
            ToStatus = TimesheetStatus.Approved,
        });
        try
        {
            await db.SaveChangesAsync(cancel);
            return new PaymentResult.Done(amount, row.Currency);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException
        { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation } violation)
        {
            return violation.SqlState == PostgresErrorCodes.UniqueViolation
                && await Read(db, caller, id, cancel) is { Payment: { } paid }
                ? new PaymentResult.AlreadyPaid(paid.By, paid.At)
                : new PaymentResult.Invalid("It is not approved any more. Only approved timesheets are paid.");
        }
    }

    private static async Task<ApprovalRow?> Read(PortalDbContext db, Caller caller, long id, CancellationToken cancel) =>
        (await HospitalTimesheets.Of(db, caller).Where(r => r.Timesheet.Id == id).ReadRows(db, caller, cancel)).SingleOrDefault();
}
