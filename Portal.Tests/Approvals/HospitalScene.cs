using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using Portal.Data.Accounts;
using Portal.Data.Approvals;
using Portal.Data.Databases;
using Portal.Data.Payments;
using Portal.Data.Timesheets;

namespace Portal.Tests.Approvals;

/// <summary>
/// Two hospitals with their staff, new ones for each test, so that tests share a database without seeing each other.
/// </summary>
internal sealed class HospitalScene
{
    private static int count;
    private readonly IDbContextFactory<PortalDbContext> contexts;

    private HospitalScene(IDbContextFactory<PortalDbContext> contexts)
    {
        this.contexts = contexts;
        Queue = new ApprovalQueue(contexts);
        Approvals = new ApprovalService(contexts, Time);
        Payments = new PaymentService(contexts, Time);
    }

    /// <summary>08:00 in London on a Monday without a clock change near.</summary>
    public static Instant Eight { get; } = Instant.FromUtc(2026, 6, 1, 7, 0);

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 6, 10, 12, 0, 0, TimeSpan.Zero));

    public ApprovalQueue Queue { get; }

    public ApprovalService Approvals { get; }

    public PaymentService Payments { get; }

    public required Hospital Hospital { get; init; }

    public required Hospital OtherHospital { get; init; }

    /// <summary>Staff of <see cref="Hospital"/>.</summary>
    public Caller Anna => Staff("Anna Lee", Hospital.Id);

    /// <summary>Staff of the same hospital.</summary>
    public Caller Ben => Staff("Ben Okoro", Hospital.Id);

    /// <summary>Staff of <see cref="OtherHospital"/> only.</summary>
    public Caller Stranger => Staff("Sam Stranger", OtherHospital.Id);

    public static async Task<HospitalScene> Create(IDbContextFactory<PortalDbContext> contexts)
    {
        await using var db = await contexts.CreateDbContextAsync();
        var number = $"{Interlocked.Increment(ref count)} {Guid.NewGuid():N}";
        var scene = new HospitalScene(contexts)
        {
            Hospital = new Hospital { Name = $"St Mary {number}" },
            OtherHospital = new Hospital { Name = $"Elsewhere {number}", TimeZone = "Europe/Dublin", Currency = "EUR" },
        };
        db.Hospitals.AddRange(scene.Hospital, scene.OtherHospital);
        await db.SaveChangesAsync();
        return scene;
    }

    public static Caller Staff(string name, params long[] hospitals) =>
        new("account of " + name, name, AccountRole.HospitalStaff, null, hospitals.ToHashSet());

    /// <summary>A timesheet of a new worker, planned 08:00 to 16:00 with a break of 30 minutes at 20.00 an hour: 150.00.</summary>
    /// <param name="endsLater">Minutes worked longer than planned.</param>
    public async Task<TimesheetVersion> Add(
        TimesheetStatus status = TimesheetStatus.Submitted,
        int endsLater = 0,
        int startsLater = 0,
        string worker = "Wendy Worker",
        Hospital? hospital = null,
        long? workerId = null,
        int submittedHoursAgo = 24,
        bool hasPlan = true,
        string? reason = null)
    {
        await using var db = await contexts.CreateDbContextAsync();
        hospital ??= Hospital;
        var person = new Worker { Name = worker };
        var options = new TimesheetOptions
        {
            HospitalId = hospital.Id,
            Unit = "Ward 4",
            PlannedStart = hasPlan ? Eight : null,
            PlannedEnd = hasPlan ? Eight + Duration.FromHours(8) : null,
            PlannedBreakMinutes = hasPlan ? 30 : 0,
            HourlyRate = 20,
            Currency = hospital.Currency,
        };
        db.AddRange(person, options);
        await db.SaveChangesAsync();
        var submitted = Instant.FromDateTimeOffset(Time.GetUtcNow()) - Duration.FromHours(submittedHoursAgo);
        var timesheet = new Timesheet
        {
            WorkerId = workerId ?? person.Id,
            Status = status,
            TimesheetOptionsId = options.Id,
            ClaimedStart = hasPlan ? Eight + Duration.FromMinutes(startsLater) : null,
            ClaimedEnd = hasPlan ? Eight + Duration.FromHours(8) + Duration.FromMinutes(endsLater) : null,
            ClaimedBreakMinutes = hasPlan ? 30 : null,
            SubmittedAt = status == TimesheetStatus.Draft ? null : submitted,
        };
        db.Add(timesheet);
        await db.SaveChangesAsync();
        if (status != TimesheetStatus.Draft)
        {
            db.Add(Entry(timesheet.Id, TimesheetAction.Submitted, TimesheetStatus.Submitted, worker, submitted, reason));
        }

        await db.SaveChangesAsync();
        return await Read(timesheet.Id);
    }

    /// <summary>A new worker without any timesheet.</summary>
    public async Task<long> AddWorker(string name)
    {
        await using var db = await contexts.CreateDbContextAsync();
        var worker = new Worker { Name = name };
        db.Add(worker);
        await db.SaveChangesAsync();
        return worker.Id;
    }

    /// <summary>The worker takes it back, claims an end that many minutes later, and submits it again.</summary>
    public async Task AmendAndSubmit(long id, int endsLater, string worker = "Wendy Worker")
    {
        await using var db = await contexts.CreateDbContextAsync();
        var timesheet = await db.Timesheets.SingleAsync(t => t.Id == id);
        var (from, status) = (timesheet.ClaimedEnd, timesheet.Status);
        timesheet.ClaimedEnd += Duration.FromMinutes(endsLater);
        timesheet.Status = TimesheetStatus.Submitted;
        timesheet.SubmittedAt = Instant.FromDateTimeOffset(Time.GetUtcNow());
        var now = Instant.FromDateTimeOffset(Time.GetUtcNow());
        db.Add(new TimesheetHistory
        {
            TimesheetId = id,
            HappenedAt = now,
            AccountName = worker,
            Action = TimesheetAction.Amended,
            FromStatus = status,
            ToStatus = status,
            FromStart = timesheet.ClaimedStart,
            FromEnd = from,
            FromBreakMinutes = timesheet.ClaimedBreakMinutes,
            ToStart = timesheet.ClaimedStart,
            ToEnd = timesheet.ClaimedEnd,
            ToBreakMinutes = timesheet.ClaimedBreakMinutes,
            Reason = "Handover took longer",
        });
        await db.SaveChangesAsync();
        db.Add(Entry(id, TimesheetAction.Submitted, TimesheetStatus.Submitted, worker, now, null));
        await db.SaveChangesAsync();
    }

    public async Task<TimesheetVersion> Read(long id)
    {
        await using var db = await contexts.CreateDbContextAsync();
        return new TimesheetVersion(id, await db.Timesheets.Where(t => t.Id == id).Select(t => t.Version).SingleAsync());
    }

    public async Task<TimesheetStatus> Status(long id)
    {
        await using var db = await contexts.CreateDbContextAsync();
        return await db.Timesheets.Where(t => t.Id == id).Select(t => t.Status).SingleAsync();
    }

    public async Task<List<TimesheetHistory>> History(long id, TimesheetAction action)
    {
        await using var db = await contexts.CreateDbContextAsync();
        return await db.TimesheetHistory.Where(h => h.TimesheetId == id && h.Action == action).OrderBy(h => h.Id).ToListAsync();
    }

    public async Task<List<Payment>> PaymentsOf(long id)
    {
        await using var db = await contexts.CreateDbContextAsync();
        return await db.Payments.Where(p => p.TimesheetId == id).ToListAsync();
    }

    private static TimesheetHistory Entry(
        long id, TimesheetAction action, TimesheetStatus to, string name, Instant at, string? reason) =>
        new() { TimesheetId = id, HappenedAt = at, AccountName = name, Action = action, ToStatus = to, Reason = reason };
}
