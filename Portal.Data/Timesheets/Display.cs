using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace Portal.Data.Timesheets;

/// <summary>How dates, times, hours and money read on every screen: British, and the same on every machine.</summary>
public static class Display
{
    private static readonly CultureInfo English = CultureInfo.InvariantCulture;
    private static readonly LocalDatePattern DatePattern = LocalDatePattern.Create("ddd d MMM yyyy", English);
    private static readonly LocalDatePattern ShortDatePattern = LocalDatePattern.Create("ddd d MMM", English);
    private static readonly LocalTimePattern TimePattern = LocalTimePattern.Create("HH:mm", English);
    private static readonly LocalDateTimePattern MomentPattern = LocalDateTimePattern.Create("ddd d MMM yyyy, HH:mm", English);

    /// <summary>Tue 3 Mar 2026</summary>
    public static string Date(LocalDate date) => DatePattern.Format(date);

    /// <summary>Tue 3 Mar</summary>
    public static string ShortDate(LocalDate date) => ShortDatePattern.Format(date);

    /// <summary>07:30</summary>
    public static string Time(LocalTime time) => TimePattern.Format(time);

    /// <summary>Tue 3 Mar 2026, 14:05, by the hospital's clock.</summary>
    public static string Moment(Instant instant, HospitalClock clock) => MomentPattern.Format(clock.Local(instant));

    /// <summary>19:00–07:00, with the following day named if it ends there.</summary>
    public static string Shift(Claim claim, HospitalClock clock) =>
        $"{Time(clock.Time(claim.Start))}–{Time(clock.Time(claim.End))}"
        + (DaysLater(claim, clock) > 0 ? $" ({ShortDate(clock.Date(claim.End))})" : "");

    /// <summary>How many days after its start the shift ends, by the calendar on the hospital's wall.</summary>
    public static int DaysLater(Claim claim, HospitalClock clock) =>
        Period.DaysBetween(clock.Date(claim.Start), clock.Date(claim.End));

    /// <summary>7 h 30 min</summary>
    public static string Hours(Duration duration)
    {
        var minutes = (long)Math.Round(Math.Abs(duration.TotalMinutes), MidpointRounding.AwayFromZero);
        var sign = duration < Duration.Zero && minutes > 0 ? "−" : "";
        return sign + (minutes / 60, minutes % 60) switch
        {
            (0, var rest) => $"{rest} min",
            (var hours, 0) => $"{hours.ToString("N0", English)} h",
            var (hours, rest) => $"{hours.ToString("N0", English)} h {rest} min",
        };
    }

    /// <summary>+1 h 30 min, −30 min, or "no change".</summary>
    public static string Difference(Duration duration) => Hours(duration) switch
    {
        "0 min" => "no change",
        var text => duration > Duration.Zero ? "+" + text : text,
    };

    /// <summary>30 min, or "no break".</summary>
    public static string Break(int minutes) => minutes == 0 ? "no break" : Hours(Duration.FromMinutes(minutes));

    /// <summary>£187.50</summary>
    public static string Money(decimal amount, string currency)
    {
        var number = Math.Abs(amount).ToString("N2", English);
        var sign = amount < 0 ? "−" : "";
        return sign + currency switch
        {
            "GBP" => "£" + number,
            "EUR" => "€" + number,
            _ => currency + "\u00a0" + number,
        };
    }

    /// <summary>Draft, Submitted, Approved, Rejected, or Paid.</summary>
    public static string Status(TimesheetStatus status, bool paid = false) => paid ? "Paid" : status.ToString();
}
