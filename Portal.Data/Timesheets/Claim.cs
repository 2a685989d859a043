using NodaTime;

namespace Portal.Data.Timesheets;

/// <summary>The hours of a shift, planned or claimed.</summary>
public sealed record Claim(Instant Start, Instant End, int BreakMinutes)
{
    /// <summary>The longest shift that can be claimed.</summary>
    public static readonly Duration Longest = Duration.FromHours(24);

    /// <summary>Time worked, the break taken off.</summary>
    public Duration Worked => Pay.Worked(Start, End, BreakMinutes);

    /// <summary>From columns of the database, which are all there or all null.</summary>
    public static Claim? From(Instant? start, Instant? end, int? breakMinutes) =>
        start is { } s && end is { } e ? new Claim(s, e, breakMinutes ?? 0) : null;

    /// <summary>Money due at this rate.</summary>
    public decimal Due(decimal hourlyRate) => Pay.Due(Worked, hourlyRate);

    /// <summary>Whether a reason has to be given: there was a plan, and this is not it.</summary>
    public bool DiffersFrom(Claim? plan) => plan is not null && plan != this;
}

/// <summary>A field of the form in which hours are claimed.</summary>
public enum ClaimField
{
    Date,
    Start,
    End,
    Break,
    Reason,
}

/// <summary>What is wrong with one field, and what to do about it, in the user's words.</summary>
/// <param name="OtherTimesheetId">The timesheet it collides with, if that is the problem.</param>
public sealed record ClaimProblem(ClaimField Field, string Message, long? OtherTimesheetId = null);

/// <summary>What a person typed: times on the hospital's clock. Null is what is empty or could not be read.</summary>
public sealed record ClaimEntry
{
    /// <summary>The day the shift began.</summary>
    public LocalDate? Date { get; init; }

    public LocalTime? Start { get; init; }

    public LocalTime? End { get; init; }

    /// <summary>True or false if the person said so; null: the next day if the end is not after the start.</summary>
    public bool? EndsNextDay { get; init; }

    public int? BreakMinutes { get; init; }

    /// <summary>Which start is meant, if the clocks went back and it came twice.</summary>
    public RepeatedTime? StartIs { get; init; }

    /// <summary>Which end is meant, if the clocks went back and it came twice.</summary>
    public RepeatedTime? EndIs { get; init; }

    /// <summary>Why it differs from the plan.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The entry that stands for these hours, to begin editing with.</summary>
    public static ClaimEntry Of(Claim? claim, HospitalClock clock, string reason = "") => claim is null
        ? new ClaimEntry { BreakMinutes = 0, Reason = reason }
        : new ClaimEntry
        {
            Date = clock.Date(claim.Start),
            Start = clock.Time(claim.Start),
            End = clock.Time(claim.End),
            // Said only where the rule would guess otherwise: 08:00 to 10:00 the next day, or 01:45 to the second 01:15.
            EndsNextDay = Display.DaysLater(claim, clock) > 0 == clock.Time(claim.End) <= clock.Time(claim.Start)
                ? null
                : Display.DaysLater(claim, clock) > 0,
            BreakMinutes = claim.BreakMinutes,
            StartIs = clock.WhichOf(claim.Start),
            EndIs = clock.WhichOf(claim.End),
            Reason = reason,
        };

    /// <summary>Whether the shift ends on the day after it began.</summary>
    public bool EndsOnNextDay => EndsNextDay ?? (Start is { } start && End is { } end && end <= start);
}
