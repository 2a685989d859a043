using NodaTime;

namespace Portal.Data.Payments;

/// <summary>What came of a wish to record a payment.</summary>
public abstract record PaymentResult
{
    private PaymentResult()
    {
    }

    /// <summary>The payment is recorded.</summary>
    public sealed record Done(decimal Amount, string Currency) : PaymentResult;

    /// <summary>It was paid before; nothing was recorded again.</summary>
    public sealed record AlreadyPaid(string? By, Instant At) : PaymentResult;

    /// <summary>There is no such timesheet in the caller's hospitals.</summary>
    public sealed record NotFound : PaymentResult;

    /// <summary>It cannot be paid so; the message says what to do.</summary>
    public sealed record Invalid(string Message) : PaymentResult;
}

/// <summary>What came of one of several wishes.</summary>
public sealed record RowPayment(long Id, PaymentResult Result);
