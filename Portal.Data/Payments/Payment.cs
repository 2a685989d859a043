using NodaTime;

namespace Portal.Data.Payments;

/// <summary>That a timesheet was paid. The timesheet itself stays approved.</summary>
public sealed class Payment
{
    public long Id { get; init; }

    public long TimesheetId { get; init; }

    public decimal Amount { get; init; }

    /// <summary>ISO 4217 code of <see cref="Amount"/>.</summary>
    public required string Currency { get; init; }

    public Instant PaidAt { get; init; }

    /// <summary>Account that recorded the payment.</summary>
    public string? PaidBy { get; init; }
}
