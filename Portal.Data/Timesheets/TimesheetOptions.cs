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

    public decimal HourlyRate { get; set; }

    /// <summary>ISO 4217 code of <see cref="HourlyRate"/>.</summary>
    public string Currency { get; set; } = "GBP";
}
