using NodaTime;

namespace Portal.Data.Timesheets;

/// <summary>
/// What hours are worth. Counts the time that really passed, so a night with a clock change has 23 or 25 hours.
/// The view <c>mapping.timesheet_old</c> has the same rule for the old database; a test holds them together.
/// </summary>
public static class Pay
{
    /// <summary>Time worked: from start to end, the unpaid break taken off.</summary>
    public static Duration Worked(Instant start, Instant end, int breakMinutes) =>
        end - start - Duration.FromMinutes(breakMinutes);

    /// <summary>Money due, rounded to two decimals, halves away from zero (as PostgreSQL rounds numeric).</summary>
    public static decimal Due(Duration worked, decimal hourlyRate) =>
        Math.Round((decimal)worked.ToInt64Nanoseconds() * hourlyRate / NodaConstants.NanosecondsPerHour, 2, MidpointRounding.AwayFromZero);
}
