using CsCheck;
using NodaTime;
using Portal.Data.Timesheets;

namespace Portal.Tests.Timesheets;

public sealed class ClaimReadingTests
{
    private static readonly HospitalClock London = HospitalClock.For("Europe/London");

    /// <summary>Tuesday 2 June 2026, 08:00 to 16:00 by London's clock.</summary>
    private static readonly Claim Plan = new(Instant.FromUtc(2026, 6, 2, 7, 0), Instant.FromUtc(2026, 6, 2, 15, 0), 30);

    private static readonly ClaimEntry AsPlanned = ClaimEntry.Of(Plan, London);

    [Fact]
    public void What_was_claimed_reads_back_as_itself_whatever_the_clocks_did() =>
        Gen.Select(
                Gen.OneOf("Europe/London", "Europe/Dublin", "Australia/Lord_Howe", "America/Havana"),
                Gen.Int[0, 4 * 366 * 24 * 60], Gen.Int[1, 24 * 60], Gen.Double[0, 0.99])
            .Sample((zone, start, length, rest) =>
            {
                var clock = HospitalClock.For(zone);
                var from = Instant.FromUtc(2024, 1, 1, 0, 0) + Duration.FromMinutes(start);
                var claim = new Claim(from, from + Duration.FromMinutes(length), (int)(length * rest));
                var reading = ClaimReading.Read(ClaimEntry.Of(claim, clock), clock, claim, reasonRequired: true);
                return reading.Claim == claim && reading.Problems.Count == 0;
            });

    [Fact]
    public void Whatever_is_typed_gives_a_shift_the_database_takes_or_a_message_and_never_both() =>
        Gen.Select(
                Gen.Int[0, 3 * 366].Select(d => new LocalDate(2024, 1, 1).PlusDays(d)),
                Gen.Int[0, 1439], Gen.Int[0, 1439], Gen.Int[-100, 2000], Gen.OneOf<bool?>(null, true, false),
                Gen.OneOf<RepeatedTime?>(null, RepeatedTime.Earlier, RepeatedTime.Later))
            .Sample((date, start, end, minutes, nextDay, which) =>
            {
                var entry = new ClaimEntry
                {
                    Date = date,
                    Start = LocalTime.FromMinutesSinceMidnight(start),
                    End = LocalTime.FromMinutesSinceMidnight(end),
                    BreakMinutes = minutes,
                    EndsNextDay = nextDay,
                    StartIs = which,
                    EndIs = which,
                };
                var reading = ClaimReading.Read(entry, London, null, reasonRequired: true);
                return reading.Claim is { } claim
                    ? reading.Problems.Count == 0
                      && claim.End > claim.Start && claim.End - claim.Start <= Duration.FromHours(24)
                      && claim.BreakMinutes >= 0 && claim.Worked > Duration.Zero
                    : reading.Problems.Count > 0;
            });

    [Fact]
    public void An_end_not_after_the_start_is_on_the_next_day() =>
        Read(AsPlanned with { Start = new(19, 0), End = new(7, 0) }).Claim?.End.ShouldBe(Instant.FromUtc(2026, 6, 3, 6, 0));

    [Fact]
    public void A_shift_that_ends_before_it_starts_is_refused() =>
        Problem(AsPlanned with { Start = new(16, 0), End = new(8, 0), EndsNextDay = false }, ClaimField.End)
            .ShouldBe("The shift ends before it starts. Correct the times, or tick “Ends the next day” if you worked past midnight.");

    [Fact]
    public void A_shift_of_30_hours_is_refused() =>
        Problem(AsPlanned with { End = new(14, 0), EndsNextDay = true }, ClaimField.End)
            .ShouldBe("That is a shift of 30 h; one timesheet holds at most 24 h. Correct the times, or untick “Ends the next day”.");

    [Fact]
    public void A_break_as_long_as_the_shift_is_refused() =>
        Problem(AsPlanned with { BreakMinutes = 480 }, ClaimField.Break)
            .ShouldBe("A break of 8 h leaves nothing of a shift of 8 h. Enter a shorter break, in minutes.");

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    [InlineData(null)]
    public void A_break_that_cannot_be_is_refused(int? minutes) =>
        Problem(AsPlanned with { BreakMinutes = minutes }, ClaimField.Break).ShouldNotBeNull();

