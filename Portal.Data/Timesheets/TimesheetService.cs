using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Timesheets;

/// <summary>What a worker does with a timesheet of the own: change it, and submit it to the hospital.</summary>
public sealed partial class TimesheetService(
    IDbContextFactory<PortalDbContext> contexts, TimeProvider time, ILogger<TimesheetService> log)
{
    /// <summary>Keeps the hours; the timesheet stays with the worker.</summary>
    /// <param name="version">The <see cref="TimesheetDetail.Version"/> that was on the screen.</param>
    public Task<TimesheetResult> SaveDraftAsync(
        Caller caller, long id, uint version, ClaimEntry entry, CancellationToken cancellationToken = default) =>
        ChangeAsync(caller, id, version, entry, submit: false, cancellationToken);

    /// <summary>Keeps the hours and hands the timesheet to the hospital.</summary>
    /// <param name="version">The <see cref="TimesheetDetail.Version"/> that was on the screen.</param>
    public Task<TimesheetResult> SubmitAsync(
        Caller caller, long id, uint version, ClaimEntry entry, CancellationToken cancellationToken = default) =>
        ChangeAsync(caller, id, version, entry, submit: true, cancellationToken);

    private async Task<TimesheetResult> ChangeAsync(
        Caller caller, long id, uint version, ClaimEntry entry, bool submit, CancellationToken cancellationToken)
    {
        if (caller is not { Role: AccountRole.Worker, WorkerId: { } workerId })
        {
            return new TimesheetResult.NotFound();
        }

        var attempt = 1;
        while (true)
        {
            try
            {
                await using var db = await contexts.CreateDbContextAsync(cancellationToken);
                return await db.Database.CreateExecutionStrategy().ExecuteAsync(
                    again => ChangeAtOnceAsync(db, caller, workerId, id, version, entry, submit, again), cancellationToken);
            }
            catch (Exception e) when (DatabaseTrouble.Is(e))
            {
                // Two changes that overlap each other wait for one another; PostgreSQL lets one of them go on.
                if (DatabaseTrouble.Error(e)?.SqlState == PostgresErrorCodes.DeadlockDetected && attempt++ < 3)
                {
                    continue;
                }

                LogFailure(log, id, e);
                return new TimesheetResult.Failed(DatabaseTrouble.NotSaved);
            }
        }
    }

    // All or nothing, so that it can be repeated from the start.
    private async Task<TimesheetResult> ChangeAtOnceAsync(
        PortalDbContext db, Caller caller, long workerId, long id, uint version, ClaimEntry entry, bool submit, CancellationToken cancellationToken)
    {
        db.ChangeTracker.Clear();
        var own = db.Timesheets.Where(t => t.Id == id && t.WorkerId == workerId);
        var timesheet = await own.SingleOrDefaultAsync(cancellationToken);
        var seen = timesheet is null ? null : await TimesheetQueries.DetailAsync(own, cancellationToken);
        if (timesheet is null || seen is null)
        {
            return new TimesheetResult.NotFound();
        }

        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        var reading = ClaimReading.Read(entry, seen.Clock, seen.Planned, reasonRequired: submit);
        var reason = ReasonToKeep(entry, reading.Claim, seen.Planned);
        if (!seen.CanBeChanged)
        {
            return submit && seen.Status == TimesheetStatus.Submitted && reading.Claim == seen.Claimed
                ? new TimesheetResult.AlreadySubmitted(seen)
                : new TimesheetResult.NotAllowedNow(WhyNot(seen), seen);
        }

        var unchanged = reading.Claim == seen.Claimed && (reason ?? "") == seen.Reason;
        if (timesheet.Version != version || timesheet.Version != seen.Version)
        {
            // Saved before, by the same person in another window or just before the connection broke: nothing to ask.
            return unchanged && !submit ? new TimesheetResult.Saved(seen) : new TimesheetResult.Conflict(seen);
        }

        if (Problems(reading, seen.Clock, now, submit) is { Count: > 0 } problems)
        {
            return new TimesheetResult.Invalid(problems);
        }

        if (reading.Claim is not { } claim || (unchanged && !submit))
        {
            return new TimesheetResult.Saved(seen);
        }

        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            Apply(timesheet, claim, submit, now);
            // The timesheet before its history: a line of that shares the row's lock, and of two that share it already
            // neither could change the row.
            await db.SaveChangesAsync(cancellationToken);
            db.TimesheetHistory.AddRange(History(timesheet.Id, seen, caller, claim, reason, submit, now));
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return await TimesheetQueries.DetailAsync(own, cancellationToken) switch
            {
                null => new TimesheetResult.NotFound(),
                { CanBeChanged: true } changed => new TimesheetResult.Conflict(changed),
                { Status: TimesheetStatus.Submitted } same when submit && same.Claimed == claim => new TimesheetResult.AlreadySubmitted(same),
                var locked => new TimesheetResult.NotAllowedNow(WhyNot(locked), locked),
            };
        }
        catch (DbUpdateException e) when (DatabaseTrouble.Error(e) is
        { SqlState: PostgresErrorCodes.ExclusionViolation, ConstraintName: "timesheet_new_no_overlap" })
        {
            // In a context of its own: this one still holds what could not be saved.
            await using var fresh = await contexts.CreateDbContextAsync(cancellationToken);
            return new TimesheetResult.Invalid([await Overlap.ProblemAsync(fresh, workerId, id, claim, cancellationToken)]);
        }

        return await TimesheetQueries.DetailAsync(own, cancellationToken) is { } saved
            ? new TimesheetResult.Saved(saved)
            : new TimesheetResult.NotFound();
    }

    private static void Apply(Timesheet timesheet, Claim claim, bool submit, Instant now)
    {
        timesheet.ClaimedStart = claim.Start;
        timesheet.ClaimedEnd = claim.End;
        timesheet.ClaimedBreakMinutes = claim.BreakMinutes;
        if (submit)
        {
            timesheet.Status = TimesheetStatus.Submitted;
            timesheet.SubmittedAt = now;
        }
    }

    private static IEnumerable<TimesheetHistory> History(
        long id, TimesheetDetail seen, Caller caller, Claim claim, string? reason, bool submit, Instant now)
    {
        TimesheetHistory Entry(TimesheetAction action, TimesheetStatus to, Claim? from) => new()
        {
            TimesheetId = id,
            HappenedAt = now,
            AccountId = caller.AccountId,
            AccountName = caller.Name,
            Action = action,
            FromStatus = seen.Status,
            ToStatus = to,
            FromStart = from?.Start,
            FromEnd = from?.End,
            FromBreakMinutes = from?.BreakMinutes,
            ToStart = claim.Start,
            ToEnd = claim.End,
            ToBreakMinutes = claim.BreakMinutes,
            Reason = reason,
        };

        if (claim != seen.Claimed || !submit)
        {
            yield return Entry(TimesheetAction.Amended, seen.Status, seen.Claimed);
        }

        if (submit)
        {
            yield return Entry(TimesheetAction.Submitted, TimesheetStatus.Submitted, claim);
        }
    }

    private static List<ClaimProblem> Problems(ClaimReading reading, HospitalClock clock, Instant now, bool submit)
    {
        var problems = reading.Problems.ToList();
        if (submit && reading.Claim is { } claim && claim.End > now)
        {
            problems.Add(new ClaimProblem(
                ClaimField.End,
                $"This shift has not ended yet: it runs until {Display.Moment(claim.End, clock)}. Save it as a draft and submit it after the shift."));
        }

        return problems;
    }

    /// <summary>A reason is for hours that differ from the plan; for others there is nothing to explain.</summary>
    private static string? ReasonToKeep(ClaimEntry entry, Claim? claim, Claim? plan) =>
        string.IsNullOrWhiteSpace(entry.Reason) || (plan is not null && claim == plan) ? null : entry.Reason.Trim();

    private static string WhyNot(TimesheetDetail timesheet)
    {
        var (verb, last) = timesheet.Status == TimesheetStatus.Approved
            ? ("approved", timesheet.History.LastOrDefault(h => h.Action == TimesheetAction.Approved))
            : ("submitted", timesheet.History.LastOrDefault(h => h.Action == TimesheetAction.Submitted));
        var when = last is null ? "" : $" on {Display.Moment(last.HappenedAt, timesheet.Clock)}";
        var next = timesheet.Status == TimesheetStatus.Approved
            ? "If it is wrong, speak to the hospital."
            : "If it is wrong, ask the hospital to reject it; then you can change it.";
        return $"This timesheet was {verb}{when} and can no longer be changed. {next}";
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Timesheet {Id} could not be changed.")]
    private static partial void LogFailure(ILogger logger, long id, Exception exception);
}
