using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;

namespace Portal.Data.Timesheets;

/// <summary>A shift as the hospital booked it: where, when, at what rate.</summary>
public sealed class TimesheetOptions
{
    public long Id { get; init; }

    public long HospitalId { get; set; }

    public Hospital? Hospital { get; init; }

    /// <summary>Ward or department.</summary>
    public string Unit { get; set; } = "";

    public Instant? PlannedStart { get; set; }

    public Instant? PlannedEnd { get; set; }

    public int PlannedBreakMinutes { get; set; }

    /// <summary>The hours planned, if they are known.</summary>
    public Claim? Plan => Claim.From(PlannedStart, PlannedEnd, PlannedBreakMinutes);

    public decimal HourlyRate { get; set; }

    /// <summary>ISO 4217 code of <see cref="HourlyRate"/>.</summary>
    public string Currency { get; set; } = "GBP";
}

internal sealed class TimesheetOptionsConfiguration : IEntityTypeConfiguration<TimesheetOptions>
{
    public void Configure(EntityTypeBuilder<TimesheetOptions> builder) => builder.Ignore(o => o.Plan);
}
