using NodaTime;
using Portal.Data.Timesheets;

namespace Portal.Data.Approvals;

/// <summary>From when to when somebody worked or was to work.</summary>
/// <param name="Start">Begin.</param>
/// <param name="End">End.</param>
/// <param name="BreakMinutes">Unpaid break.</param>
public sealed record Hours(Instant Start, Instant End, int BreakMinutes)
{
    /// <summary>Paid time.</summary>
    public Duration Worked => Pay.Worked(Start, End, BreakMinutes);

    /// <summary>The hours of a row whose columns are all filled, or null.</summary>
    public static Hours? From(Instant? start, Instant? end, int? breakMinutes) =>
        start is { } s && end is { } e && breakMinutes is { } b ? new Hours(s, e, b) : null;
}
