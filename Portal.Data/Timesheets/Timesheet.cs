using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;
using Portal.Data.Payments;

namespace Portal.Data.Timesheets;

/// <summary>How far a timesheet has come. Being paid is no status but a <see cref="Payment"/>.</summary>
public enum TimesheetStatus
{
    Draft,
    Submitted,
    Approved,
    Rejected,
}

/// <summary>A worker's record of one shift (table <c>timesheet_new</c>).</summary>
public sealed class Timesheet
{
    public long Id { get; init; }

    public long WorkerId { get; set; }

    public Worker? Worker { get; init; }

    public TimesheetStatus Status { get; set; }

    public long TimesheetOptionsId { get; set; }

    public TimesheetOptions? Options { get; init; }

    public Instant? ClaimedStart { get; set; }

    public Instant? ClaimedEnd { get; set; }

    public int? ClaimedBreakMinutes { get; set; }

    /// <summary>The hours claimed, if there are any.</summary>
    public Claim? Claim => Claim.From(ClaimedStart, ClaimedEnd, ClaimedBreakMinutes);

    /// <summary>When it was last submitted; the hospital's queue is ordered by it.</summary>
    public Instant? SubmittedAt { get; set; }

    /// <summary>PostgreSQL's <c>xmin</c>: changes with every update, so that two editors notice each other.</summary>
    public uint Version { get; init; }

    public List<TimesheetHistory> History { get; init; } = [];

    public Payment? Payment { get; init; }
}

internal sealed class TimesheetConfiguration : IEntityTypeConfiguration<Timesheet>
{
    public void Configure(EntityTypeBuilder<Timesheet> builder)
    {
        builder.ToTable("timesheet_new");
        builder.Ignore(t => t.Claim);
        builder.Property(t => t.Status).HasConversion(StatusText.Converter);
        builder.Property(t => t.Version).IsRowVersion();
        builder.HasOne(t => t.Options).WithMany().HasForeignKey(t => t.TimesheetOptionsId);
        builder.HasOne(t => t.Payment).WithOne().HasForeignKey<Payment>(p => p.TimesheetId);
    }
}