    [Fact]
    public void Every_empty_field_has_its_own_message()
    {
        var problems = Read(new ClaimEntry()).Problems;

        problems.Select(p => p.Field).ShouldBe([ClaimField.Date, ClaimField.Start, ClaimField.End, ClaimField.Break]);
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(2)]
    public void A_day_far_from_the_plan_is_refused(int days) =>
        Problem(AsPlanned with { Date = new LocalDate(2026, 6, 2).PlusDays(days) }, ClaimField.Date)
            .ShouldBe("This shift was booked for Tue 2 Jun 2026. Enter that day, the day before or the day after.");

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(9999, 12, 31)]
    public void A_year_in_which_there_was_no_shift_is_refused(int year, int month, int day) =>
        Problem(AsPlanned with { Date = new LocalDate(year, month, day) }, ClaimField.Date)
            .ShouldBe("No shift was in that year. Check the date.");

    [Fact]
    public void A_reason_is_asked_for_only_when_the_hours_differ_from_the_plan()
    {
        Read(AsPlanned).Problems.ShouldBeEmpty();
        Read(AsPlanned with { End = new(16, 30) }).ProblemWith(ClaimField.Reason)
            .ShouldBe("These are not the planned hours. Say in a few words why.");
        Read(AsPlanned with { End = new(16, 30), Reason = "Handover ran late" }).Problems.ShouldBeEmpty();
        Read(AsPlanned with { End = new(16, 30) }, null).Problems.ShouldBeEmpty();
    }

    [Fact]
    public void A_missing_reason_does_not_hide_the_pay() =>
        Read(AsPlanned with { End = new(16, 30) }).Claim?.Due(20).ShouldBe(160);

    [Fact]
    public void A_very_long_reason_is_refused() =>
        Problem(AsPlanned with { Reason = new string('x', 1001) }, ClaimField.Reason)
            .ShouldBe("That is 1001 characters. Shorten the reason to 1000.");

    [Fact]
    public void On_the_night_the_clocks_go_back_a_shift_may_end_at_an_earlier_time_than_it_began()
    {
        var entry = new ClaimEntry
        {
            Date = new(2026, 10, 25),
            Start = new(1, 45),
            End = new(1, 15),
            EndsNextDay = false,
            BreakMinutes = 0,
            StartIs = RepeatedTime.Earlier,
        };

        var asked = Read(entry, null);
        asked.EndCameTwice.ShouldBeTrue();
        asked.ProblemWith(ClaimField.End).ShouldNotBeNull().ShouldContain("came twice");
        Read(entry with { EndIs = RepeatedTime.Later }, null).Claim?.Worked.ShouldBe(Duration.FromMinutes(30));
        Read(entry with { EndIs = RepeatedTime.Earlier }, null).ProblemWith(ClaimField.End).ShouldNotBeNull().ShouldContain("ends before it starts");
    }

    [Fact]
    public void Twenty_four_hours_by_the_clock_are_too_long_on_the_night_the_clocks_go_back() =>
        Read(new ClaimEntry { Date = new(2026, 10, 24), Start = new(8, 0), End = new(8, 0), BreakMinutes = 0 }, null)
            .ProblemWith(ClaimField.End).ShouldNotBeNull().ShouldContain("25 h");

    [Fact]
    public void What_differs_is_said_in_words()
    {
        var claim = new Claim(Plan.Start - Duration.FromMinutes(30), Plan.End + Duration.FromMinutes(75), 0);

        ClaimChange.Between(Plan, claim).Select(c => c.Text)
            .ShouldBe(["start 30 min earlier", "end 1 h 15 min later", "break 30 min shorter"]);
        ClaimChange.Between(Plan, Plan).ShouldBeEmpty();
    }

    private static ClaimReading Read(ClaimEntry entry) => Read(entry, Plan);

    private static ClaimReading Read(ClaimEntry entry, Claim? plan) => ClaimReading.Read(entry, London, plan, reasonRequired: true);

    private static string? Problem(ClaimEntry entry, ClaimField field)
    {
        var reading = Read(entry);
        reading.Problems.ShouldNotBeEmpty();
        return reading.ProblemWith(field);
    }
}
