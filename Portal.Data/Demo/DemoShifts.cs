using NodaTime;
using Portal.Data.Timesheets;

namespace Portal.Data.Demo;

/// <summary>Makes up timesheets. The same numbers and the same day give the same timesheets.</summary>
internal sealed class DemoShifts(LocalDate today, int timesheets, long firstWorker)
{
    /// <summary>So many shifts a worker has in the time shown, with days off in between.</summary>
    private const int ShiftsPerWorker = 50;

    private const int DaysBack = 180;
    private const int DaysAhead = 10;

    private static readonly (LocalTime Start, LocalTime End, int Break)[] Patterns =
    [
        (new(7, 0), new(15, 0), 30),
        (new(7, 30), new(20, 0), 60),
        (new(13, 0), new(21, 30), 30),
        (new(19, 30), new(8, 0), 60),
    ];

    // At least 40 workers; more when there are more shifts than these can work.
    private readonly int workers = Math.Max(40, (timesheets + ShiftsPerWorker - 1) / ShiftsPerWorker);

    /// <summary>The numbers of the workers who work these shifts.</summary>
    public IEnumerable<long> Workers => Enumerable.Range(0, workers).Select(n => firstWorker + n);

    public static string WorkerName(long id)
    {
        if (id == DemoWords.DemoWorkerId)
        {
            return DemoWords.DemoWorkerName;
        }

        var first = DemoWords.FirstNames[id % DemoWords.FirstNames.Length];
        var last = DemoWords.LastNames[id * 7 % DemoWords.LastNames.Length];
        return $"{first} {last}";
    }

    public IEnumerable<DemoTimesheet> All()
    {
        for (var n = 0; n < timesheets; n++)
        {
            // Shift by shift through all workers, so that numbers rise with dates as they would in life.
            yield return One(firstWorker + (n % workers), shift: n / workers);
        }
    }

#pragma warning disable CA5394 // Made-up shifts need no secure randomness.
    private DemoTimesheet One(long workerId, int shift)
    {
        var random = new Random(unchecked((int)((workerId * 1_000_003) + shift)));

        // Each shift has its own stretch of days, longer than any shift and its rest, so none overlap.
        var shifts = (timesheets + workers - 1) / workers;
        var stretch = (DaysBack + DaysAhead) / (double)shifts;
        var day = (int)((shift + (random.NextDouble() * 0.4)) * stretch);
        var date = today.PlusDays(day - DaysBack);

        // Most shifts of a worker are at one hospital; the worker of the demo account is at the first.
        var home = workerId == DemoWords.DemoWorkerId ? 0 : (int)(workerId % DemoWords.Hospitals.Length);
        var hospital = DemoWords.Hospitals[random.Next(5) == 0 ? random.Next(DemoWords.Hospitals.Length) : home];
        var unit = DemoWords.Units[random.Next(DemoWords.Units.Length)];
        var pattern = Patterns[random.Next(Patterns.Length)];
        var zone = DateTimeZoneProviders.Tzdb[hospital.TimeZone];

        var planned = new DemoClaim(
            date.At(pattern.Start).InZoneLeniently(zone).ToInstant(),
            (pattern.End > pattern.Start ? date : date.PlusDays(1)).At(pattern.End).InZoneLeniently(zone).ToInstant(),
            pattern.Break);

        var story = new DemoStory(random, WorkerName(workerId), planned, daysAgo: DaysBack - day);
        return new DemoTimesheet(
            workerId, new DemoOptions(hospital.Id, unit.Name, unit.Rate, hospital.Currency, planned),
            story.Claimed, story.Status, story.SubmittedAt, story.PaidAt, story.Events);
    }
#pragma warning restore CA5394
}
