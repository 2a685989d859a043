using NodaTime;

namespace Portal.Data.Timesheets;

/// <summary>That a timesheet was paid, as a page shows it.</summary>
public sealed record PaidFact(decimal Amount, string Currency, Instant PaidAt);

/// <summary>Everything about one timesheet.</summary>
/// <param name="Version">Changes with every change; hand it back when saving.</param>
/// <param name="History">Oldest first.</param>
public sealed record TimesheetDetail(
    long Id,
    string WorkerName,
    string HospitalName,
    string Unit,
    string TimeZone,
    Claim? Planned,
    Claim? Claimed,
    decimal HourlyRate,
    string Currency,
    TimesheetStatus Status,
    Instant? SubmittedAt,
    uint Version,
    IReadOnlyList<HistoryEntry> History,
    PaidFact? Payment)
{
    /// <summary>The clock of its hospital.</summary>
    public HospitalClock Clock { get; } = HospitalClock.For(TimeZone);

    /// <summary>Whether the worker may still change it.</summary>
    public bool CanBeChanged => Status is TimesheetStatus.Draft or TimesheetStatus.Rejected;

    /// <summary>The reason the worker gave last, to go on writing.</summary>
    public string Reason => LastOf(TimesheetAction.Amended, TimesheetAction.Submitted)?.Reason ?? "";

    /// <summary>What the hospital answered last.</summary>
    public HistoryEntry? Answer => LastOf(TimesheetAction.Approved, TimesheetAction.Rejected);

    /// <summary>Number of the latest entry of the history, 0 without one.</summary>
    public long LastEntryId => History.Count == 0 ? 0 : History.Max(h => h.Id);

    /// <summary>What happened after somebody saw it with this as <see cref="LastEntryId"/>.</summary>
    public IReadOnlyList<HistoryEntry> NewSince(long lastEntryId) => [.. History.Where(h => h.Id > lastEntryId)];

    private HistoryEntry? LastOf(params ReadOnlySpan<TimesheetAction> actions)
    {
        HistoryEntry? last = null;
        foreach (var entry in History)
        {
            last = actions.Contains(entry.Action) ? entry : last;
        }

        return last;
    }
}
