using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;

namespace Portal.Data.Timesheets;

/// <summary>What was done to a timesheet.</summary>
public enum TimesheetAction
{
    Amended,
    Submitted,
    Approved,
    Rejected,
    Paid,
}

/// <summary>One entry of a timesheet's history. Entries are added, never changed.</summary>
public sealed class TimesheetHistory
{
    public long Id { get; init; }

    public long TimesheetId { get; init; }

    public Instant HappenedAt { get; init; }

    /// <summary>Account that did it; null when it was not done through the portal.</summary>
    public string? AccountId { get; init; }

    /// <summary>Name of the person at that time.</summary>
    public required string AccountName { get; init; }

    public TimesheetAction Action { get; init; }

    public TimesheetStatus? FromStatus { get; init; }

    public TimesheetStatus ToStatus { get; init; }

    public Instant? FromStart { get; init; }

    public Instant? FromEnd { get; init; }

    public int? FromBreakMinutes { get; init; }

    public Instant? ToStart { get; init; }

    public Instant? ToEnd { get; init; }

    public int? ToBreakMinutes { get; init; }

    /// <summary>Why, in the person's own words.</summary>
    public string? Reason { get; init; }
}

internal sealed class TimesheetHistoryConfiguration : IEntityTypeConfiguration<TimesheetHistory>
{
    public void Configure(EntityTypeBuilder<TimesheetHistory> builder)
    {
        builder.Property(h => h.Action).HasConversion(StatusText.LowerCase<TimesheetAction>());
        builder.Property(h => h.FromStatus).HasConversion(StatusText.Converter);
        builder.Property(h => h.ToStatus).HasConversion(StatusText.Converter);
        builder.HasOne<Timesheet>().WithMany(t => t.History).HasForeignKey(h => h.TimesheetId);
    }
}
