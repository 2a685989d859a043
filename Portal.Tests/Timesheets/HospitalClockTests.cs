using CsCheck;
using NodaTime;
using Portal.Data.Timesheets;

namespace Portal.Tests.Timesheets;

public sealed class HospitalClockTests
{
    private static readonly HospitalClock London = HospitalClock.For("Europe/London");

    /// <summary>Zones with a change of one hour, of half an hour, at midnight, and with none.</summary>
    private static readonly Gen<HospitalClock> Clocks = Gen.OneOf(
        London, HospitalClock.For("Europe/Dublin"), HospitalClock.For("Australia/Lord_Howe"),
        HospitalClock.For("America/Havana"), HospitalClock.For("Asia/Kolkata"));

    private static readonly Gen<Instant> Minutes =
        Gen.Int[0, 4 * 366 * 24 * 60].Select(m => Instant.FromUtc(2024, 1, 1, 0, 0) + Duration.FromMinutes(m));

    [Fact]
    public void Every_minute_survives_the_way_to_the_wall_clock_and_back() =>
        Gen.Select(Clocks, Minutes).Sample((clock, minute) =>
            clock.Read(clock.Local(minute), clock.WhichOf(minute)).Instant == minute);

    [Fact]
    public void A_time_is_clear_or_skipped_or_asked_about_and_never_guessed() =>
        Gen.Select(Clocks, Minutes).Sample((clock, minute) =>
        {
            var local = clock.Local(minute).PlusMinutes(30);
            var reading = clock.Read(local);
            return reading.Instant is { } instant
                ? clock.Local(instant) == local && reading.Problem is null
                : reading.Problem is not null
                  && (!reading.CameTwice || clock.Read(local, RepeatedTime.Earlier).Instant < clock.Read(local, RepeatedTime.Later).Instant);
        });

    [Fact]
    public void A_clock_change_is_explained_exactly_when_the_clock_does_not_show_the_time_that_passed() =>
        Gen.Select(Clocks, Minutes, Gen.Int[1, 24 * 60]).Sample((clock, start, length) =>
        {
            var end = start + Duration.FromMinutes(length);
            var onTheClock = Period.Between(clock.Local(start), clock.Local(end), PeriodUnits.Minutes).Minutes;
            return clock.ClockChange(start, end) is null == (onTheClock == length);
        });

    [Fact]
    public void The_night_the_clocks_go_back_says_what_came_twice_and_how_long_the_shift_is() =>
        London.ClockChange(Instant.FromUtc(2026, 10, 24, 18, 0), Instant.FromUtc(2026, 10, 25, 7, 0))
            .ShouldBe("The clocks went back during this shift: 01:00 to 02:00 came twice, so 19:00 to 07:00 is 13 h long.");

    [Fact]
    public void The_night_the_clocks_go_forward_says_what_did_not_exist_and_how_long_the_shift_is() =>
        London.ClockChange(Instant.FromUtc(2026, 3, 28, 19, 0), Instant.FromUtc(2026, 3, 29, 6, 0))
            .ShouldBe("The clocks went forward during this shift: 01:00 to 02:00 did not exist, so 19:00 to 07:00 is 11 h long.");

    [Fact]
    public void A_day_without_a_change_says_nothing() =>
        London.ClockChange(Instant.FromUtc(2026, 6, 1, 8, 0), Instant.FromUtc(2026, 6, 1, 16, 0)).ShouldBeNull();

    [Fact]
    public void A_shift_that_begins_after_the_change_says_nothing() =>
        London.ClockChange(Instant.FromUtc(2026, 3, 29, 1, 0), Instant.FromUtc(2026, 3, 29, 9, 0)).ShouldBeNull();

    [Fact]
    public void A_time_that_does_not_exist_is_refused_with_the_times_that_do()
    {
        var reading = London.Read(new LocalDateTime(2026, 3, 29, 1, 30));

        reading.Instant.ShouldBeNull();
        reading.CameTwice.ShouldBeFalse();
        reading.Problem.ShouldBe("01:30 did not exist on Sun 29 Mar 2026: the clocks went forward from 01:00 to 02:00. Enter a time before 01:00, or from 02:00 on.");
    }

    [Fact]
    public void A_time_that_came_twice_is_asked_about()
    {
        var local = new LocalDateTime(2026, 10, 25, 1, 30);

        London.Read(local).Problem.ShouldBe("The clocks went back, so 01:30 came twice on Sun 25 Oct 2026. Choose which one you mean.");
        London.Read(local, RepeatedTime.Earlier).Instant.ShouldBe(Instant.FromUtc(2026, 10, 25, 0, 30));
        London.Read(local, RepeatedTime.Later).Instant.ShouldBe(Instant.FromUtc(2026, 10, 25, 1, 30));
    }
}
