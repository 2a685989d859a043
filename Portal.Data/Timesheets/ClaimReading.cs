using NodaTime;

namespace Portal.Data.Timesheets;

/// <summary>What an entry comes to: the hours claimed, or what is wrong with it.</summary>
public sealed record ClaimReading
{
    /// <summary>The longest reason that is taken, in characters.</summary>
    public const int LongestReason = 1000;

    /// <summary>The hours; null as long as the times do not make a shift. A missing reason does not hide them.</summary>
    public Claim? Claim { get; private init; }

    public IReadOnlyList<ClaimProblem> Problems { get; private init; } = [];

    /// <summary>The start came twice that night, so <see cref="ClaimEntry.StartIs"/> is needed.</summary>
    public bool StartCameTwice { get; private init; }

    /// <summary>The end came twice that night, so <see cref="ClaimEntry.EndIs"/> is needed.</summary>
    public bool EndCameTwice { get; private init; }

    public string? ProblemWith(ClaimField field) => Problems.FirstOrDefault(p => p.Field == field)?.Message;

    /// <summary>Reads an entry by the hospital's clock.</summary>
    /// <param name="plan">What was booked, if it is known; the shift must begin within a day of it.</param>
    /// <param name="reasonRequired">Whether hours that differ from the plan need a reason already.</param>
    public static ClaimReading Read(ClaimEntry entry, HospitalClock clock, Claim? plan, bool reasonRequired)
    {
        var problems = new List<ClaimProblem>();
        void Problem(ClaimField field, string message) => problems.Add(new ClaimProblem(field, message));

        if (entry.Date is null)
        {
            Problem(ClaimField.Date, "Enter the day the shift started.");
        }
        else if (entry.Date is { Year: < 2000 or > 2100 })
        {
            Problem(ClaimField.Date, "No shift was in that year. Check the date.");
        }
        else if (plan is not null && Math.Abs(Period.DaysBetween(clock.Date(plan.Start), entry.Date.Value)) > 1)
        {
            Problem(ClaimField.Date, $"This shift was booked for {Display.Date(clock.Date(plan.Start))}. Enter that day, the day before or the day after.");
        }

        if (entry.Start is null)
        {
            Problem(ClaimField.Start, "Enter when the shift started, for example 07:30.");
        }

        if (entry.End is null)
        {
            Problem(ClaimField.End, "Enter when the shift ended, for example 19:30.");
        }

        if (entry.BreakMinutes is null)
        {
            Problem(ClaimField.Break, "Enter the break in whole minutes; 0 if you took none.");
        }
        else if (entry.BreakMinutes < 0)
        {
            Problem(ClaimField.Break, "A break cannot be less than nothing. Enter 0 if you took none.");
        }

        ClockReading? start = null;
        ClockReading? end = null;
        if (entry is { Date: { } date, Start: { } startTime } && date.Year is >= 2000 and <= 2100)
        {
            start = clock.Read(date + startTime, entry.StartIs);
            end = entry.End is { } endTime ? clock.Read(date.PlusDays(entry.EndsOnNextDay ? 1 : 0) + endTime, entry.EndIs) : null;
            if (start.Problem is not null)
            {
                Problem(ClaimField.Start, start.Problem);
            }

            if (end?.Problem is not null)
            {
                Problem(ClaimField.End, end.Problem);
            }
        }

        if (start?.Instant is { } from && end?.Instant is { } to && CheckLength(from, to, entry.BreakMinutes) is { } length)
        {
            problems.Add(length);
        }

        var claim = problems.Count == 0 && start?.Instant is { } s && end?.Instant is { } e && entry.BreakMinutes is { } minutes
            ? new Claim(s, e, minutes)
            : null;
        if (entry.Reason.Length > LongestReason)
        {
            Problem(ClaimField.Reason, $"That is {entry.Reason.Length} characters. Shorten the reason to {LongestReason}.");
        }
        else if (reasonRequired && claim is not null && claim.DiffersFrom(plan) && string.IsNullOrWhiteSpace(entry.Reason))
        {
            Problem(ClaimField.Reason, "These are not the planned hours. Say in a few words why.");
        }

        return new ClaimReading
        {
            Claim = claim,
            Problems = problems,
            StartCameTwice = start?.CameTwice ?? false,
            EndCameTwice = end?.CameTwice ?? false,
        };
    }

    private static ClaimProblem? CheckLength(Instant start, Instant end, int? breakMinutes)
    {
        if (end <= start)
        {
            return new(ClaimField.End, "The shift ends before it starts. Correct the times, or tick “Ends the next day” if you worked past midnight.");
        }

        var length = end - start;
        if (length > Claim.Longest)
        {
            return new(ClaimField.End, $"That is a shift of {Display.Hours(length)}; one timesheet holds at most 24 h. Correct the times, or untick “Ends the next day”.");
        }

        // Compared as minutes in 64 bits: what was typed may be any number.
        return breakMinutes is { } minutes && minutes >= length.TotalMinutes
            ? new(ClaimField.Break, $"A break of {Display.Break(minutes)} leaves nothing of a shift of {Display.Hours(length)}. Enter a shorter break, in minutes.")
            : null;
    }
}
