using NodaTime;

namespace Portal.Data.Timesheets;

/// <summary>One entry of a timesheet's history, as a page shows it.</summary>
public sealed record HistoryEntry(
    long Id,
    Instant HappenedAt,
    string AccountName,
    TimesheetAction Action,
    TimesheetStatus? FromStatus,
    TimesheetStatus ToStatus,
    Claim? From,
    Claim? To,
    string? Reason)
{
    public static HistoryEntry Of(TimesheetHistory row) => new(
        row.Id,
        row.HappenedAt,
        row.AccountName,
        row.Action,
        row.FromStatus,
        row.ToStatus,
        Claim.From(row.FromStart, row.FromEnd, row.FromBreakMinutes),
        Claim.From(row.ToStart, row.ToEnd, row.ToBreakMinutes),
        row.Reason);

    /// <summary>What was done, as the beginning of a sentence: "Changed the hours".</summary>
    public string What => Action switch
    {
        TimesheetAction.Amended when From == To => "Changed the reason",
        TimesheetAction.Amended => "Changed the hours",
        TimesheetAction.Submitted when FromStatus == TimesheetStatus.Rejected => "Submitted again",
        TimesheetAction.Submitted => "Submitted",
        TimesheetAction.Approved => "Approved",
        TimesheetAction.Rejected => "Rejected",
        _ => "Recorded as paid",
    };
}
