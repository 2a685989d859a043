using NodaTime;
using Portal.Data.Timesheets;

namespace Portal.Data.Demo;

/// <summary>One made-up timesheet with all that happened to it.</summary>
internal sealed record DemoTimesheet(
    long WorkerId,
    DemoOptions Options,
    DemoClaim Claimed,
    TimesheetStatus Status,
    Instant? SubmittedAt,
    Instant? PaidAt,
    IReadOnlyList<DemoEvent> History);

/// <summary>What the hospital planned; timesheets of the same shift share it.</summary>
internal sealed record DemoOptions(long HospitalId, string Unit, decimal HourlyRate, string Currency, DemoClaim Planned);

internal sealed record DemoClaim(Instant Start, Instant End, int BreakMinutes);

internal sealed record DemoEvent(
    Instant At,
    string By,
    TimesheetAction Action,
    TimesheetStatus From,
    TimesheetStatus To,
    DemoClaim Before,
    DemoClaim After,
    string? Reason);
