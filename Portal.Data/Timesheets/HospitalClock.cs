using NodaTime;

namespace Portal.Data.Timesheets;

/// <summary>Which of the two is meant when the clocks go back and a time comes twice.</summary>
public enum RepeatedTime
{
    Earlier,
    Later,
}

/// <summary>
/// The clock on a hospital's wall. The one place that turns instants into local times and back;
/// it neither moves a time that does not exist nor picks one of two: it says so, and the person decides.
/// </summary>
public sealed class HospitalClock(DateTimeZone zone)
{
    public static readonly HospitalClock Utc = new(DateTimeZone.Utc);

    /// <summary>IANA name of the zone.</summary>
    public string TimeZone => zone.Id;

    /// <summary>The clock of an IANA time zone such as <c>Europe/London</c>.</summary>
    public static HospitalClock For(string timeZone) => new(DateTimeZoneProviders.Tzdb[timeZone]);

    public LocalDateTime Local(Instant instant) => instant.InZone(zone).LocalDateTime;

    public LocalDate Date(Instant instant) => Local(instant).Date;

    public LocalTime Time(Instant instant) => Local(instant).TimeOfDay;

    /// <summary>The instant at which the clock shows this, if there is exactly one or <paramref name="which"/> says which.</summary>
    public ClockReading Read(LocalDateTime local, RepeatedTime? which = null)
    {
        var map = zone.MapLocal(local);
        return map.Count switch
        {
            1 => new ClockReading(map.First().ToInstant(), false, null),
            0 => new ClockReading(null, false, Skipped(local, map)),
            _ => new ClockReading(
                which switch
                {
                    RepeatedTime.Earlier => map.First().ToInstant(),
                    RepeatedTime.Later => map.Last().ToInstant(),
                    _ => null,
                },
                true,
                which is null
                    ? $"The clocks went back, so {Display.Time(local.TimeOfDay)} came twice on {Display.Date(local.Date)}. Choose which one you mean."
                    : null),
        };
    }

    /// <summary>Which of the two this instant is, if the clock shows its time twice; null if only once.</summary>
    public RepeatedTime? WhichOf(Instant instant)
    {
        var map = zone.MapLocal(Local(instant));
        return map.Count < 2 ? null : map.First().ToInstant() == instant ? RepeatedTime.Earlier : RepeatedTime.Later;
    }

    /// <summary>Explains a clock change between start and end, whose length is then not what the clock's times suggest; null if there is none.</summary>
    public string? ClockChange(Instant start, Instant end)
    {
        if (end <= start)
        {
            return null;
        }

        var change = zone.GetZoneIntervals(new Interval(start, end)).Skip(1)
            .Select(after => (At: after.Start, Before: zone.GetUtcOffset(after.Start - Duration.Epsilon), After: after.WallOffset))
            .FirstOrDefault(c => c.Before != c.After);
        if (change == default)
        {
            return null;
        }

        var before = change.At.WithOffset(change.Before).TimeOfDay;
        var after = change.At.WithOffset(change.After).TimeOfDay;
        var what = change.After > change.Before
            ? $"The clocks went forward during this shift: {Display.Time(before)} to {Display.Time(after)} did not exist"
            : $"The clocks went back during this shift: {Display.Time(after)} to {Display.Time(before)} came twice";
        return $"{what}, so {Display.Time(Time(start))} to {Display.Time(Time(end))} is {Display.Hours(end - start)} long.";
    }

    private static string Skipped(LocalDateTime local, NodaTime.TimeZones.ZoneLocalMapping map)
    {
        var change = map.LateInterval.Start;
        var from = change.WithOffset(map.EarlyInterval.WallOffset).TimeOfDay;
        var to = change.WithOffset(map.LateInterval.WallOffset).TimeOfDay;
        return $"{Display.Time(local.TimeOfDay)} did not exist on {Display.Date(local.Date)}: the clocks went forward from "
            + $"{Display.Time(from)} to {Display.Time(to)}. Enter a time before {Display.Time(from)}, or from {Display.Time(to)} on.";
    }
}

/// <summary>What became of a local time.</summary>
/// <param name="Instant">The instant; null if there is none or it is not yet clear which.</param>
/// <param name="CameTwice">The clock showed this time twice.</param>
/// <param name="Problem">What to do, in the user's words, when <paramref name="Instant"/> is null.</param>
public sealed record ClockReading(Instant? Instant, bool CameTwice, string? Problem);
