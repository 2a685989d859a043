using NodaTime;
using Portal.Data.Approvals;
using Portal.Data.Payments;
using Portal.Data.Timesheets;

namespace Portal.Web.Approvals;

/// <summary>What the hospital's pages say about a timesheet and about what was done with it.</summary>
public static class ApprovalWords
{
    /// <summary>Something that the database did not answer to.</summary>
    public const string Outage =
        "That did not work just now, and it is not certain that it was saved. Try again in a moment: nothing is done twice.";

    /// <summary>"Wendy Worker, Mon 1 Jun": which timesheet is meant.</summary>
    public static string Name(ApprovalRow row) => row.Worker + (Day(row) is { } day ? ", " + Display.ShortDate(day) : "");

    /// <summary>The day the shift began, by the hospital's clock.</summary>
    public static LocalDate? Day(ApprovalRow row) =>
        (row.Claimed ?? row.Planned) is { } shift ? HospitalClock.For(row.TimeZone).Date(shift.Start) : null;

    /// <summary>"Mon 1 Jun, 14:05": for what happened lately.</summary>
    public static string Lately(Instant instant, HospitalClock clock) =>
        $"{Display.ShortDate(clock.Date(instant))}, {Display.Time(clock.Time(instant))}";

    /// <summary>£150.00, or a dash when there are no hours to pay for.</summary>
    public static string Due(ApprovalRow row) => row.Due is { } due ? Display.Money(due, row.Currency) : "–";

    /// <summary>The sum of several rows, currency by currency.</summary>
    public static string Total(IEnumerable<ApprovalRow> rows) => string.Join(" and ", rows
        .Where(r => r.Due is not null)
        .GroupBy(r => r.Currency)
        .Select(g => Display.Money(g.Sum(r => r.Due ?? 0), g.Key)));

    /// <summary>"1 timesheet", "12 timesheets".</summary>
    public static string Count(int count) => count == 1 ? "1 timesheet" : $"{count} timesheets";

    /// <summary>The difference from the plan: "+1 h 30 min, +£27.00".</summary>
    public static string Of(Deviation deviation, string currency) => deviation.Kind switch
    {
        DeviationKind.AsPlanned => "As planned",
        DeviationKind.Moved => "Same length, other times",
        DeviationKind.Unknown => "No plan to compare",
        _ => $"{Display.Difference(deviation.Time)}, {Signed(deviation.Money, currency)}",
    };

    /// <summary>What to tell when a decision was not taken; null when it was.</summary>
    public static string? Problem(DecisionResult result, string timeZone, string ownName)
    {
        var clock = HospitalClock.For(timeZone);
        string By(string? name) => name is null ? "Somebody" : name == ownName ? "You" : name;
        string At(Instant? at) => at is { } moment ? " on " + Display.Moment(moment, clock) : "";
        return result switch
        {
            DecisionResult.Done => null,
            DecisionResult.NotFound => "There is no such timesheet in your hospitals any more.",
            DecisionResult.Invalid invalid => invalid.Message,
            DecisionResult.AlreadyDecided d =>
                $"{By(d.By)} already {(d.Outcome == TimesheetStatus.Approved ? "approved" : "rejected")} it{At(d.At)}{(d.Reason is null ? "" : $": “{d.Reason}”")}. Nothing was changed.",
            DecisionResult.Conflict { Status: not TimesheetStatus.Submitted } c =>
                $"{By(c.By)} took it back{At(c.At)} to change it. It comes here again once it is submitted.",
            DecisionResult.Conflict { Was: { } was, Now: { } now } c =>
                $"{By(c.By)} changed the hours{At(c.At)}, from {Shift(was, clock)} to {Shift(now, clock)}. Look at the new hours, then decide.",
            DecisionResult.Conflict c =>
                $"{By(c.By)} changed it{At(c.At)}. Look at it again, then decide.",
            _ => null,
        };
    }

    /// <summary>What to tell when a payment was not recorded; null when it was.</summary>
    public static string? Problem(PaymentResult result, string timeZone, string ownName) => result switch
    {
        PaymentResult.AlreadyPaid paid =>
            $"{(paid.By is null ? "Somebody" : paid.By == ownName ? "You" : paid.By)} already recorded this payment on "
            + $"{Display.Moment(paid.At, HospitalClock.For(timeZone))}. Nothing was paid twice.",
        PaymentResult.NotFound => "There is no such timesheet in your hospitals any more.",
        PaymentResult.Invalid invalid => invalid.Message,
        _ => null,
    };

    private static string Shift(Claim claim, HospitalClock clock) =>
        $"{Display.Shift(claim, clock)} with {(claim.BreakMinutes == 0 ? "no break" : $"a break of {Display.Break(claim.BreakMinutes)}")}";

    private static string Signed(decimal money, string currency) => (money > 0 ? "+" : "") + Display.Money(money, currency);
}
