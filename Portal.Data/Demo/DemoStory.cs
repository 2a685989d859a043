using NodaTime;
using Portal.Data.Timesheets;

namespace Portal.Data.Demo;

#pragma warning disable CA5394 // Made-up shifts need no secure randomness.
/// <summary>What happened to one made-up timesheet: the longer ago its shift, the further it has come.</summary>
internal sealed class DemoStory
{
    private readonly Random random;
    private readonly string worker;
    private readonly List<DemoEvent> events = [];
    private Instant clock;

    public DemoStory(Random random, string worker, DemoClaim planned, int daysAgo)
    {
        this.random = random;
        this.worker = worker;
        Claimed = planned;
        clock = planned.End;
        Tell(planned, daysAgo, staff: Pick(DemoWords.Staff));
    }

    public DemoClaim Claimed { get; private set; }

    public TimesheetStatus Status { get; private set; } = TimesheetStatus.Draft;

    public Instant? SubmittedAt { get; private set; }

    public Instant? PaidAt { get; private set; }

    public IReadOnlyList<DemoEvent> Events => events;

    private void Tell(DemoClaim planned, int daysAgo, string staff)
    {
        // Two days after the shift at the earliest, so that no step lies in the future.
        if (daysAgo < 3 || (daysAgo < 10 && Chance(30)))
        {
            return;
        }

        string[] objections = [];
        if (Chance(35))
        {
            (var amended, var reasons, objections) = Amended(planned);
            Amend(amended, Pick(reasons));
        }

        Submit();
        if (daysAgo < 6 || (daysAgo < 15 && Chance(50)))
        {
            return;
        }

        if (objections.Length > 0 && Chance(20))
        {
            Decide(staff, TimesheetStatus.Rejected, TimesheetAction.Rejected, Pick(objections));
            if (daysAgo < 20 || Chance(15))
            {
                return;
            }

            Amend(planned, Pick(DemoWords.Resubmissions));
            Submit();
        }

        Decide(staff, TimesheetStatus.Approved, TimesheetAction.Approved, null);
        if (daysAgo >= 25 || (daysAgo >= 12 && Chance(40)))
        {
            Decide(staff, TimesheetStatus.Approved, TimesheetAction.Paid, null);
            PaidAt = clock;
        }
    }

    private (DemoClaim Claim, string[] Reasons, string[] Objections) Amended(DemoClaim planned) => random.Next(10) switch
    {
        < 5 => (planned with { End = planned.End + Minutes(15, 95) }, DemoWords.FinishedLater, DemoWords.LaterRejected),
        < 7 => (planned with { Start = planned.Start - Minutes(15, 65) }, DemoWords.StartedEarlier, DemoWords.EarlierRejected),
        < 9 => (planned with { BreakMinutes = planned.BreakMinutes / 2 }, DemoWords.BreakCutShort, DemoWords.BreakRejected),
        _ => (planned with { End = planned.End - Minutes(30, 125) }, DemoWords.LeftEarly, DemoWords.LeftEarlyRejected),
    };

    private void Amend(DemoClaim to, string reason)
    {
        Add(worker, TimesheetAction.Amended, Status, to, reason, Duration.FromMinutes(random.Next(10, 240)));
        Claimed = to;
    }

    private void Submit()
    {
        Add(worker, TimesheetAction.Submitted, TimesheetStatus.Submitted, Claimed, null, Duration.FromMinutes(random.Next(1, 60)));
        SubmittedAt = clock;
    }

    // Staff decide in office hours.
    private void Decide(string staff, TimesheetStatus to, TimesheetAction action, string? reason)
    {
        var earliest = (clock + Duration.FromHours(2)).InUtc();
        var day = earliest.Hour >= 16 ? earliest.Date.PlusDays(1) : earliest.Date;
        var at = day.At(new LocalTime(Math.Max(8, day == earliest.Date ? earliest.Hour + 1 : 8), 0)).InUtc().ToInstant();
        Add(staff, action, to, Claimed, reason, at - clock + Duration.FromMinutes(random.Next(0, 55)));
    }

    private void Add(string by, TimesheetAction action, TimesheetStatus to, DemoClaim after, string? reason, Duration later)
    {
        clock += later;
        events.Add(new DemoEvent(clock, by, action, Status, to, Claimed, after, reason));
        Status = to;
    }

    private Duration Minutes(int from, int before) => Duration.FromMinutes(random.Next(from / 5, before / 5) * 5);

    private bool Chance(int percent) => random.Next(100) < percent;

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];
}
#pragma warning restore CA5394
