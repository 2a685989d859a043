using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Portal.Data.Accounts;
using Portal.Data.Databases;
using Portal.Data.Payments;
using Portal.Data.Timesheets;

namespace Portal.Tests.Timesheets;

/// <summary>A hospital and two workers, new ones for each test, so that tests share a database without seeing each other.</summary>
internal sealed class WorkerScene
{
    private readonly IDbContextFactory<PortalDbContext> contexts;

    private WorkerScene(IDbContextFactory<PortalDbContext> contexts)
    {
        this.contexts = contexts;
        Queries = new TimesheetQueries(contexts, Time);
        Service = new TimesheetService(contexts, Time, NullLogger<TimesheetService>.Instance);
    }

    /// <summary>08:00 in London on Tuesday 2 June 2026: the planned start, if no other is given.</summary>
    public static Instant Eight { get; } = Instant.FromUtc(2026, 6, 2, 7, 0);

    /// <summary>The shift of <see cref="Eight"/>: until 16:00, with a break of 30 minutes.</summary>
    public static Claim EightToFour { get; } = new(Eight, Eight + Duration.FromHours(8), 30);

    /// <summary>A week after the shift.</summary>
    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 6, 9, 12, 0, 0, TimeSpan.Zero));

    public TimesheetQueries Queries { get; }

    public TimesheetService Service { get; }

    public required Hospital Hospital { get; init; }

    /// <summary>Whose timesheets it is about.</summary>
    public required Caller Wendy { get; init; }

    /// <summary>Another worker.</summary>
    public required Caller Oscar { get; init; }

    public HospitalClock Clock => HospitalClock.For(Hospital.TimeZone);

    public static async Task<WorkerScene> Create(IDbContextFactory<PortalDbContext> contexts, string timeZone = "Europe/London")
    {
        await using var db = await contexts.CreateDbContextAsync();
        var hospital = new Hospital { Name = $"St Mary {Guid.NewGuid():N}", TimeZone = timeZone };
        var wendy = new Worker { Name = "Wendy Worker" };
        var oscar = new Worker { Name = "Oscar Other" };
        db.AddRange(hospital, wendy, oscar);
        await db.SaveChangesAsync();
        return new WorkerScene(contexts) { Hospital = hospital, Wendy = Worker(wendy), Oscar = Worker(oscar) };
    }

    /// <summary>A timesheet that claims what is planned; of Wendy, if nobody else is named.</summary>
    public async Task<long> Add(
        TimesheetStatus status = TimesheetStatus.Draft,
        Claim? plan = null,
        bool hasPlan = true,
        Caller? of = null,
        bool paid = false,
        decimal rate = 20)
    {
        await using var db = await contexts.CreateDbContextAsync();
        plan = hasPlan ? plan ?? EightToFour : null;
        var options = new TimesheetOptions
        {
            HospitalId = Hospital.Id,
            Unit = "Ward 4",
            PlannedStart = plan?.Start,
            PlannedEnd = plan?.End,
            PlannedBreakMinutes = plan?.BreakMinutes ?? 0,
            HourlyRate = rate,
        };
        db.Add(options);
        await db.SaveChangesAsync();
        var timesheet = new Timesheet { WorkerId = (of ?? Wendy).WorkerId ?? 0, Status = status, TimesheetOptionsId = options.Id };
        db.Add(timesheet);
        await db.SaveChangesAsync();
        if (paid)
        {
            db.Add(new Payment { TimesheetId = timesheet.Id, Amount = 150, Currency = "GBP", PaidAt = Eight });
            await db.SaveChangesAsync();
        }

        return timesheet.Id;
    }

    /// <summary>What the hospital answers, as its side writes it.</summary>
    public async Task Decide(long id, TimesheetStatus status, string? reason = null)
    {
        await using var db = await contexts.CreateDbContextAsync();
        var timesheet = await db.Timesheets.SingleAsync(t => t.Id == id);
        db.Add(new TimesheetHistory
        {
            TimesheetId = id,
            HappenedAt = Instant.FromDateTimeOffset(Time.GetUtcNow()),
            AccountName = "Anna Lee",
            Action = status == TimesheetStatus.Approved ? TimesheetAction.Approved : TimesheetAction.Rejected,
            FromStatus = timesheet.Status,
            ToStatus = status,
            Reason = reason,
        });
        timesheet.Status = status;
        await db.SaveChangesAsync();
    }

    public async Task<TimesheetDetail> Get(long id) => (await Queries.GetAsync(Wendy, id)).ShouldNotBeNull();

    /// <summary>The entry with which the page begins.</summary>
    public async Task<ClaimEntry> Entry(long id)
    {
        var detail = await Get(id);
        return ClaimEntry.Of(detail.Claimed, detail.Clock, detail.Reason);
    }

    private static Caller Worker(Worker worker) =>
        new("account of " + worker.Name, worker.Name, AccountRole.Worker, worker.Id, new HashSet<long>());
}
