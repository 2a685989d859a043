using System.Linq.Expressions;
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
    /// <summary>For use in queries.</summary>
    public static readonly Expression<Func<TimesheetHistory, HistoryEntry>> Projection = h => new HistoryEntry(
        h.Id,
        h.HappenedAt,
        h.AccountName,
        h.Action,
        h.FromStatus,
        h.ToStatus,
        Claim.From(h.FromStart, h.FromEnd, h.FromBreakMinutes),
        Claim.From(h.ToStart, h.ToEnd, h.ToBreakMinutes),
        h.Reason);

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
