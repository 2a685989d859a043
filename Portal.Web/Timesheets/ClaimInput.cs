using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Portal.Data.Timesheets;

namespace Portal.Web.Timesheets;

/// <summary>The fields of the form as they were typed, so that nothing is lost that cannot be read yet.</summary>
public sealed record ClaimInput
{
    private static readonly LocalTimePattern Minutes = LocalTimePattern.CreateWithInvariantCulture("H:mm");
    private static readonly LocalTimePattern Seconds = LocalTimePattern.CreateWithInvariantCulture("H:mm:ss");

    public string Date { get; set; } = "";

    public string Start { get; set; } = "";

    public string End { get; set; } = "";

    public string BreakMinutes { get; set; } = "";

    /// <summary>Null as long as the person has not said; see <see cref="ClaimEntry.EndsNextDay"/>.</summary>
    public bool? EndsNextDay { get; set; }

    public RepeatedTime? StartIs { get; set; }

    public RepeatedTime? EndIs { get; set; }

    public string Reason { get; set; } = "";

    public static ClaimInput Of(TimesheetDetail timesheet)
    {
        var entry = ClaimEntry.Of(timesheet.Claimed ?? timesheet.Planned, timesheet.Clock, timesheet.Reason);
        return new ClaimInput
        {
            Date = entry.Date is { } date ? LocalDatePattern.Iso.Format(date) : "",
            Start = entry.Start is { } start ? Display.Time(start) : "",
            End = entry.End is { } end ? Display.Time(end) : "",
            BreakMinutes = entry.BreakMinutes?.ToString(CultureInfo.InvariantCulture) ?? "",
            EndsNextDay = entry.EndsNextDay,
            StartIs = entry.StartIs,
            EndIs = entry.EndIs,
            Reason = entry.Reason,
        };
    }

    public ClaimEntry ToEntry() => new()
    {
        Date = LocalDatePattern.Iso.Parse(Date).TryGetValue(default, out var date) ? date : null,
        Start = TimeIn(Start),
        End = TimeIn(End),
        BreakMinutes = int.TryParse(BreakMinutes, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var minutes) ? minutes : null,
        EndsNextDay = EndsNextDay,
        StartIs = StartIs,
        EndIs = EndIs,
        Reason = Reason,
    };

    // Browsers send 07:30, Blazor makes it 07:30:00.
    private static LocalTime? TimeIn(string text) =>
        Minutes.Parse(text).TryGetValue(default, out var time) || Seconds.Parse(text).TryGetValue(default, out time) ? time : null;
}

/// <summary>What the browser keeps of a form that was not saved.</summary>
/// <param name="Version">The timesheet's version it was typed on; 0 if that had been overtaken already.</param>
/// <param name="SeenEntryId">The last entry of the history that was on the screen.</param>
internal sealed record KeptInput(uint Version, long SeenEntryId, ClaimInput Input);
