using NodaTime;
using Portal.Data.Timesheets;

namespace Portal.Data.Approvals;

/// <summary>A timesheet as hospital staff see it in a list.</summary>
public sealed record ApprovalRow
{
    public required long Id { get; init; }

    /// <summary>What <see cref="ApprovalService"/> asks for, to notice that somebody was faster.</summary>
    public required uint Version { get; init; }

    public required TimesheetStatus Status { get; init; }

    public required string Worker { get; init; }

    public required string Hospital { get; init; }

    /// <summary>IANA zone in which all its times are shown.</summary>
    public required string TimeZone { get; init; }

    public required string Unit { get; init; }

    public Claim? Planned { get; init; }

    public Claim? Claimed { get; init; }

    public required decimal HourlyRate { get; init; }

    public required string Currency { get; init; }

    public Instant? SubmittedAt { get; init; }

    /// <summary>Why the worker changed the hours.</summary>
    public string? WorkerReason { get; init; }

    /// <summary>The worker is the caller, who therefore may not decide.</summary>
    public required bool IsOwn { get; init; }

    /// <summary>Who decided last, and when; null while nobody has.</summary>
    public DecisionMade? Decision { get; init; }

    /// <summary>The payment; null while unpaid.</summary>
    public PaymentMade? Payment { get; init; }

    /// <summary>Difference between claim and plan.</summary>
    public Deviation Deviation => Deviation.Of(Planned, Claimed, HourlyRate);

    /// <summary>Money due for the claim; null if nothing is claimed.</summary>
    public decimal? Due => Claimed is null ? null : Pay.Due(Claimed.Worked, HourlyRate);

    /// <summary>Waits for a decision that the caller may take.</summary>
    public bool CanDecide => Status == TimesheetStatus.Submitted && !IsOwn;

    /// <summary>May be approved together with others: nothing in it needs a look of its own.</summary>
    public bool CanApproveInBulk => CanDecide && Deviation.Kind == DeviationKind.AsPlanned;

    /// <summary>Approved, with hours to pay for, not paid yet, and not the caller's own.</summary>
    public bool CanPay => Status == TimesheetStatus.Approved && Payment is null && Claimed is not null && !IsOwn;
}

/// <summary>A decision of the hospital.</summary>
public sealed record DecisionMade(TimesheetStatus Outcome, string? AccountId, string By, Instant At, string? Reason);

/// <summary>A payment.</summary>
public sealed record PaymentMade(decimal Amount, string Currency, Instant At, string? By);

/// <summary>A timesheet with all that happened to it.</summary>
/// <param name="Row">The timesheet.</param>
/// <param name="History">Oldest first.</param>
public sealed record ApprovalDetail(ApprovalRow Row, IReadOnlyList<HistoryEntry> History);

/// <summary>What stands before and after a timesheet in the queue.</summary>
public sealed record QueuePlace(long? Previous, long? Next);

/// <summary>How much waits.</summary>
public sealed record ApprovalCounts(int ToApprove, int ToPay);

/// <summary>A hospital to choose from.</summary>
public sealed record HospitalChoice(long Id, string Name);
