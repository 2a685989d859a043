using Microsoft.EntityFrameworkCore;
using NodaTime;
using Portal.Data.Accounts;
using Portal.Data.Databases;
using Portal.Data.Timesheets;

namespace Portal.Data.Approvals;

/// <summary>The hospital's decisions. Each is taken at most once, whoever presses how often.</summary>
public sealed class ApprovalService(IDbContextFactory<PortalDbContext> contexts, TimeProvider time)
{
    /// <summary>Shortest reason of a rejection.</summary>
    public const int ShortestReason = 3;

    /// <summary>Longest reason of a rejection.</summary>
    public const int LongestReason = 500;

    /// <summary>What is said when it is missing.</summary>
    public const string ReasonMissing = "Say why, so that the worker knows what to change.";

    /// <summary>Approves the hours as the caller has read them.</summary>
    public Task<DecisionResult> Approve(Caller caller, long id, uint expectedVersion, CancellationToken cancel = default) =>
        Decide(caller, new TimesheetVersion(id, expectedVersion), TimesheetStatus.Approved, null, cancel);

    /// <summary>Sends it back to the worker, who is told the reason and may change and submit it again.</summary>
    public async Task<DecisionResult> Reject(
        Caller caller, long id, uint expectedVersion, string? reason, CancellationToken cancel = default)
    {
        var why = reason?.Replace("\0", "", StringComparison.Ordinal).Trim() ?? "";
        return why.Length switch
        {
            < ShortestReason => new DecisionResult.Invalid(ReasonMissing),
            > LongestReason => new DecisionResult.Invalid($"Shorten the reason to {LongestReason} characters. It has {why.Length}."),
            _ => await Decide(caller, new TimesheetVersion(id, expectedVersion), TimesheetStatus.Rejected, why, cancel),
        };
    }

    /// <summary>Approves several that are as planned. One that cannot be approved does not hold up the others.</summary>
    public async Task<IReadOnlyList<RowDecision>> ApproveAsPlanned(
        Caller caller, IReadOnlyCollection<TimesheetVersion> timesheets, CancellationToken cancel = default)
    {
        var eligible = await AsPlanned(caller, [.. timesheets.Select(t => t.Id)], cancel);
        var results = new List<RowDecision>(timesheets.Count);
        foreach (var timesheet in timesheets.DistinctBy(t => t.Id))
        {
            results.Add(new RowDecision(timesheet.Id, eligible.GetValueOrDefault(timesheet.Id, true)
                ? await Decide(caller, timesheet, TimesheetStatus.Approved, null, cancel)
                : new DecisionResult.Invalid("The hours differ from the plan. Open it and decide on it by itself.")));
        }

        return results;
    }

    private async Task<Dictionary<long, bool>> AsPlanned(Caller caller, long[] ids, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var rows = await HospitalTimesheets.Of(db, caller).Where(r => ids.Contains(r.Timesheet.Id)).ReadRows(db, caller, cancel);
        return rows.ToDictionary(r => r.Id, r => r.Deviation.Kind == DeviationKind.AsPlanned);
    }

    private async Task<DecisionResult> Decide(
        Caller caller, TimesheetVersion read, TimesheetStatus outcome, string? reason, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Database.CreateExecutionStrategy().ExecuteAsync(
            again => DecideAtOnce(db, caller, read, outcome, reason, again), cancel);
    }

    // All or nothing, so that it can be repeated from the start.
    private async Task<DecisionResult> DecideAtOnce(
        PortalDbContext db, Caller caller, TimesheetVersion read, TimesheetStatus outcome, string? reason, CancellationToken cancel)
    {
        db.ChangeTracker.Clear();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);

        // The whole condition stands in the update: of two at the same moment the second one waits for the row,
        // finds another version in it, and changes nothing.
        var hospitals = HospitalTimesheets.Hospitals(caller);
        var changed = await db.Timesheets
            .Where(t => t.Id == read.Id && t.Version == read.Version && t.Status == TimesheetStatus.Submitted
                && (outcome == TimesheetStatus.Rejected || t.ClaimedStart != null)
                && (caller.WorkerId == null || t.WorkerId != caller.WorkerId)
                && db.TimesheetOptions.Any(o => o.Id == t.TimesheetOptionsId && hospitals.Contains(o.HospitalId)))
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.Status, outcome), cancel);
        if (changed == 0)
        {
            return await WhyNot(db, caller, read.Id, outcome, reason, cancel);
        }

        db.TimesheetHistory.Add(new TimesheetHistory
        {
            TimesheetId = read.Id,
            HappenedAt = Instant.FromDateTimeOffset(time.GetUtcNow()),
            AccountId = caller.AccountId,
            AccountName = caller.Name,
            Action = outcome == TimesheetStatus.Approved ? TimesheetAction.Approved : TimesheetAction.Rejected,
            FromStatus = TimesheetStatus.Submitted,
            ToStatus = outcome,
            Reason = reason,
        });
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return new DecisionResult.Done();
    }

    private static async Task<DecisionResult> WhyNot(
        PortalDbContext db, Caller caller, long id, TimesheetStatus wished, string? reason, CancellationToken cancel)
    {
        var row = (await HospitalTimesheets.Of(db, caller).Where(r => r.Timesheet.Id == id).ReadRows(db, caller, cancel)).SingleOrDefault();
        switch (row)
        {
            case null or { Status: TimesheetStatus.Draft, SubmittedAt: null }:
                return new DecisionResult.NotFound();
            case { IsOwn: true }:
                return new DecisionResult.Invalid("This is your own timesheet. Ask a colleague to decide on it.");
            case { Status: TimesheetStatus.Approved or TimesheetStatus.Rejected, Decision: var made }:
                return made?.AccountId == caller.AccountId && made.Outcome == wished && row.Status == wished && made.Reason == reason
                    ? new DecisionResult.Done()
                    : new DecisionResult.AlreadyDecided(row.Status, made?.By, made?.At, made?.Reason);
            case { Status: TimesheetStatus.Submitted, Claimed: null }:
                return new DecisionResult.Invalid("No hours are claimed, so there is nothing to approve. Reject it and ask for the hours.");
        }

        var changes = await db.TimesheetHistory.AsNoTracking().Where(h => h.TimesheetId == id)
            .OrderByDescending(h => h.Id).Take(20).ToListAsync(cancel);
        var last = changes.FirstOrDefault();
        // Only hours changed since the last decision belong to what the caller has not seen.
        var amended = changes.TakeWhile(h => h.Action is TimesheetAction.Amended or TimesheetAction.Submitted)
            .FirstOrDefault(h => h.Action == TimesheetAction.Amended);
        return new DecisionResult.Conflict(
            last?.AccountName,
            last?.HappenedAt,
            Claim.From(amended?.FromStart, amended?.FromEnd, amended?.FromBreakMinutes),
            amended is null ? null : row.Claimed,
            row.Status);
    }
}
