using NodaTime;
using Portal.Data.Timesheets;

namespace Portal.Data.Approvals;

/// <summary>What came of a wish to approve or reject.</summary>
public abstract record DecisionResult
{
    private DecisionResult()
    {
    }

    /// <summary>It is decided as wished. Also the answer to the same wish of the same person told twice.</summary>
    public sealed record Done : DecisionResult;

    /// <summary>There is no such timesheet in the caller's hospitals.</summary>
    public sealed record NotFound : DecisionResult;

    /// <summary>Somebody changed it after the caller had read it, and nobody has decided on what it says now.</summary>
    /// <param name="By">Who changed it last, if known.</param>
    /// <param name="At">When.</param>
    /// <param name="Was">The hours claimed before, if those changed.</param>
    /// <param name="Now">The hours claimed now, if those changed.</param>
    /// <param name="Status">How far it is now: submitted again, or taken back.</param>
    public sealed record Conflict(string? By, Instant? At, Claim? Was, Claim? Now, TimesheetStatus Status) : DecisionResult;

    /// <summary>A colleague, or the caller elsewhere, has decided already.</summary>
    /// <param name="Outcome">Approved or rejected.</param>
    /// <param name="By">Who, if known.</param>
    /// <param name="At">When.</param>
    /// <param name="Reason">The reason of a rejection.</param>
    public sealed record AlreadyDecided(TimesheetStatus Outcome, string? By, Instant? At, string? Reason) : DecisionResult;

    /// <summary>It cannot be decided so; the message says what to do.</summary>
    public sealed record Invalid(string Message) : DecisionResult;
}

/// <summary>A timesheet as the caller has read it.</summary>
public sealed record TimesheetVersion(long Id, uint Version);

/// <summary>What came of one of several wishes.</summary>
public sealed record RowDecision(long Id, DecisionResult Result);
