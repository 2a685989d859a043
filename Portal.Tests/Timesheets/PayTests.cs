using CsCheck;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using Portal.Data.Timesheets;
using Portal.Tests.Support;

namespace Portal.Tests.Timesheets;

/// <summary>The pay on the screen is the pay in the old database, to the penny.</summary>
public sealed class PayTests
{
    private readonly Scratch database = new();

    /// <summary>Shifts that begin at any minute; every third one in a night in which some clock changes.</summary>
    private static readonly Gen<Instant> Starts = Gen.OneOf(
        Gen.Int[0, 3 * 366 * 24 * 60].Select(m => Instant.FromUtc(2024, 1, 1, 0, 0) + Duration.FromMinutes(m)),
        Gen.Int[0, 30 * 60].Select(m => Instant.FromUtc(2026, 3, 28, 0, 0) + Duration.FromMinutes(m)),
        Gen.Int[0, 30 * 60].Select(m => Instant.FromUtc(2026, 10, 24, 0, 0) + Duration.FromMinutes(m)));

    private static readonly Gen<(Claim Claim, decimal Rate)> Shifts =
        Gen.Select(Starts, Gen.Int[1, 24 * 60], Gen.Double[0, 0.99], Gen.Int[0, 99_999]).Select((start, length, rest, pence) =>
            (new Claim(start, start + Duration.FromMinutes(length), (int)(length * rest)), pence / 100m));

    [Theory]
    [InlineData("Europe/London")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("America/New_York")]
    public async Task Hours_pay_and_wall_clock_are_those_of_the_view_for_the_old_database(string timeZone)
    {
        var scene = await WorkerScene.Create(database, timeZone);
        var shifts = Shifts.Array[60].Single();
        await using var db = database.CreateDbContext();
        foreach (var (claim, rate) in shifts)
        {
            // A worker each, as shifts drawn at random overlap.
            var worker = new Worker { Name = "Someone" };
            var options = new TimesheetOptions
            {
                HospitalId = scene.Hospital.Id,
                PlannedStart = claim.Start,
                PlannedEnd = claim.End,
                PlannedBreakMinutes = claim.BreakMinutes,
                HourlyRate = rate,
            };
            db.Add(new Timesheet { Worker = worker, Options = options });
        }

        await db.SaveChangesAsync();
        var rows = await db.Database.SqlQuery<ViewRow>(
            $"""
            select t.claimed_start, t.claimed_end, t.claimed_break_minutes, o.hourly_rate,
                   m.hours_worked, m.amount_due, m.shift_date, m.start_time, m.end_time
              from mapping.timesheet_old m
              join public.timesheet_new t on t.id = m.id
              join public.timesheet_options o on o.id = t.timesheet_options_id
             where m.hospital_id = {scene.Hospital.Id}
            """).ToListAsync();

        rows.Count.ShouldBe(shifts.Length);
        foreach (var row in rows)
        {
            var claim = new Claim(row.ClaimedStart, row.ClaimedEnd, row.ClaimedBreakMinutes);
            claim.Due(row.HourlyRate).ShouldBe(row.AmountDue, claim.ToString());
            Math.Round((decimal)claim.Worked.TotalMinutes / 60, 2, MidpointRounding.AwayFromZero).ShouldBe(row.HoursWorked, claim.ToString());
            scene.Clock.Date(claim.Start).ShouldBe(row.ShiftDate);
            scene.Clock.Time(claim.Start).ShouldBe(row.StartTime);
            scene.Clock.Time(claim.End).ShouldBe(row.EndTime);
        }
    }

    [Fact]
    public void The_break_is_taken_off_once() =>
        WorkerScene.EightToFour.Due(20).ShouldBe(150);

    [Fact]
    public void Half_a_penny_is_rounded_up() =>
        Pay.Due(Duration.FromMinutes(30), 0.01m).ShouldBe(0.01m);

    private sealed record ViewRow(
        Instant ClaimedStart,
        Instant ClaimedEnd,
        int ClaimedBreakMinutes,
        decimal HourlyRate,
        decimal HoursWorked,
        decimal AmountDue,
        LocalDate ShiftDate,
        LocalTime StartTime,
        LocalTime EndTime);
}
