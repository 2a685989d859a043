using NodaTime;

namespace Portal.Data.Timesheets;

/// <summary>What a worker's list can be narrowed to: the status, with paid ones apart from approved ones.</summary>
public enum TimesheetState
{
    Rejected,
    Draft,
    Submitted,
    Approved,
    Paid,
}

/// <summary>One timesheet in a worker's list.</summary>
public sealed record TimesheetListItem(
    long Id,
    string HospitalName,
    string Unit,
    string TimeZone,
    Claim? Planned,
    Claim? Claimed,
    decimal HourlyRate,
    string Currency,
    TimesheetStatus Status,
    bool Paid,
    string? RejectionReason)
{
    /// <summary>The clock of its hospital.</summary>
    public HospitalClock Clock { get; } = HospitalClock.For(TimeZone);
}

/// <summary>How many timesheets there are in one state and currency, and what they come to.</summary>
public sealed record TimesheetTotal(TimesheetState State, string Currency, long Count, Duration Worked, decimal Due);

/// <summary>One page of a worker's list.</summary>
/// <param name="Items">The timesheets of this page, most urgent first.</param>
/// <param name="Page">Which page it is, from 1; the last one if a later one was asked for.</param>
/// <param name="PageCount">How many pages there are, at least 1.</param>
/// <param name="Totals">Of all the worker's timesheets, whatever the filter.</param>
/// <param name="AsOf">When it was read: drafts whose shift is over by then come before those to come.</param>
public sealed record TimesheetList(
    IReadOnlyList<TimesheetListItem> Items,
    int Page,
    int PageCount,
    IReadOnlyList<TimesheetTotal> Totals,
    Instant AsOf)
{
    /// <summary>How many timesheets are in this state; in all, if null.</summary>
    public long Count(TimesheetState? state) => Of(state).Sum(t => t.Count);

    /// <summary>Time worked in this state.</summary>
    public Duration Worked(TimesheetState? state) => Of(state).Aggregate(Duration.Zero, (sum, t) => sum + t.Worked);

    /// <summary>Money of this state, a sum for each currency.</summary>
    public IReadOnlyList<(string Currency, decimal Due)> Due(TimesheetState? state) =>
        [.. Of(state).GroupBy(t => t.Currency).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, g.Sum(t => t.Due)))];

    private IEnumerable<TimesheetTotal> Of(TimesheetState? state) => Totals.Where(t => state is null || t.State == state);
}
